import assert from "node:assert/strict";
import {
  ExecutionEvent_Type as EventType,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { CollectGarbageResponse } from "../../gen/stigmer/backend/v1/operations_pb.ts";
import type { LocalBackend } from "../../src/backend/local.ts";
import { standardDriver } from "../../src/store/drivers.ts";
import { flowOf } from "../backend/flow.ts";
import { fails, INSTRUCTIONS } from "../backend/suite.ts";
import {
  DAY_MS,
  days,
  furnish,
  LARGE,
  laterHost,
  newHome,
  openHere,
  runFlow,
  wrongIn,
} from "./keeping.ts";

type Counts = Omit<
  CollectGarbageResponse,
  "$typeName" | "$unknown" | "freedBytes"
>;

function countsOf(answer: CollectGarbageResponse): Counts {
  const { $typeName: _, $unknown: __, freedBytes: ___, ...counts } = answer;
  return counts;
}

async function idsOf({ client }: LocalBackend): Promise<readonly string[]> {
  const { executions } = await client.listExecutions({ page: { size: 1000 } });
  return executions.map((it) => it.metadata?.id ?? "");
}

Deno.test("what a dry run counts is what goes, and nothing goes by it", async () => {
  await using home = newHome();
  const host = laterHost();
  await using backend = openHere(home.path, host);
  const { client } = backend;
  await furnish(backend);
  await runFlow(backend, "parent");
  const old = await runFlow(backend, "flow", { input: { text: LARGE } });
  await client.storeArtifact({
    executionId: old,
    name: "a.bin",
    content: new TextEncoder().encode(`${LARGE}a`),
  });
  await client.publishEvent({
    cloudEvent: { id: "1", source: "/t", type: "t" },
  });
  host.pass(10 * DAY_MS);
  const young = await runFlow(backend, "flow", { input: { text: LARGE } });
  const retention = { executions: days(5), events: days(5), audit: days(5) };
  const dry = await client.collectGarbage({ retention, dryRun: true });
  assert.equal((await idsOf(backend)).length, 5);
  const real = await client.collectGarbage({ retention });
  assert.deepEqual(countsOf(real), countsOf(dry));
  assert.equal(real.executionCount, 4);
  assert.deepEqual([real.artifactCount, real.eventCount], [1, 1]);
  // The young one has the large input, too.
  assert.equal(real.valueCount, 1);
  assert.deepEqual(await idsOf(backend), [young]);
  assert.deepEqual(wrongIn(`${home.path}/stigmer.db`), []);
  const again = await client.collectGarbage({ retention });
  assert.equal(again.executionCount, 0);
  await fails(client.getExecution({ id: old }), "NOT_FOUND");
});

Deno.test("nothing that a running execution needs goes", async () => {
  await using home = newHome();
  const host = laterHost();
  await using backend = openHere(home.path, host);
  const { client } = backend;
  await furnish(backend);
  const waiting = await runFlow(backend, "waiting", { until: Phase.WAITING });
  const before = await client.getExecution({ id: waiting });
  host.pass(30 * DAY_MS);
  const real = await client.collectGarbage({
    retention: {
      executions: days(1),
      journals: days(1),
      artifacts: days(1),
      versions: 1,
    },
  });
  assert.deepEqual([real.executionCount, real.journalCount], [0, 0]);
  assert.equal((await idsOf(backend)).length, 2);
  assert.deepEqual(await client.getExecution({ id: waiting }), before);
});

Deno.test("without a journal a run keeps its result, and says so", async () => {
  await using home = newHome();
  const host = laterHost();
  await using backend = openHere(home.path, host);
  const { client } = backend;
  await furnish(backend);
  const id = await runFlow(backend, "flow", { input: { text: LARGE } });
  const before = await client.getExecution({ id });
  host.pass(10 * DAY_MS);
  const retention = { journals: days(5) };
  const real = await client.collectGarbage({ retention });
  assert.deepEqual([real.executionCount, real.journalCount], [0, 1]);
  const { execution } = await client.getExecution({ id });
  assert.deepEqual(execution?.spec, before.execution?.spec);
  assert.deepEqual(execution?.status?.output, before.execution?.status?.output);
  assert.deepEqual(execution?.status?.tasks, []);
  assert.ok(execution?.status?.journalRemovedAt);
  const types = [];
  for await (const { event } of client.watchExecution({ id })) {
    types.push(event?.type);
  }
  assert.deepEqual(types, [
    EventType.EXECUTION_CREATED,
    EventType.EXECUTION_COMPLETED,
  ]);
  await fails(
    client.traceExecution({ id }),
    "FAILED_PRECONDITION",
    /its journal was removed on \d{4}-\d\d-\d\d/,
  );
  await fails(
    client.retryExecution({ id, from: "one" }),
    "FAILED_PRECONDITION",
    /its journal was removed on/,
  );
  assert.equal((await client.collectGarbage({ retention })).journalCount, 0);
  assert.deepEqual(wrongIn(`${home.path}/stigmer.db`), []);
});

Deno.test("versions go but for the newest ones and those that runs pin", async () => {
  await using home = newHome();
  const host = laterHost();
  await using backend = openHere(home.path, host);
  const { client } = backend;
  await furnish(backend);
  await runFlow(backend, "flow");
  for (let i = 2; i <= 8; i++) {
    const { workflow } = await client.getWorkflow({ name: "flow" });
    assert.ok(workflow?.spec);
    workflow.spec.description = `the ${i}th`;
    await client.updateWorkflow({ workflow });
  }
  const real = await client.collectGarbage({ retention: { versions: 3 } });
  assert.equal(real.versionCount, 4);
  const { versions } = await client.listResourceVersions({
    kind: "Workflow",
    name: "flow",
  });
  assert.deepEqual(versions.map((it) => it.version?.number), [8, 7, 6, 1]);
  assert.deepEqual(wrongIn(`${home.path}/stigmer.db`), []);
});

Deno.test("versions of tool servers that runs have pinned stay", async () => {
  await using home = newHome();
  await using backend = openHere(home.path, laterHost(), { execute: "none" });
  const { client } = backend;
  const serverOf = (description: string) => ({
    metadata: { name: "Clock" },
    spec: { description, transport: { case: "catalog", value: "time" } },
  } as const);
  await client.createMcpServer({ mcpServer: serverOf("1") });
  const ask = { server: "clock", method: "tools/list" };
  await client.createWorkflow({
    workflow: flowOf([{ ask: { call: "mcp", with: ask } }], "flow"),
  });
  await client.createAgent({
    agent: {
      metadata: { name: "bot" },
      spec: { instructions: INSTRUCTIONS, mcpServers: [{ server: "clock" }] },
    },
  });
  const ids: string[] = [];
  for (const [i, kind] of ["Workflow", "Agent"].entries()) {
    const name = kind === "Agent" ? "bot" : "flow";
    const message = kind === "Agent" ? "Hi" : "";
    const made = await client.createExecution({ kind, name, message });
    const { id = "" } = made.execution?.metadata ?? {};
    await client.cancelExecution({ id });
    ids.push(id);
    for (const turn of [0, 1]) {
      const mcpServer = serverOf(`${i}.${turn}`);
      await client.updateMcpServer({ mcpServer });
    }
  }
  const numbers = async () => {
    const of = { kind: "McpServer", name: "clock" };
    const { versions } = await client.listResourceVersions(of);
    return versions.map((it) => it.version?.number);
  };
  assert.deepEqual(await numbers(), [5, 4, 3, 2, 1]);
  const retention = { versions: 1 };
  const { versionCount } = await client.collectGarbage({ retention });
  assert.deepEqual([versionCount, await numbers()], [2, [5, 3, 1]]);
  // What they have pinned is what a retry of them runs with.
  for (const id of ids) {
    const before = await client.getExecution({ id });
    const { execution } = await client.retryExecution({ id });
    assert.deepEqual(
      execution?.spec?.mcpServers,
      before.execution?.spec?.mcpServers,
    );
  }
});

Deno.test("what is known of servers that workflows compute is bounded", async () => {
  await using home = newHome();
  const host = laterHost();
  await using backend = openHere(home.path, host);
  const { client } = backend;
  const server = new URL("../servers/tool_server.ts", import.meta.url).pathname;
  const args = ["run", "--no-check", "-A", server, "good", "${ .word }"];
  const transport = { stdio: { command: Deno.execPath(), arguments: args } };
  const parameters = { name: "echo", arguments: {} };
  const ask = { method: "tools/call", parameters, transport };
  await client.createWorkflow({
    workflow: flowOf([{ ask: { call: "mcp", with: ask } }], "flow"),
  });
  const pins = () => {
    using database = standardDriver().open(`${home.path}/stigmer.db`, {
      readonly: true,
    });
    return database.prepare("SELECT server FROM tool_pins").all()
      .map((it) => String(it.server));
  };
  for (const word of ["one-word", "two-words"]) {
    await runFlow(backend, "flow", { input: { word: `${home.path}/${word}` } });
  }
  assert.equal(pins().length, 2);
  assert.doesNotMatch(pins().join(), /word"|words/);
  host.pass(60 * DAY_MS);
  await runFlow(backend, "flow", { input: { word: `${home.path}/one-word` } });
  host.pass(60 * DAY_MS);
  const dry = await client.collectGarbage({ dryRun: true });
  const { otherCount } = await client.collectGarbage({});
  assert.deepEqual([dry.otherCount, otherCount], [1, 1]);
  // One that is used stays what it was.
  assert.equal(pins().length, 1);
});

Deno.test("retention is kept, checked, and in force without being named", async () => {
  await using home = newHome();
  const host = laterHost();
  await using backend = openHere(home.path, host);
  const { client } = backend;
  await furnish(backend);
  await runFlow(backend, "flow");
  host.pass(10 * DAY_MS);
  const nothing = await client.collectGarbage({});
  assert.equal(nothing.executionCount, 0);
  const retention = { executions: days(5), versions: 3 };
  await client.setRetention({ retention });
  const got = await client.getRetention({});
  assert.equal(got.retention?.executions?.seconds, days(5).seconds);
  assert.equal(got.retention?.versions, 3);
  assert.equal(got.retention?.journals, undefined);
  assert.ok(got.collectedAt);
  assert.equal((await client.collectGarbage({})).executionCount, 1);
  for (const seconds of [-1n, 4_000_000_000_000n]) {
    await fails(
      client.setRetention({ retention: { events: { seconds } } }),
      "INVALID_ARGUMENT",
      /Cannot keep "events" for/,
    );
  }
});

Deno.test("a session goes with its executions, unless one is under way", async () => {
  await using home = newHome();
  const host = laterHost();
  await using backend = openHere(home.path, host);
  const { client } = backend;
  await Deno.writeTextFile(
    `${home.path}/bot.yaml`,
    'turns: [{ when: { message: { matches: ".*" } }, say: hello }]\n',
  );
  await client.createAgent({
    agent: {
      metadata: { name: "bot" },
      spec: {
        instructions: INSTRUCTIONS,
        model: { name: `script:${home.path}/bot.yaml` },
      },
    },
  });
  const say = async (session: string): Promise<string> => {
    const { execution } = await client.createExecution({
      kind: "Agent",
      name: "bot",
      message: "hi",
      session,
    });
    for await (
      const _ of client.watchExecution({ id: execution?.metadata?.id ?? "" })
    );
    return execution?.spec?.sessionId ?? "";
  };
  const [kept, gone, origin] = [await say(""), await say(""), await say("")];
  await say(kept);
  const { session: forked } = await client.forkSession({ name: origin });
  const fork = forked?.metadata?.id ?? "";
  host.pass(10 * DAY_MS);
  // Nobody runs it: it is under way, and its history is the session's.
  await using idle = openHere(home.path, host, { execute: "none" });
  await idle.client.createExecution({
    kind: "Agent",
    name: "bot",
    message: "again",
    session: kept,
  });
  // What a fork goes on from is its history, too.
  await idle.client.createExecution({
    kind: "Agent",
    name: "bot",
    message: "another way",
    session: fork,
  });
  const retention = { executions: days(5) };
  const dry = await client.collectGarbage({ retention, dryRun: true });
  const real = await client.collectGarbage({ retention });
  assert.deepEqual(countsOf(real), countsOf(dry));
  assert.equal(real.executionCount, 1);
  const { sessions } = await client.listSessions({});
  assert.deepEqual(
    sessions.map((it) => it.metadata?.id).sort(),
    [kept, origin, fork].sort(),
  );
  await fails(client.getSession({ name: gone }), "NOT_FOUND");
  assert.equal((await idsOf(backend)).length, 5);
});
