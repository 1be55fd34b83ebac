import assert from "node:assert/strict";
import type { Backend, BackendClient } from "../../src/backend/open.ts";
import { openBackend } from "../../src/backend/open.ts";
import type { CloudNotice } from "../../src/backend/cloud_options.ts";
import { startFlow, storeFlow } from "../backend/flow.ts";
import { fails, temporaryHome } from "../backend/suite.ts";
import { startChaosProxy } from "../servers/chaos_proxy.ts";
import { until } from "../until.ts";
import { clientOf, serveHere, startProcess } from "./serving.ts";

/** Stores an execution that nobody runs, and gives its id. */
async function start(client: BackendClient): Promise<string> {
  await storeFlow(client);
  return await startFlow(client);
}

/** Writes that many events into a journal. */
async function signal(
  client: BackendClient,
  id: string,
  count: number,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    await client.signalExecution({ id, name: `s${i}` });
  }
}

/** Follows an execution to its end, and keeps the numbers of its events. */
function follow(
  { client }: Backend,
  id: string,
): { readonly sequences: number[]; readonly ended: Promise<void> } {
  const sequences: number[] = [];
  const ended = (async () => {
    for await (const { event } of client.watchExecution({ id })) {
      sequences.push(event?.sequence ?? -1);
    }
  })();
  // Met where it is awaited.
  ended.catch(() => {});
  return { sequences, ended };
}

/** Says that a journal came whole: each event once, in order. */
function isWhole(sequences: readonly number[], count: number): void {
  assert.deepEqual(sequences, Array.from({ length: count }, (_, i) => i + 1));
}

Deno.test("a watch goes on where it was when its server is killed", async () => {
  await using home = temporaryHome();
  await using writer = await openBackend({ home: home.path, execute: "none" });
  const id = await start(writer.client);
  let server = await startProcess(home.path);
  const notices: CloudNotice["kind"][] = [];
  await using backend = clientOf(server.port, {
    onNotice: ({ kind }) => notices.push(kind),
  });
  const watch = follow(backend, id);
  let written = 1;
  for (const round of [1, 2]) {
    await signal(writer.client, id, 80);
    written += 80;
    await until(() => watch.sequences.length >= written - 40);
    await server.kill();
    await until(() => notices.length === round * 2 - 1);
    await signal(writer.client, id, 30);
    written += 30;
    server = await startProcess(home.path, server.port);
  }
  await using _last = server;
  await writer.client.cancelExecution({ id });
  await watch.ended;
  isWhole(watch.sequences, written + 2);
  assert.deepEqual(notices, [
    "disconnected",
    "reconnected",
    "disconnected",
    "reconnected",
  ]);
});

Deno.test("a watch outlives a proxy that cuts it in the middle of messages", async () => {
  await using serving = await serveHere();
  const { client } = serving.local;
  const id = await start(client);
  await using proxy = startChaosProxy(serving.port);
  // Some fail in the head, some in a message, some between two.
  await using backend = clientOf(proxy.port);
  await backend.client.getBackendInfo({});
  proxy.cut();
  proxy.set({ truncateAfterBytes: 1501 });
  const watch = follow(backend, id);
  await signal(client, id, 120);
  await until(() => proxy.connectionCount() > 4);
  proxy.set({});
  await client.cancelExecution({ id });
  await watch.ended;
  isWhole(watch.sequences, 123);
});

Deno.test("a watch notices a connection that died without a word", async () => {
  await using serving = await serveHere();
  const { client } = serving.local;
  const id = await start(client);
  await using proxy = startChaosProxy(serving.port);
  const notices: CloudNotice[] = [];
  await using backend = clientOf(proxy.port, {
    heartbeatMs: 100,
    onNotice: (notice) => notices.push(notice),
  });
  const watch = follow(backend, id);
  await until(() => watch.sequences.length === 1);
  proxy.freeze();
  await signal(client, id, 5);
  await until(() => watch.sequences.length === 6);
  await client.cancelExecution({ id });
  await watch.ended;
  isWhole(watch.sequences, 8);
  assert.match(notices[0]?.message ?? "", /lost, reconnecting/);
});

Deno.test("a watch that nothing comes of is tried again, from its beginning on", async () => {
  await using serving = await serveHere();
  const id = await start(serving.local.client);
  await using proxy = startChaosProxy(serving.port);
  await using backend = clientOf(proxy.port, { heartbeatMs: 100 });
  await backend.client.getBackendInfo({});
  proxy.set({ silent: true });
  proxy.cut();
  const before = proxy.connectionCount();
  const watch = follow(backend, id);
  await until(() => proxy.connectionCount() > before + 1);
  proxy.set({});
  await serving.local.client.cancelExecution({ id });
  await watch.ended;
  isWhole(watch.sequences, 3);
});

