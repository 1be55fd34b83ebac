import assert from "node:assert/strict";
import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { Backend } from "../../src/backend/open.ts";
import { seededFraction } from "../../src/host/fake.ts";
import { startFlow, storeFlow } from "../backend/flow.ts";
import { createPlace } from "../cli/program.ts";
import { clientOf } from "../cloud/serving.ts";
import { startRecorder } from "../servers/recorder.ts";
import { until } from "../until.ts";
import { startServing } from "./server_process.ts";

const ROUNDS = 60;
const KILLS = 4;
const WATCHERS = 3;

/** Follows an execution to its end, and keeps what came. */
function follow(
  { client }: Backend,
  id: string,
): { readonly seen: string[]; readonly ended: Promise<void> } {
  const seen: string[] = [];
  const ended = (async () => {
    for await (const { event } of client.watchExecution({ id })) {
      seen.push(`${event?.sequence} ${event?.type} ${event?.path}`);
    }
  })();
  ended.catch(() => {}); // Met where it is awaited.
  return { seen, ended };
}

Deno.test("a server that is killed again and again loses nothing and doubles nothing", async () => {
  await using place = await createPlace();
  await using world = startRecorder(() => Response.json({ done: true }));
  const random = seededFraction(20_231);
  let server = await startServing(place);
  await using _end = { [Symbol.asyncDispose]: () => server.kill() };
  const backends = Array.from(
    { length: WATCHERS },
    () => clientOf(server.port, { heartbeatMs: 500 }),
  );
  await using _clients = {
    async [Symbol.asyncDispose]() {
      await Promise.all(backends.map((it) => it.close()));
    },
  };
  const [first] = backends;
  assert.ok(first !== undefined);
  await storeFlow(first.client, [
    {
      rounds: {
        for: { each: "n", in: `\${ [range(${ROUNDS})] }` },
        do: [{
          effect: {
            call: "http",
            with: {
              method: "post",
              endpoint: { uri: `${world.url}/\${ $n }` },
              body: { n: "${ $n }" },
            },
          },
        }],
      },
    },
    { pause: { wait: { milliseconds: 200 } } },
    { end: { set: { rounds: ROUNDS } } },
  ]);
  const id = await startFlow(first.client);
  const watches = backends.map((it) => follow(it, id));
  for (let i = 1; i <= KILLS; i++) {
    const at = (i - 1 + random()) * ROUNDS / KILLS;
    await until(() => world.requests.length > at, 20_000);
    await server.kill();
    server = await startServing(place, { port: server.port });
  }
  await Promise.all(watches.map((it) => it.ended));
  const { execution } = await first.client.getExecution({ id });
  const output = execution?.status?.output;
  assert.ok(output !== undefined);
  assert.deepEqual(toJson(ValueSchema, output), { rounds: ROUNDS });
  const journal: string[] = [];
  const all = first.client.watchExecution({ id, stopAtEnd: true });
  for await (const { event } of all) {
    journal.push(`${event?.sequence} ${event?.type} ${event?.path}`);
  }
  assert.ok(journal.length >= 2 * ROUNDS, `${journal.length} events`);
  for (const { seen } of watches) assert.deepEqual(seen, journal);
  effectsAsPromised(world.requests.map((it) => ({
    target: it.target,
    key: it.headers.get("idempotency-key") ?? "",
  })));
});

/** Each is done, and what was under way at a kill again by the same key. */
function effectsAsPromised(
  asked: readonly { readonly target: string; readonly key: string }[],
): void {
  const keys = Map.groupBy(asked, (it) => it.target);
  assert.equal(keys.size, ROUNDS);
  for (const [target, times] of keys) {
    assert.equal(new Set(times.map((it) => it.key)).size, 1, target);
  }
  assert.ok(asked.length <= ROUNDS + KILLS, `${asked.length} effects`);
}
