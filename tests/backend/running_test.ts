import assert from "node:assert/strict";
import {
  type Execution,
  ExecutionEvent_Type as EventType,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  type Backend,
  type BackendClient,
  openBackend,
} from "../../src/backend/open.ts";
import { jsonOfValue, valueMessage } from "../../src/backend/proto_json.ts";
import type { Json } from "../../src/model/json.ts";
import { flowOf } from "./flow.ts";
import { fails, INSTRUCTIONS, runningSuite, temporaryHome } from "./suite.ts";

/** Says how many messages it was given, and the last one. */
const SCRIPT = `
turns:
  - when: { message: { matches: "^(.*)$" } }
    say: "heard \${match.1}"
`;

type Request = Parameters<BackendClient["createExecution"]>[0];

/** Makes scripted agents in a home. */
async function furnish(
  { client }: Backend,
  home: string,
): Promise<void> {
  await Deno.writeTextFile(`${home}/bot.script.yaml`, SCRIPT);
  for (const name of ["bot", "other"]) {
    await client.createAgent({
      agent: {
        metadata: { name },
        spec: {
          instructions: INSTRUCTIONS,
          env: { SHARED: {} },
          model: { name: `script:${home}/bot.script.yaml` },
        },
      },
    });
  }
}

/** Waits for the end of an execution and reads it. */
async function ended(client: BackendClient, id: string): Promise<Execution> {
  for await (const _ of client.watchExecution({ id }));
  const { execution } = await client.getExecution({ id });
  assert.ok(execution);
  return execution;
}

async function run(
  client: BackendClient,
  request: Request,
): Promise<Execution> {
  const { execution } = await client.createExecution(request);
  return await ended(client, execution?.metadata?.id ?? "");
}

function outputOf(execution: Execution): Json {
  return jsonOfValue(execution.status?.output, { absent: null, what: "it" });
}

function asking(call: Record<string, string>): Request {
  const value = flowOf([{ ask: { call: "agent", with: call } }]);
  return {
    kind: "Workflow",
    name: "flow",
    definitions: [{ resource: { case: "workflow", value } }],
  };
}

runningSuite(
  "an agent runs here, with its tasks and its use",
  async (backend, home) => {
    await furnish(backend, home.path);
    const made = await run(backend.client, {
      kind: "Agent",
      name: "bot",
      message: "hello",
    });
    assert.equal(made.status?.phase, Phase.COMPLETED);
    assert.equal(outputOf(made), "heard hello");
    assert.equal(made.status?.usage?.turns, 1);
    assert.equal(made.status?.tasks.length, 1);
    assert.ok(made.status?.startedAt && made.status.completedAt);
  },
);

runningSuite(
  "of many creates with one key, one runs",
  async (backend, home) => {
    await furnish(backend, home.path);
    const { client } = backend;
    const made = await Promise.all(
      Array.from({ length: 8 }, () =>
        client.createExecution({
          kind: "Agent",
          name: "bot",
          message: "hello",
          idempotencyKey: "once",
        })),
    );
    const ids = new Set(made.map((it) => it.execution?.metadata?.id ?? ""));
    assert.equal(ids.size, 1);
    for (const id of ids) await ended(client, id);
    assert.equal((await client.listExecutions({})).executions.length, 1);
    assert.equal((await client.listSessions({})).sessions.length, 1);
  },
);

runningSuite(
  "what is refused here leaves nothing behind",
  async (backend, home) => {
    await furnish(backend, home.path);
    const { client } = backend;
    const before = (await client.getBackendInfo({})).counts;
    const bot = { kind: "Agent", name: "bot", message: "hello" };
    for (const given of [{ message: "" }, { model: "x" }, { session: "no" }]) {
      await assert.rejects(client.createExecution({ ...bot, ...given }));
    }
    assert.deepEqual((await client.getBackendInfo({})).counts, before);
  },
);

runningSuite(
  "a child runs with what its parent runs with",
  async (backend, home) => {
    await furnish(backend, home.path);
    const { client } = backend;
    const flow = await run(client, {
      ...asking({ agent: "bot", message: "from the flow" }),
      variables: { SHARED: "1" },
      workingDirectory: home.path,
    });
    assert.equal(flow.status?.phase, Phase.COMPLETED);
    assert.equal(outputOf(flow), "heard from the flow");
    const id = flow.metadata?.id ?? "";
    const { executions } = await client.listExecutions({ parent: id });
    const [child] = executions;
    assert.equal(executions.length, 1);
    assert.equal(child?.spec?.resourceName, "bot");
    assert.equal(child?.spec?.workingDirectory, home.path);
    assert.equal(child?.spec?.parentPath, flow.status?.tasks[0]?.path);
    assert.equal(child?.spec?.sessionId, "");
    assert.equal(flow.status?.tasks[0]?.childExecutionId, child?.metadata?.id);
    await fails(
      client.getExecutionContext({ executionId: child?.metadata?.id ?? "" }),
      "FAILED_PRECONDITION",
      /it is COMPLETED/,
    );
  },
);

