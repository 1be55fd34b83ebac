import assert from "node:assert/strict";
import { startFlow, storeFlow } from "../backend/flow.ts";
import { clientOf } from "../cloud/serving.ts";
import { until } from "../until.ts";
import { startServed } from "../server/served.ts";
import { startChaosProxy } from "../servers/chaos_proxy.ts";

const FLOW = [{ greet: { set: { text: "hello" } } }];
const WATCH_MS = 300;
const SIGNALS = 30;

Deno.test("a server frees the watches of clients that vanished without a word", async () => {
  await using it = await startServed({ limits: { watchMs: WATCH_MS } });
  const { client } = it.backend;
  await storeFlow(client, FLOW);
  const id = await startFlow(client);
  await using proxy = startChaosProxy(it.server.http.port);
  await using backend = clientOf(proxy.port);
  const leaving = new AbortController();
  const watches = Array.from({ length: 5 }, async () => {
    const options = { signal: leaving.signal };
    for await (const _ of backend.client.watchExecution({ id }, options));
  });
  const { calls } = it.server;
  await until(() => calls.counts().streams === watches.length);
  // Nothing comes from there any more, not even that it went.
  proxy.freeze();
  proxy.set({ refuse: true });
  await until(() => calls.counts().streams === 0);
  leaving.abort();
  await Promise.allSettled(watches);
});

Deno.test("a watch that its server ends for its age goes on unnoticed", async () => {
  await using it = await startServed({ limits: { watchMs: WATCH_MS } });
  const { client } = it.backend;
  await storeFlow(client, FLOW);
  const id = await startFlow(client);
  await using backend = clientOf(it.server.http.port, {
    onNotice: ({ message }) => assert.fail(message),
  });
  const sequences: number[] = [];
  const watching = (async () => {
    for await (const { event } of backend.client.watchExecution({ id })) {
      sequences.push(event?.sequence ?? -1);
    }
  })();
  const ended = (): number =>
    it.said.filter((line) => line.message === "WatchExecution").length;
  for (let i = 1; i <= SIGNALS; i++) {
    await client.signalExecution({ id, name: `s${i}` });
    await until(() => sequences.length > i);
  }
  await until(() => ended() >= 3);
  await client.cancelExecution({ id });
  await watching;
  const whole = Array.from({ length: SIGNALS + 3 }, (_, i) => i + 1);
  assert.deepEqual(sequences, whole);
});
