import assert from "node:assert/strict";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Execution,
  ExecutionEvent_Type as EventType,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { valueMessage } from "../../src/backend/proto_json.ts";
import { flowOf } from "./flow.ts";
import { fails, identityOf, INSTRUCTIONS, suite } from "./suite.ts";

const SPEC = { env: { A: {} }, ...flowOf().spec };
const MISSING = "wex-01h00000000000000000000000";

async function makeWorkflow(
  client: BackendClient,
  name: string,
): Promise<void> {
  await client.createWorkflow({ workflow: { metadata: { name }, spec: SPEC } });
}

/** Stores an execution that nobody runs. */
async function start(
  client: BackendClient,
  given: Parameters<BackendClient["createExecution"]>[0] = {},
): Promise<Execution> {
  const { execution } = await client.createExecution({
    kind: "Workflow",
    name: "flow",
    ...given,
  });
  assert.ok(execution);
  return execution;
}

function idOf(execution: Execution): string {
  return execution.metadata?.id ?? "";
}

suite(
  "CreateExecution stores a pending execution that is pinned",
  async (client) => {
    await makeWorkflow(client, "flow");
    const input = { text: "naïve ☃ 👩‍🚀", list: [1, null, { deep: true }] };
    const made = await start(client, {
      input: valueMessage(input),
      labels: { k: "v" },
    });
    const { workflow } = await client.getWorkflow({ name: "flow" });
    assert.match(idOf(made), /^wex-/);
    assert.equal(made.kind, "WorkflowExecution");
    assert.equal(made.status?.phase, Phase.PENDING);
    assert.equal(made.spec?.resourceId, workflow?.metadata?.id);
    assert.equal(made.spec?.resourceVersionId, workflow?.metadata?.version?.id);
    assert.equal(made.spec?.instanceId, workflow?.status?.defaultInstanceId);
    assert.deepEqual(made.metadata?.labels, { k: "v" });
    const { execution } = await client.getExecution({ id: idOf(made) });
    assert.deepEqual(execution?.spec, made.spec);
    const [created] = await watch(client, idOf(made));
    assert.equal(created?.type, EventType.EXECUTION_CREATED);
    assert.deepEqual(created?.data, valueMessage(input));
  },
);

suite(
  "CreateExecution with a key that stands for another request is refused",
  async (client) => {
    await makeWorkflow(client, "flow");
    await makeWorkflow(client, "other");
    await start(client, { idempotencyKey: "once", labels: { a: "b" } });
    for (
      const given of [
        { name: "other" },
        { input: { kind: { case: "stringValue", value: "x" } } },
        { variables: { A: "b" } },
      ] as const
    ) {
      await fails(
        start(client, { ...given, idempotencyKey: "once" }),
        "ALREADY_EXISTS",
        /key "once" is\s+taken/,
      );
    }
    assert.equal((await client.listExecutions({})).executions.length, 1);
  },
);

suite("ListExecutions keeps those with the labels", async (client) => {
  await makeWorkflow(client, "flow");
  const labels = { team: "a", tier: "1" };
  const marked = idOf(await start(client, { labels }));
  await start(client, { labels: { team: "a" } });
  await start(client);
  const ids = async (match: Record<string, string>): Promise<string[]> =>
    (await client.listExecutions({ labels: { match } })).executions.map(idOf);
  assert.deepEqual(await ids(labels), [marked]);
  assert.equal((await ids({ team: "a" })).length, 2);
  assert.deepEqual(await ids({ team: "b" }), []);
});

suite(
  "CreateExecution with a key again gives the first one",
  async (client) => {
    await makeWorkflow(client, "flow");
    const first = await start(client, { idempotencyKey: "once" });
    const again = await start(client, { idempotencyKey: "once" });
    assert.equal(idOf(again), idOf(first));
    assert.notEqual(idOf(await start(client)), idOf(first));
    const { executions } = await client.listExecutions({});
    assert.equal(executions.length, 2);
  },
);

suite(
  "CreateExecution runs what came along without storing it",
  async (client) => {
    const workflow = { metadata: { name: "loose" }, spec: SPEC };
    const made = await start(client, {
      name: "loose",
      definitions: [{ resource: { case: "workflow", value: workflow } }],
    });
    assert.equal(made.spec?.resourceId, "");
    assert.equal(made.spec?.resourceName, "loose");
    assert.equal((await client.listWorkflows({})).workflows.length, 0);
  },
);