runningSuite(
  "a child goes on with a session of its agent alone",
  async (backend, home) => {
    await furnish(backend, home.path);
    const { client } = backend;
    const first = await run(client, {
      kind: "Agent",
      name: "bot",
      message: "begin",
    });
    const session = first.spec?.sessionId ?? "";
    const good = await run(
      client,
      asking({ agent: "bot", message: "go on", session }),
    );
    assert.equal(good.status?.phase, Phase.COMPLETED);
    const got = await client.getSession({ name: session });
    assert.equal(got.session?.status?.executionCount, 2);
    for (const agent of ["other", "bot"]) {
      const bad = await run(
        client,
        asking({
          agent,
          message: "x",
          session: agent === "bot" ? "none" : session,
        }),
      );
      assert.equal(bad.status?.phase, Phase.FAILED);
      assert.match(bad.status?.error?.detail ?? "", /session "/);
    }
    assert.equal(
      (await client.listExecutions({ session })).executions.length,
      2,
    );
  },
);

runningSuite(
  "a signal and a cancellation reach what runs here",
  async (backend) => {
    const { client } = backend;
    const spec = {
      document: { dsl: "1.0.0", namespace: "t", name: "w", version: "1.0.0" },
      do: [{ rest: { wait: { hours: 1 } } }],
    };
    await client.createWorkflow({
      workflow: { metadata: { name: "w" }, spec },
    });
    const { execution } = await client.createExecution({
      kind: "Workflow",
      name: "w",
    });
    const id = execution?.metadata?.id ?? "";
    for await (const { event } of client.watchExecution({ id })) {
      if (event?.type === EventType.EXECUTION_WAITING) break;
    }
    const { sequence } = await client.signalExecution({
      id,
      name: "hello",
      payload: valueMessage([1]),
    });
    assert.ok(sequence > 1);
    await client.cancelExecution({ id, reason: "enough" });
    const made = await ended(client, id);
    assert.equal(made.status?.phase, Phase.CANCELLED);
    assert.match(made.status?.error?.detail ?? "", /enough/);
  },
);

Deno.test("local: a closed backend says so", async () => {
  await using home = temporaryHome();
  const backend = await openBackend({ home: home.path });
  await backend.close();
  await backend.close();
  await fails(
    backend.work({ signal: new AbortController().signal }),
    "FAILED_PRECONDITION",
    /closed/,
  );
});

Deno.test("ResumeExecution is no error where another process takes the run", async () => {
  await using home = temporaryHome();
  await using first = await openBackend({ home: home.path });
  const spec = {
    document: { dsl: "1.0.3", namespace: "t", name: "nap", version: "1.0.0" },
    do: [
      { nap: { wait: { milliseconds: 60 } } },
      { end: { set: { rested: true } } },
    ],
  };
  await first.client.createWorkflow({
    workflow: { metadata: { name: "nap" }, spec },
  });
  for (let round = 0; round < 6; round++) {
    const { execution } = await first.client.createExecution({
      kind: "Workflow",
      name: "nap",
    });
    const id = execution?.metadata?.id ?? "";
    await first.client.pauseExecution({ id });
    for await (const { event } of first.client.watchExecution({ id })) {
      if (event?.type === EventType.EXECUTION_PAUSED) break;
    }
    // The timer is due by now: both processes want the run at once.
    await new Promise((resolve) => setTimeout(resolve, 80));
    const paused = await first.client.getExecution({ id });
    assert.equal(paused.execution?.status?.phase, Phase.PAUSED);
    // One that has yet to start its worker is the slower of the two.
    await using second = await openBackend({ home: home.path });
    await second.client.resumeExecution({ id });
    const done = await ended(second.client, id);
    assert.deepEqual(outputOf(done), { rested: true });
  }
});

runningSuite(
  "a paused execution shows no task that was not begun",
  async (backend) => {
    const { client } = backend;
    const spec = {
      document: {
        dsl: "1.0.3",
        namespace: "t",
        name: "three",
        version: "1.0.0",
      },
      do: [
        { first: { run: { shell: { command: "sleep 0.3" } } } },
        { pure: { set: { x: 1 } } },
        { last: { run: { shell: { command: "echo last" } } } },
      ],
    };
    await client.createWorkflow({
      workflow: { metadata: { name: "three" }, spec },
    });
    const { execution } = await client.createExecution({
      kind: "Workflow",
      name: "three",
    });
    const id = execution?.metadata?.id ?? "";
    for await (const { event } of client.watchExecution({ id })) {
      if (event?.type === EventType.TASK_STARTED) {
        await client.pauseExecution({ id });
      }
      if (event?.type === EventType.TASK_COMPLETED) break;
    }
    const paused = await client.getExecution({ id });
    assert.deepEqual(
      paused.execution?.status?.tasks.map((it) => [it.name, it.phase]),
      [["first", Phase.COMPLETED]],
    );
    await client.resumeExecution({ id });
    const done = await ended(client, id);
    assert.deepEqual(
      done.status?.tasks.map((it) => it.name),
      ["first", "pure", "last"],
    );
  },
);
