import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { toStigmerError } from "../../src/backend/errors.ts";
import { openBackend } from "../../src/backend/open.ts";
import { startFlow, storeFlow } from "../backend/flow.ts";
import { createPlace } from "../cli/program.ts";
import { clientOf } from "../cloud/serving.ts";
import { startRecorder } from "../servers/recorder.ts";
import { until } from "../until.ts";
import { completed, startServing } from "./server_process.ts";

const CALLERS = 10;
const RUNS = 10;
const EFFECTS = 20;
const EFFECT_MS = 30;
const END_MS_MAX = 15_000;

/** Effects one after the other, so that a run takes its time. */
function effectsAt(url: string) {
  return [{
    rounds: {
      for: { each: "n", in: `\${ [range(${EFFECTS})] }` },
      do: [{
        effect: {
          call: "http",
          with: {
            method: "post",
            endpoint: { uri: `${url}/\${ $n }` },
            body: { id: "${ $workflow.id }" },
          },
        },
      }],
    },
  }];
}

/** Does something again and again until the server refuses it. */
async function untilRefused(act: (i: number) => Promise<unknown>) {
  for (let i = 0;; i++) {
    try {
      await act(i);
    } catch (error) {
      const { code, message } = toStigmerError(error);
      assert.equal(code, "UNAVAILABLE", message);
      return;
    }
  }
}

Deno.test("SIGTERM in the middle of everything ends a server, and nothing that it said is lost", async () => {
  await using place = await createPlace();
  await using world = startRecorder(async () => {
    await new Promise((done) => setTimeout(done, EFFECT_MS));
    return Response.json({ done: true });
  });
  await using server = await startServing(place, {
    words: ["--drain", "200ms"],
  });
  const options = { reconnectTimeoutMs: 1 };
  await using backend = clientOf(server.port, options);
  const { client } = backend;
  await storeFlow(client, effectsAt(world.url));
  const ids = await Promise.all(
    Array.from({ length: RUNS }, () => startFlow(client)),
  );
  const made: string[] = [];
  const busy = [
    ...Array.from(
      { length: CALLERS },
      (_, caller) =>
        untilRefused(async (i) => {
          const name = `env-${caller}-${i}`;
          await client.createEnvironment({
            environment: { metadata: { name } },
          });
          made.push(name);
        }),
    ),
    ...ids.map((id) =>
      untilRefused(async () => {
        for await (const _ of client.watchExecution({ id }));
        throw new Error("No run is as quick as that");
      })
    ),
    untilRefused(async () => {
      for await (const _ of client.exportRecords({ withHistory: true }));
    }),
    untilRefused(async () => {
      for await (const _ of client.backUpDatabase({}));
    }),
  ];
  await until(() => world.requests.length > RUNS * 2 && made.length > CALLERS);
  const startMs = performance.now();
  server.program.kill("SIGTERM");
  const { code, stderr } = await server.program.ended;
  assert.equal(code, 0, stderr);
  assert.ok(performance.now() - startMs < END_MS_MAX);
  await Promise.all(busy);
  assert.doesNotMatch(stderr, / ERROR /);
  using database = new DatabaseSync(`${place.home}/stigmer.db`);
  const check = database.prepare("PRAGMA integrity_check").get();
  assert.deepEqual({ ...check }, { integrity_check: "ok" });
  await using local = await openBackend({ home: place.home, execute: "none" });
  for (const name of made) await local.client.getEnvironment({ name });
  await using next = await startServing(place, { port: server.port });
  for (const id of ids) await completed(client, id);
  const keys = new Map<string, Set<string>>();
  for (const { target, body, headers } of world.requests) {
    const effect = `${target} ${body}`;
    const known = keys.get(effect) ?? new Set();
    keys.set(effect, known.add(headers.get("idempotency-key") ?? ""));
  }
  assert.equal(keys.size, RUNS * EFFECTS);
  for (const [effect, { size }] of keys) assert.equal(size, 1, effect);
  next.program.kill("SIGTERM");
  assert.equal((await next.program.ended).code, 0);
});