suite("CreateExecution refuses what cannot run", async (client) => {
  await makeWorkflow(client, "flow");
  await client.createAgent({
    agent: {
      metadata: { name: "bot" },
      spec: {
        instructions: INSTRUCTIONS,
        env: { TOKEN_NAME: { required: true } },
      },
    },
  });
  const bad = { metadata: { name: "bad" }, spec: { ...SPEC, do: [{ x: {} }] } };
  const cases = {
    INVALID_ARGUMENT: [
      { kind: "Robot", name: "flow" },
      { kind: "Workflow", name: "" },
      {
        kind: "Workflow",
        name: "bad",
        definitions: [{
          resource: { case: "workflow" as const, value: bad },
        }],
      },
    ],
    NOT_FOUND: [
      { kind: "Workflow", name: "flo" },
      { kind: "Agent", name: "flow" },
      { kind: "Workflow", name: "flow", instance: "none" },
      { kind: "Workflow", name: "flow", environments: ["none"] },
      { kind: "Agent", name: "bot", session: "none", message: "x" },
    ],
  } as const;
  for (const given of cases.INVALID_ARGUMENT) {
    const definitions = "definitions" in given ? [...given.definitions] : [];
    await fails(
      client.createExecution({ ...given, definitions }),
      "INVALID_ARGUMENT",
    );
  }
  for (const given of cases.NOT_FOUND) {
    const environments = "environments" in given ? [...given.environments] : [];
    await fails(
      client.createExecution({ ...given, environments }),
      "NOT_FOUND",
    );
  }
  const missing = await client.createExecution({
    kind: "Agent",
    name: "bot",
    message: "x",
  }).then(() => "", (error: Error) => error.message);
  assert.match(missing, /TOKEN_NAME/);
  assert.equal((await client.listExecutions({})).executions.length, 0);
});

suite("ListExecutions filters and pages", async (client) => {
  await makeWorkflow(client, "flow");
  await makeWorkflow(client, "other");
  await client.createAgent({
    agent: { metadata: { name: "bot" }, spec: { instructions: INSTRUCTIONS } },
  });
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push(idOf(await start(client)));
  const other = idOf(await start(client, { name: "other" }));
  const agent = await start(client, {
    kind: "Agent",
    name: "bot",
    message: "x",
  });
  await client.cancelExecution({ id: ids[0] ?? "" });
  const list = async (
    filter: Parameters<BackendClient["listExecutions"]>[0],
  ): Promise<string[]> =>
    (await client.listExecutions(filter)).executions.map(idOf).sort();
  const flows = [...ids].sort();
  assert.equal((await list({})).length, 7);
  assert.deepEqual(await list({ kind: "Agent" }), [idOf(agent)]);
  assert.deepEqual(await list({ kind: "Workflow", name: "flow" }), flows);
  assert.deepEqual(await list({ kind: "Workflow", name: "other" }), [other]);
  assert.deepEqual(await list({ phases: [Phase.CANCELLED] }), [ids[0]]);
  assert.equal(
    (await list({ phases: [Phase.CANCELLED, Phase.PENDING] })).length,
    7,
  );
  const session = agent.spec?.sessionId ?? "";
  assert.deepEqual(await list({ session }), [idOf(agent)]);
  const createdAt = agent.status?.audit?.createdAt;
  assert.ok(createdAt);
  assert.ok((await list({ createdAfter: createdAt })).includes(idOf(agent)));
  assert.ok(!(await list({ createdBefore: createdAt })).includes(idOf(agent)));
  const later = timestampFromMs(timestampMs(createdAt) + 60_000);
  assert.deepEqual(await list({ createdAfter: later }), []);
  const seen: string[] = [];
  let token = "";
  do {
    const page = await client.listExecutions({ page: { size: 2, token } });
    seen.push(...page.executions.map(idOf));
    token = page.nextPageToken;
  } while (token !== "");
  assert.equal(new Set(seen).size, 7);
  assert.equal(seen.length, 7);
  await fails(client.listExecutions({ name: "flow" }), "INVALID_ARGUMENT");
  await fails(client.listExecutions({ kind: "Robot" }), "INVALID_ARGUMENT");
  await fails(
    client.listExecutions({ page: { size: 1001 } }),
    "INVALID_ARGUMENT",
  );
  await fails(
    client.listExecutions({ page: { token: "x" } }),
    "INVALID_ARGUMENT",
  );
});

suite("an execution moves only as it may", async (client) => {
  await makeWorkflow(client, "flow");
  const id = idOf(await start(client));
  const phaseOf = async () =>
    (await client.getExecution({ id })).execution?.status?.phase;
  await fails(
    client.updateExecutionStatus({ id, phase: Phase.COMPLETED }),
    "FAILED_PRECONDITION",
  );
  await fails(
    client.updateExecutionStatus({ id, phase: Phase.PHASE_UNSPECIFIED }),
    "INVALID_ARGUMENT",
  );
  await client.pauseExecution({ id });
  assert.equal(await phaseOf(), Phase.PAUSED);
  await client.resumeExecution({ id });
  assert.notEqual(await phaseOf(), Phase.PAUSED);
  await client.cancelExecution({ id, reason: "no longer needed" });
  const { execution } = await client.getExecution({ id });
  assert.equal(execution?.status?.phase, Phase.CANCELLED);
  assert.match(execution?.status?.error?.detail ?? "", /no longer needed/);
  assert.ok(execution?.status?.completedAt);
  await client.cancelExecution({ id });
  for (const phase of [Phase.RUNNING, Phase.PENDING, Phase.FAILED]) {
    await fails(
      client.updateExecutionStatus({ id, phase }),
      "FAILED_PRECONDITION",
    );
  }
  await fails(client.pauseExecution({ id }), "FAILED_PRECONDITION");
  await fails(client.resumeExecution({ id }), "FAILED_PRECONDITION");
  await fails(client.signalExecution({ id, name: "x" }), "FAILED_PRECONDITION");
});

