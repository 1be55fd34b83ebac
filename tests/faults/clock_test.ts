import assert from "node:assert/strict";
import { openLocalBackend } from "../../src/backend/local.ts";
import type { Host } from "../../src/host/host.ts";
import { systemHost } from "../../src/host/system.ts";
import { startServer } from "../../src/server/serve.ts";
import { startFlow, storeFlow } from "../backend/flow.ts";
import { temporaryHome } from "../backend/suite.ts";
import { clientOf } from "../cloud/serving.ts";
import { startRecorder } from "../servers/recorder.ts";
import { until } from "../until.ts";
import { completed } from "./server_process.ts";

const HOUR_MS = 3_600_000;
/**
 * A day on, and a second back. Time never goes back within a run: one that was
 * begun with a clock far ahead waits until the clock is there again.
 */
const JUMPS_MS = [24 * HOUR_MS, 24 * HOUR_MS - 1000];
/** Longer than a server looks between, for what its clock may bring about. */
const WAIT_MS = 300;

/** The real machine with a clock that can be set. */
function settableHost(): { readonly host: Host; set(aheadMs: number): void } {
  const real = systemHost();
  let aheadMs = 0;
  const clock = { ...real.clock, now: () => real.clock.now() + aheadMs };
  return {
    host: { ...real, clock },
    set: (ms) => void (aheadMs = ms),
  };
}

Deno.test("a clock that jumps loses no run and breaks no watch", async () => {
  await using home = temporaryHome();
  const { host, set } = settableHost();
  const { promise: go, resolve } = Promise.withResolvers<void>();
  await using world = startRecorder(async () => {
    await go;
    return Response.json({ done: true });
  });
  await using local = openLocalBackend({
    host,
    databasePath: `${home.path}/stigmer.db`,
    execute: "own",
  });
  const stop = new AbortController();
  const working = local.work({ signal: stop.signal });
  await using server = startServer({
    host,
    backend: local,
    address: { kind: "tcp", hostname: "127.0.0.1", port: 0 },
    open: true,
  });
  const notices: string[] = [];
  await using backend = clientOf(server.http.port, {
    heartbeatMs: 100,
    onNotice: ({ message }) => notices.push(message),
  });
  const { client } = backend;
  await storeFlow(client, [
    { pause: { wait: { milliseconds: WAIT_MS } } },
    {
      ask: {
        call: "http",
        with: { method: "post", endpoint: { uri: world.url }, body: {} },
      },
    },
    { rest: { wait: { milliseconds: WAIT_MS } } },
  ]);
  const ids = [await startFlow(client)];
  const watches = ids.map(async (id) => {
    const sequences: number[] = [];
    for await (const { event } of client.watchExecution({ id })) {
      sequences.push(event?.sequence ?? -1);
    }
    return sequences;
  });
  await until(() => world.requests.length === 1);
  for (const [index, aheadMs] of JUMPS_MS.entries()) {
    set(aheadMs);
    ids.push(await startFlow(client));
    await until(() => world.requests.length === index + 2);
  }
  resolve();
  for (const id of ids) await completed(client, id);
  const [sequences] = await Promise.all(watches);
  assert.deepEqual(sequences, sequences?.map((_, i) => i + 1));
  assert.equal(world.requests.length, ids.length);
  assert.deepEqual(notices, []);
  const { executions } = await client.listExecutions({});
  assert.deepEqual(
    executions.map((it) => it.metadata?.id).sort(),
    ids.toSorted(),
  );
  stop.abort();
  await working;
});