Deno.test("a quiet watch stays open as long as its heart beats", async () => {
  await using serving = await serveHere();
  const id = await start(serving.local.client);
  await using proxy = startChaosProxy(serving.port);
  await using backend = clientOf(proxy.port, {
    heartbeatMs: 100,
    onNotice: ({ message }) => assert.fail(message),
  });
  const watch = follow(backend, id);
  await until(() => watch.sequences.length === 1);
  await new Promise((done) => setTimeout(done, 700));
  await serving.local.client.cancelExecution({ id });
  await watch.ended;
  isWhole(watch.sequences, 3);
  assert.equal(proxy.connectionCount(), 1);
});

Deno.test("a watch that finds its server at the second try says nothing", async () => {
  await using serving = await serveHere();
  const id = await start(serving.local.client);
  await using proxy = startChaosProxy(serving.port);
  await using backend = clientOf(proxy.port, {
    onNotice: ({ message }) => assert.fail(message),
  });
  proxy.set({ refuse: true });
  const { sequences, ended } = follow(backend, id);
  await until(() => proxy.connectionCount() > 0);
  proxy.set({});
  await until(() => sequences.length > 0);
  await serving.local.client.cancelExecution({ id });
  await ended;
  isWhole(sequences, 3);
});

Deno.test("a watch gives up when its server stays away", async () => {
  await using serving = await serveHere();
  const id = await start(serving.local.client);
  await using proxy = startChaosProxy(serving.port);
  await using backend = clientOf(proxy.port, { reconnectTimeoutMs: 400 });
  const watch = follow(backend, id);
  await until(() => watch.sequences.length === 1);
  proxy.set({ refuse: true });
  proxy.cut();
  await fails(watch.ended, "UNAVAILABLE", /Cannot reach "http:/);
});

Deno.test("a watch of what is not there says so at once", async () => {
  await using serving = await serveHere();
  await using backend = clientOf(serving.port);
  await fails(follow(backend, "wex-none").ended, "NOT_FOUND");
});

Deno.test("a watch that waits for its server ends with its backend", async () => {
  await using serving = await serveHere();
  const id = await start(serving.local.client);
  await using proxy = startChaosProxy(serving.port);
  let isLost = false;
  const backend = clientOf(proxy.port, {
    onNotice: () => {
      isLost = true;
    },
  });
  const watch = follow(backend, id);
  await until(() => watch.sequences.length === 1);
  proxy.set({ refuse: true });
  proxy.cut();
  await until(() => isLost);
  await backend.close();
  await fails(watch.ended, "CANCELLED");
});

Deno.test("leaving a watch hangs up", async () => {
  await using serving = await serveHere();
  const id = await start(serving.local.client);
  await using backend = clientOf(serving.port);
  for (let i = 0; i < 20; i++) {
    for await (const _ of backend.client.watchExecution({ id })) break;
  }
  await backend.client.getBackendInfo({});
});

Deno.test("watches and calls move from a server that goes down to the next one", async () => {
  await using first = await serveHere();
  await using next = await serveHere({ home: first.home });
  const id = await start(next.local.client);
  await using proxy = startChaosProxy(first.port);
  await using backend = clientOf(proxy.port);
  const watch = follow(backend, id);
  await until(() => watch.sequences.length === 1);
  const draining = first.drain();
  // The first one still answers, and refuses.
  const asking = backend.client.signalExecution({ id, name: "go" });
  const late = follow(backend, id);
  proxy.retarget(next.port);
  await draining;
  proxy.cut();
  assert.equal((await asking).sequence, 2);
  await next.local.client.cancelExecution({ id });
  await Promise.all([watch.ended, late.ended]);
  isWhole(watch.sequences, 4);
  isWhole(late.sequences, 4);
});

Deno.test("a watch opened while its server goes down says that it is away", async () => {
  await using serving = await serveHere();
  const id = await start(serving.local.client);
  await using backend = clientOf(serving.port, { reconnectTimeoutMs: 1 });
  await backend.client.getBackendInfo({});
  void serving.drain();
  await fails(follow(backend, id).ended, "UNAVAILABLE");
});

Deno.test("a watch has one deadline for all its connections", async () => {
  await using serving = await serveHere();
  const id = await start(serving.local.client);
  await using proxy = startChaosProxy(serving.port);
  await using backend = clientOf(proxy.port);
  await backend.client.getBackendInfo({});
  const startMs = performance.now();
  const watching = fails(
    (async () => {
      const stream = backend.client.watchExecution({ id }, { timeoutMs: 900 });
      for await (const _ of stream) {
        if (proxy.connectionCount() < 4) proxy.cut();
      }
    })(),
    "DEADLINE_EXCEEDED",
  );
  await watching;
  assert.ok(proxy.connectionCount() >= 2);
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs > 800 && tookMs < 1900, `${tookMs} ms`);
});