suite("GetExecutionContext gives the merged variables", async (client) => {
  for (const [name, value] of [["low", "1"], ["high", "2"]] as const) {
    await client.createEnvironment({
      environment: {
        metadata: { name },
        spec: { variables: { SHARED: value, [name.toUpperCase()]: value } },
      },
    });
  }
  await client.createWorkflow({
    workflow: {
      metadata: { name: "flow" },
      spec: {
        ...SPEC,
        env: { SHARED: { default: "0" }, FALLBACK: { default: "f" } },
      },
    },
  });
  await client.createWorkflowInstance({
    workflowInstance: {
      metadata: { name: "own" },
      spec: { workflowId: "flow", environmentIds: ["low"] },
    },
  });
  const variables = async (
    given: Parameters<BackendClient["createExecution"]>[0],
  ) => {
    const executionId = idOf(await start(client, given));
    const { context } = await client.getExecutionContext({ executionId });
    return context?.variables;
  };
  const base = { FALLBACK: "f" };
  assert.deepEqual(await variables({}), { ...base, SHARED: "0" });
  assert.deepEqual(await variables({ instance: "own" }), {
    ...base,
    SHARED: "1",
    LOW: "1",
  });
  assert.deepEqual(
    await variables({
      instance: "own",
      environments: ["high"],
      variables: { FALLBACK: "run" },
    }),
    { FALLBACK: "run", SHARED: "2", LOW: "1", HIGH: "2" },
  );
});

suite("artifacts are kept by name with their bytes", async (client) => {
  await makeWorkflow(client, "flow");
  const executionId = idOf(await start(client));
  const content = new Uint8Array([0, 255, 10]);
  const { artifact } = await client.storeArtifact({
    executionId,
    name: "reports/größe.bin",
    content,
    contentType: "text/plain",
  });
  assert.equal(artifact?.sizeBytes, 3);
  assert.match(artifact?.sha256 ?? "", /^[0-9a-f]{64}$/);
  const byId = await client.getArtifact({ id: artifact?.id ?? "" });
  assert.deepEqual(byId.content, content);
  const byName = await client.getArtifact({
    id: "reports/größe.bin",
    executionId,
  });
  assert.deepEqual(byName.artifact, artifact);
  await client.storeArtifact({ executionId, name: "a", content });
  const { artifacts } = await client.listArtifacts({ executionId });
  assert.deepEqual(artifacts.map((it) => it.name), ["a", "reports/größe.bin"]);
  for (const name of ["", "../x", "/x", "x".repeat(256)]) {
    await fails(
      client.storeArtifact({ executionId, name, content }),
      "INVALID_ARGUMENT",
    );
  }
  await fails(client.getArtifact({ id: "none", executionId }), "NOT_FOUND");
  await fails(
    client.storeArtifact({ executionId: MISSING, name: "x", content }),
    "NOT_FOUND",
  );
  await fails(
    client.storeArtifact({
      executionId,
      name: "big",
      content: new Uint8Array(32 * 1024 * 1024 + 1),
    }),
    "INVALID_ARGUMENT",
  );
});

suite("calls about an execution that is not there say so", async (client) => {
  const calls = [
    (id: string) => client.getExecution({ id }),
    (id: string) => client.updateExecutionStatus({ id, phase: Phase.RUNNING }),
    (id: string) => client.cancelExecution({ id }),
    (id: string) => client.pauseExecution({ id }),
    (id: string) => client.resumeExecution({ id }),
    (id: string) => client.signalExecution({ id, name: "x" }),
    (id: string) => client.getExecutionContext({ executionId: id }),
    (id: string) => client.listArtifacts({ executionId: id }),
    (id: string) => watch(client, id),
  ];
  for (const call of calls) {
    for (const id of [MISSING, "nonsense", ""]) {
      await fails(call(id), "NOT_FOUND");
    }
  }
});

suite("GetBackendInfo counts what is there", async (client, home) => {
  await makeWorkflow(client, "flow");
  await start(client);
  const info = await client.getBackendInfo({});
  assert.equal(info.integrity, "");
  const checked = await client.getBackendInfo({ checkIntegrity: true });
  assert.equal(checked.integrity, "ok");
  assert.match(info.type, /^(local|cloud)$/);
  assert.ok(info.location.startsWith(home));
  assert.equal(info.identity, await identityOf(client));
  assert.match(info.engine, /^SQLite 3\./);
  assert.equal(info.counts["Workflow"], 1);
  assert.equal(info.counts["WorkflowInstance"], 1);
  assert.equal(info.counts["WorkflowExecution"], 1);
  assert.equal(info.counts["Agent"], 0);
  assert.ok(info.sizeBytes > 0n);
});

/** Reads the journal as it is now. */
async function watch(client: BackendClient, id: string, afterSequence = 0) {
  const events = [];
  const stream = client.watchExecution({ id, afterSequence, stopAtEnd: true });
  for await (const { event } of stream) if (event) events.push(event);
  return events;
}
