import assert from "node:assert/strict";
import { fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import {
  type Execution,
  Phase,
  type TaskStatus,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { type BackendClient, openBackend } from "../../src/backend/open.ts";
import { jsonOfValue } from "../../src/backend/proto_json.ts";
import type { Json } from "../../src/model/json.ts";
import { type LedgerTools, startLedgerTools } from "../servers/ledger_tools.ts";
import { until } from "../until.ts";
import {
  fails,
  identityOf,
  INSTRUCTIONS,
  runningSuite,
  temporaryHome,
} from "./suite.ts";

const ALWAYS = fromJson(ValueSchema, { always: true });
const SCRIPT = `turns:
  - { when: { toolResult: did }, say: "so it is", repeat: true }
  - { when: { message: delegate }, call: { tool: agent_helper, arguments: { message: book } } }
  - { when: { message: book }, call: { tool: ledger_book, arguments: { text: "a room" } } }
  - when: { message: twice }
    calls:
      - { tool: ledger_book, arguments: { text: one } }
      - { tool: ledger_book, arguments: { text: two } }
  - { say: "told: \${toolResult}", repeat: true }
`;

/** Stores an agent with a ledger, and one that works for it. */
async function furnish(
  client: BackendClient,
  { path }: { readonly path: string },
  tools: LedgerTools,
): Promise<void> {
  await Deno.writeTextFile(`${path}/clerk.script.yaml`, SCRIPT);
  await client.createAgent({
    agent: {
      metadata: { name: "clerk" },
      spec: {
        instructions: INSTRUCTIONS,
        model: { name: `script:${path}/clerk.script.yaml` },
        mcpServers: [{
          name: "ledger",
          transport: { case: "http", value: { url: tools.url } },
        }],
        subAgents: [{ name: "helper", instructions: INSTRUCTIONS }],
      },
    },
  });
}

async function begin(
  client: BackendClient,
  message: string,
  session = "",
): Promise<Execution> {
  const { execution } = await client.createExecution({
    kind: "Agent",
    name: "clerk",
    message,
    session,
  });
  assert(execution !== undefined);
  return execution;
}

function idOf({ metadata }: Execution): string {
  return metadata?.id ?? "";
}

/** Waits until an execution asks, and gives the tasks that do. */
async function asking(
  client: BackendClient,
  id: string,
): Promise<readonly TaskStatus[]> {
  return await until(async () => {
    const { execution } = await client.getExecution({ id });
    const { tasks = [], phase } = execution?.status ?? {};
    const asks = tasks.filter((it) => it.human !== undefined);
    return phase === Phase.WAITING && asks.length > 0 && asks;
  });
}

async function ended(client: BackendClient, id: string): Promise<Execution> {
  return await until(async () => {
    const { execution } = await client.getExecution({ id });
    const phase = execution?.status?.phase ?? Phase.PENDING;
    const ends = [Phase.COMPLETED, Phase.FAILED, Phase.CANCELLED];
    return ends.includes(phase) && execution;
  });
}

function outputOf({ status }: Execution): Json {
  return jsonOfValue(status?.output, { absent: null, what: "it" });
}

runningSuite(
  "a call that waits says what is called, and by which rule, to whoever looks",
  async ({ client }, home) => {
    await using tools = startLedgerTools();
    await furnish(client, home, tools);
    const id = idOf(await begin(client, "book"));
    const [task] = await asking(client, id);
    const rule = "default: its server does not say what it does";
    assert.equal(task?.rule, rule);
    assert.equal(task?.phase, Phase.WAITING);
    assert.deepEqual(task?.human?.outcomes, ["approve", "reject", "skip"]);
    const { toolCall: call } = task.human;
    assert.deepEqual([
      call?.server,
      call?.tool,
      call?.effect,
      call?.rule,
      call?.arguments,
    ], [
      "ledger",
      "book",
      "unknown",
      rule,
      { text: "a room" },
    ]);
    const { executions } = await client.listExecutions({});
    assert.equal(
      executions[0]?.status?.waitingFor,
      'approval of ledger_book(text="a room")',
    );
    await client.respondExecution({ id, outcome: "approve" });
    const done = await ended(client, id);
    assert.equal(outputOf(done), "so it is");
    const traced = await client.traceExecution({ id });
    assert.deepEqual(
      traced.tasks.map((it) => it.status?.rule).filter((it) => it !== ""),
      [`${rule}; approved by ${await identityOf(client)}`],
    );
    assert.equal(tools.ledger.length, 1);
  },
);

runningSuite(
  "a call whose arguments are nested deep can be seen and answered, and is made as it is",
  async ({ client }, home) => {
    await using tools = startLedgerTools();
    await furnish(client, home, tools);
    const text = `${"[".repeat(60)}"deep"${"]".repeat(60)}`;
    await Deno.writeTextFile(
      `${home.path}/clerk.script.yaml`,
      `turns:
  - { call: { tool: ledger_book, arguments: { text: ${text} } } }
  - { say: done }
`,
    );
    const id = idOf(await begin(client, "book"));
    const [task] = await asking(client, id);
    const shown = JSON.stringify(task?.human?.toolCall?.arguments);
    assert.match(shown, /deep/);
    await client.respondExecution({ id, outcome: "approve" });
    assert.equal((await ended(client, id)).status?.phase, Phase.COMPLETED);
    assert.equal(tools.ledger[0]?.text, "deep");
    // Who looks back at it sees it, too.
    const watched: string[] = [];
    const watch = client.watchExecution({ id, stopAtEnd: true });
    for await (const { event } of watch) {
      watched.push(JSON.stringify(event?.data ?? null));
    }
    assert.match(watched.join(), /deep/);
    const { tasks } = await client.traceExecution({ id });
    const inputs = tasks.map((it) => it.input ?? null);
    assert.match(JSON.stringify(inputs), /deep/);
  },
);

runningSuite(
  "of two who answer at once one counts, and a wrong answer counts for nothing",
  async ({ client }, home) => {
    await using tools = startLedgerTools();
    await furnish(client, home, tools);
    const id = idOf(await begin(client, "book"));
    await asking(client, id);
    await fails(
      client.respondExecution({ id, outcome: "aprove" }),
      "INVALID_ARGUMENT",
      /"aprove" is not an outcome/,
    );
    const data = fromJson(ValueSchema, { for: "ever" });
    await fails(
      client.respondExecution({ id, outcome: "approve", data }),
      "INVALID_ARGUMENT",
      /can only say that it goes for all later calls/,
    );
    const answers = await Promise.allSettled(
      ["approve", "reject", "skip"].map((outcome) =>
        client.respondExecution({ id, task: "ledger_book", outcome })
      ),
    );
    const taken = answers.filter(({ status }) => status === "fulfilled");
    assert.equal(taken.length, 1);
    await ended(client, id);
    const isApproved = answers[0]?.status === "fulfilled";
    assert.equal(tools.ledger.length, isApproved ? 1 : 0);
  },
);

runningSuite(
  "what a sub-agent asks is asked by its parent, and the answer goes down",
  async ({ client }, home) => {
    await using tools = startLedgerTools();
    await furnish(client, home, tools);
    const parent = await begin(client, "delegate");
    const id = idOf(parent);
    const [task] = await asking(client, id);
    assert.equal(task?.kind, "sub-agent");
    assert.equal(task?.human?.toolCall?.tool, "book");
    // Who looks for what they started does not find who works for it.
    const top = await client.listExecutions({ topLevel: true });
    assert.deepEqual(top.executions.map(idOf), [id]);
    await fails(
      client.listExecutions({ topLevel: true, parent: id }),
      "INVALID_ARGUMENT",
    );
    const waiting = await client.getExecution({ id });
    assert.match(
      waiting.execution?.status?.waitingFor ?? "",
      /^approval of ledger_book\(text="a room"\) in agent "helper" \(aex-/,
    );
    await client.respondExecution({ id, outcome: "approve", data: ALWAYS });
    // Who is late is told who was earlier, by whatever it is called.
    const earlier =
      /it asks nothing any more, it is \w+; the last answer was "approve" by/;
    for (const late of [{ id }, { id, task: task?.path ?? "" }]) {
      await fails(
        client.respondExecution({ ...late, outcome: "skip" }),
        "FAILED_PRECONDITION",
        earlier,
      );
    }
    assert.equal((await ended(client, id)).status?.phase, Phase.COMPLETED);
    await fails(
      client.respondExecution({ id, outcome: "skip" }),
      "FAILED_PRECONDITION",
      earlier,
    );
    // For the sub-agent of the session, and for nobody else in it.
    const session = parent.spec?.sessionId ?? "";
    const again = idOf(await begin(client, "delegate", session));
    assert.equal(
      (await ended(client, again)).status?.phase,
      Phase.COMPLETED,
    );
    const own = idOf(await begin(client, "book", session));
    assert.equal((await asking(client, own)).length, 1);
    assert.equal(tools.ledger.length, 2);
  },
);

runningSuite(
  "one answer for always goes for all calls of the tool that wait",
  async ({ client }, home) => {
    await using tools = startLedgerTools();
    await furnish(client, home, tools);
    const run = await begin(client, "twice");
    const id = idOf(run);
    const [first, second] = await asking(client, id);
    await fails(
      client.respondExecution({ id, outcome: "skip" }),
      "FAILED_PRECONDITION",
      /2 tasks wait for an answer, name one/,
    );
    await client.respondExecution({
      id,
      task: first?.path ?? "",
      outcome: "reject",
      comment: "no rooms",
      data: ALWAYS,
    });
    await fails(
      client.respondExecution({
        id,
        task: second?.path ?? "",
        outcome: "approve",
        data: ALWAYS,
      }),
      "FAILED_PRECONDITION",
    );
    await ended(client, id);
    const session = run.spec?.sessionId ?? "";
    const next = await ended(
      client,
      idOf(await begin(client, "book", session)),
    );
    assert.match(String(outputOf(next)), /A person rejected the call/);
    assert.equal(tools.ledger.length, 0);
  },
);

runningSuite(
  "a run that waits may be held, cancelled and tried again, and asks anew",
  async ({ client }, home) => {
    await using tools = startLedgerTools();
    await furnish(client, home, tools);
    const held = idOf(await begin(client, "book"));
    await asking(client, held);
    await client.pauseExecution({ id: held });
    await client.respondExecution({ id: held, outcome: "approve" });
    assert.equal(tools.ledger.length, 0);
    await client.resumeExecution({ id: held });
    assert.equal((await ended(client, held)).status?.phase, Phase.COMPLETED);
    assert.equal(tools.ledger.length, 1);

    const run = await begin(client, "book");
    const id = idOf(run);
    await asking(client, id);
    // The next one of the session waits, and for what is to be seen.
    const next = idOf(await begin(client, "book", run.spec?.sessionId ?? ""));
    const { execution } = await client.getExecution({ id: next });
    assert.equal(execution?.status?.phase, Phase.PENDING);
    assert.match(execution.status.waitingFor, /approval of ledger_book/);
    await client.cancelExecution({ id });
    const cancelled = await ended(client, id);
    assert.equal(cancelled.status?.phase, Phase.CANCELLED);
    assert.deepEqual(
      cancelled.status.tasks.map((it) => [it.phase, it.human]),
      [[Phase.COMPLETED, undefined], [Phase.CANCELLED, undefined]],
    );
    await fails(
      client.respondExecution({ id, outcome: "approve" }),
      "FAILED_PRECONDITION",
    );
    const retried = await client.retryExecution({ id });
    await client.cancelExecution({ id: next });
    const again = retried.execution?.metadata?.id ?? "";
    assert.equal((await asking(client, again)).length, 1);
    await client.respondExecution({ id: again, outcome: "skip" });
    assert.match(
      String(outputOf(await ended(client, again))),
      /told: A person skipped/,
    );
    assert.equal(tools.ledger.length, 1);
  },
);

Deno.test(
  "the time limit of a run does not pass while it, or who works for it, waits",
  async () => {
    await using home = temporaryHome();
    await using backend = await openBackend({ home: home.path });
    const { client } = backend;
    await using tools = startLedgerTools();
    await furnish(client, home, tools);
    const runs = [];
    for (const message of ["book", "delegate"]) {
      const { execution } = await client.createExecution({
        kind: "Agent",
        name: "clerk",
        message,
        timeout: { seconds: 2n },
      });
      runs.push(execution?.metadata?.id ?? "");
    }
    for (const id of runs) await asking(client, id);
    const { execution } = await client.getExecution({ id: runs[1] ?? "" });
    assert.equal(execution?.status?.dueAt, undefined);
    const startedMs = Date.now();
    await until(() => Date.now() - startedMs > 2200);
    for (const id of runs) {
      await client.respondExecution({ id, outcome: "approve" });
    }
    for (const id of runs) {
      const { status } = await ended(client, id);
      assert.equal(status?.phase, Phase.COMPLETED, status?.error?.detail);
    }
  },
);
