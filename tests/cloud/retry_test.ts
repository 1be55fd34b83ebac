import assert from "node:assert/strict";
import { type BackendClient, openBackend } from "../../src/backend/open.ts";
import { startFlow, storeFlow } from "../backend/flow.ts";
import { fails, INSTRUCTIONS, temporaryHome } from "../backend/suite.ts";
import { startChaosProxy } from "../servers/chaos_proxy.ts";
import { until } from "../until.ts";
import { clientOf, serveHere, startProcess } from "./serving.ts";

/** Bytes of a server that end within the head of its answer. */
const HEAD_BYTES = 40;

/** Creates an agent, and says how many there are afterwards. */
async function makeAgent(client: BackendClient, name = "bot"): Promise<void> {
  await client.createAgent({
    agent: { metadata: { name }, spec: { instructions: INSTRUCTIONS } },
  });
}

Deno.test("a create whose answer was lost is asked again, and made once", async () => {
  await using serving = await serveHere();
  await using proxy = startChaosProxy(serving.port);
  await using backend = clientOf(proxy.port);
  await backend.client.getBackendInfo({});
  proxy.cut();
  proxy.set({ truncateAfterBytes: HEAD_BYTES });
  const making = makeAgent(backend.client);
  await until(() => proxy.connectionCount() > 2);
  proxy.set({});
  await making;
  const { agents } = await serving.local.client.listAgents({});
  assert.equal(agents.length, 1);
  assert.equal(agents[0]?.metadata?.version?.number, 1);
});

Deno.test("a create that a network says twice is made once", async () => {
  await using serving = await serveHere();
  await using proxy = startChaosProxy(serving.port);
  await using backend = clientOf(proxy.port);
  proxy.set({ duplicate: true });
  await makeAgent(backend.client);
  const { agents } = await serving.local.client.listAgents({});
  assert.equal(agents.length, 1);
});

Deno.test("a signal whose answer was lost is one signal", async () => {
  await using serving = await serveHere();
  const { client } = serving.local;
  await storeFlow(client);
  await using proxy = startChaosProxy(serving.port);
  await using backend = clientOf(proxy.port);
  const id = await startFlow(backend.client);
  proxy.cut();
  proxy.set({ truncateAfterBytes: HEAD_BYTES });
  const before = proxy.connectionCount();
  const sent = backend.client.signalExecution({ id, name: "go" });
  await until(() => proxy.connectionCount() > before + 1);
  proxy.set({});
  assert.equal((await sent).sequence, 2);
  let count = 0;
  for await (const _ of client.watchExecution({ id, stopAtEnd: true })) count++;
  assert.equal(count, 2);
});

Deno.test("an event without an id whose answer was lost is one event", async () => {
  await using serving = await serveHere();
  await using proxy = startChaosProxy(serving.port);
  await using backend = clientOf(proxy.port);
  await backend.client.getBackendInfo({});
  for (const [i, noId] of [{}, { id: "" }, { id: null }].entries()) {
    proxy.cut();
    proxy.set({ truncateAfterBytes: HEAD_BYTES });
    const before = proxy.connectionCount();
    const cloudEvent = { type: "com.example.done", ...noId };
    const publishing = backend.client.publishEvent({ cloudEvent });
    await until(() => proxy.connectionCount() > before + 1);
    proxy.set({});
    await publishing;
    const { events } = await serving.local.client.listEvents({});
    assert.equal(events.length, i + 1);
    assert.match(String(events[0]?.cloudEvent?.id), /^evt-/);
  }
});

Deno.test("an update is never asked twice", async () => {
  await using serving = await serveHere();
  await makeAgent(serving.local.client);
  await using proxy = startChaosProxy(serving.port);
  await using backend = clientOf(proxy.port);
  const { agent } = await backend.client.getAgent({ name: "bot" });
  assert.ok(agent?.spec !== undefined);
  proxy.cut();
  proxy.set({ truncateAfterBytes: HEAD_BYTES });
  const before = proxy.connectionCount();
  const error = await fails(
    backend.client.updateAgent({
      agent: {
        ...agent,
        spec: { ...agent.spec, instructions: `${INSTRUCTIONS} Always.` },
      },
    }),
    "UNAVAILABLE",
    /the connection was lost/,
  );
  assert.deepEqual(error.hints, ["Try again"]);
  assert.equal(proxy.connectionCount(), before + 1);
});

Deno.test("a server that comes back within seconds is waited for", async () => {
  await using serving = await serveHere();
  await using proxy = startChaosProxy(serving.port);
  await using backend = clientOf(proxy.port);
  await backend.client.getBackendInfo({});
  proxy.set({ refuse: true });
  proxy.cut();
  const before = proxy.connectionCount();
  const asking = backend.client.listAgents({});
  await until(() => proxy.connectionCount() > before + 2);
  proxy.set({});
  assert.deepEqual((await asking).agents, []);
});

Deno.test("a server that was never there is given up within a second", async () => {
  await using proxy = startChaosProxy(1);
  await using backend = clientOf(proxy.port);
  const startMs = performance.now();
  await fails(backend.client.getBackendInfo({}), "UNAVAILABLE");
  assert.ok(performance.now() - startMs < 2000);
});

Deno.test("a deadline bounds all tries together", async () => {
  await using serving = await serveHere();
  await using proxy = startChaosProxy(serving.port);
  await using backend = clientOf(proxy.port);
  await backend.client.getBackendInfo({});
  proxy.set({ refuse: true });
  proxy.cut();
  const startMs = performance.now();
  await fails(
    backend.client.getBackendInfo({}, { timeoutMs: 300 }),
    "UNAVAILABLE",
  );
  assert.ok(performance.now() - startMs < 1500);
});

Deno.test("a call that waits for its next try ends with its backend", async () => {
  await using serving = await serveHere();
  await using proxy = startChaosProxy(serving.port);
  const backend = clientOf(proxy.port);
  await backend.client.getBackendInfo({});
  proxy.set({ refuse: true });
  proxy.cut();
  const before = proxy.connectionCount();
  const asking = fails(backend.client.listAgents({}), "CANCELLED");
  await until(() => proxy.connectionCount() > before + 2);
  await backend.close();
  await asking;
});

Deno.test("what is created while the server is killed again and again is there once", async () => {
  const COUNT = 60;
  await using home = temporaryHome();
  let server = await startProcess(home.path);
  await using backend = clientOf(server.port);
  await backend.client.getBackendInfo({});
  let made = 0;
  const making = (async () => {
    for (; made < COUNT; made++) {
      await backend.client.createEnvironment({
        environment: { metadata: { name: `e${made}` } },
      });
    }
  })();
  for (const at of [5, 20, 35, 50]) {
    await until(() => made >= at);
    await server.kill();
    server = await startProcess(home.path, server.port);
  }
  await making;
  await server.kill();
  await using local = await openBackend({ home: home.path, execute: "none" });
  const { environments } = await local.client.listEnvironments({
    page: { size: 1000 },
  });
  const names = environments.map((it) => it.metadata?.name ?? "");
  assert.equal(names.length, COUNT);
  assert.equal(new Set(names).size, COUNT);
});
