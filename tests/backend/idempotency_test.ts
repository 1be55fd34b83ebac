import assert from "node:assert/strict";
import { ExecutionEvent_Type as EventType } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { valueMessage } from "../../src/backend/proto_json.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { flowOf } from "./flow.ts";
import { fails, INSTRUCTIONS, suite } from "./suite.ts";

const SPEC = flowOf().spec;

/** Each way to make something, with something to make. */
const CREATES: Readonly<
  Record<
    string,
    (
      client: BackendClient,
      of: { name: string; idempotencyKey: string },
    ) => Promise<unknown>
  >
> = {
  Agent: (client, { name, idempotencyKey }) =>
    client.createAgent({
      agent: { metadata: { name }, spec: { instructions: INSTRUCTIONS } },
      idempotencyKey,
    }),
  Workflow: (client, { name, idempotencyKey }) =>
    client.createWorkflow({
      workflow: { metadata: { name }, spec: SPEC },
      idempotencyKey,
    }),
  Environment: (client, { name, idempotencyKey }) =>
    client.createEnvironment({
      environment: {
        metadata: { name },
        spec: { variables: { B: "2", A: "1" }, secrets: { KEY: "a secret" } },
      },
      idempotencyKey,
    }),
};

for (const [kind, make] of Object.entries(CREATES)) {
  suite(`Create${kind} under one key counts once`, async (client) => {
    const given = { name: "one", idempotencyKey: "k1" };
    const first = await make(client, given);
    assert.deepEqual(await make(client, given), first);
    await fails(
      make(client, { ...given, name: "two" }),
      "ALREADY_EXISTS",
      /k1/,
    );
    await fails(
      make(client, { ...given, idempotencyKey: "" }),
      "ALREADY_EXISTS",
    );
    await make(client, { name: "two", idempotencyKey: "k2" });
  });
}

suite("two instances under one key are one", async (client) => {
  await CREATES["Agent"]?.(client, { name: "bot", idempotencyKey: "" });
  const given = {
    agentInstance: { metadata: { name: "mine" }, spec: { agentId: "bot" } },
    idempotencyKey: "k1",
  };
  const [first, second] = await Promise.all([
    client.createAgentInstance(given),
    client.createAgentInstance(given),
  ]);
  assert.deepEqual(first, second);
  const { agentInstances } = await client.listAgentInstances({});
  assert.equal(agentInstances.length, 2);
});

suite(
  "a repeated create gives the first answer, whatever became of it",
  async (client) => {
    const given = {
      environment: { metadata: { name: "one" } },
      idempotencyKey: "k1",
    };
    const first = await client.createEnvironment(given);
    await client.deleteEnvironment({ name: "one" });
    assert.deepEqual(await client.createEnvironment(given), first);
    await fails(client.getEnvironment({ name: "one" }), "NOT_FOUND");
  },
);

suite("a refused create leaves its key free", async (client) => {
  const make = (name: string) =>
    client.createEnvironment({
      environment: { metadata: { name } },
      idempotencyKey: "k1",
    });
  await fails(make(""), "INVALID_ARGUMENT");
  await make("one");
});

suite("a key has at most 200 characters", async (client) => {
  await fails(
    client.createEnvironment({
      environment: { metadata: { name: "one" } },
      idempotencyKey: "k".repeat(201),
    }),
    "INVALID_ARGUMENT",
    /200/,
  );
});

suite("SignalExecution under one key is one signal", async (client) => {
  await CREATES["Workflow"]?.(client, { name: "flow", idempotencyKey: "" });
  const { execution } = await client.createExecution({
    kind: "Workflow",
    name: "flow",
  });
  const id = execution?.metadata?.id ?? "";
  const signal = {
    id,
    name: "go",
    payload: valueMessage({ a: 1 }),
    idempotencyKey: "k1",
  };
  const first = await client.signalExecution(signal);
  assert.deepEqual(await client.signalExecution(signal), first);
  await fails(
    client.signalExecution({ ...signal, name: "stop" }),
    "ALREADY_EXISTS",
  );
  let signals = 0;
  const stream = client.watchExecution({ id, stopAtEnd: true });
  for await (const { event } of stream) {
    if (event?.type === EventType.SIGNAL_RECEIVED) signals++;
  }
  assert.equal(signals, 1);
});

suite("nobody is shown the key that a client made up", async (client) => {
  await CREATES["Workflow"]?.(client, { name: "flow", idempotencyKey: "" });
  const made = await client.createExecution({ kind: "Workflow", name: "flow" });
  const id = made.execution?.metadata?.id ?? "";
  const { execution } = await client.getExecution({ id });
  assert.equal(execution?.spec?.idempotencyKey, "");
  const keyed = await client.createExecution({
    kind: "Workflow",
    name: "flow",
    idempotencyKey: "mine",
  });
  assert.equal(keyed.execution?.spec?.idempotencyKey, "mine");
});
