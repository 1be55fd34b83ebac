import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { startFlow, storeFlow } from "../backend/flow.ts";
import { createPlace, pick } from "../cli/program.ts";
import { clientOf } from "../cloud/serving.ts";
import { startRecorder } from "../servers/recorder.ts";
import { completed, startServing } from "./server_process.ts";

const RUNS = 40;
const EFFECTS = 3;
const LOCKED_MS = 10_000;
const WRITERS = 5;
/** A lock held all of a server up for five seconds at a time. */
const READ_MS_MAX = 3000;

/** A workflow whose effects are counted at a URL. */
function effectsAt(url: string) {
  return Array.from({ length: EFFECTS }, (_, i) => ({
    [`effect${i}`]: {
      call: "http",
      with: {
        method: "post",
        endpoint: { uri: `${url}/${i}` },
        body: { id: "${ $workflow.id }" },
      },
    },
  }));
}

Deno.test("two servers, a worker and a program share one database", async () => {
  await using place = await createPlace();
  await using world = startRecorder(() => Response.json({ done: true }));
  await using one = await startServing(place);
  await using two = await startServing(place);
  const worker = place.start(["worker"]);
  await using first = clientOf(one.port);
  await using second = clientOf(two.port);
  await storeFlow(first.client, effectsAt(world.url));
  const ids = await Promise.all(
    Array.from(
      { length: RUNS },
      (_, i) => startFlow((i % 2 === 0 ? first : second).client),
    ),
  );
  // What one started the other shows, as it goes on.
  await Promise.all(ids.map(async (id, i) => {
    const { client } = i % 2 === 0 ? second : first;
    for await (const _ of client.watchExecution({ id }));
    const { execution } = await client.getExecution({ id });
    assert.equal(execution?.status?.phase, Phase.COMPLETED);
  }));
  const beside = await place.json([
    "run",
    "flow",
    "--backend",
    "local",
    "-o",
    "json",
  ]);
  assert.notEqual(beside, undefined);
  assert.equal(world.requests.length, EFFECTS * (RUNS + 1));
  const list = await place.json([
    "execution",
    "list",
    "--backend",
    "local",
    "-o",
    "json",
  ]);
  assert.notEqual(pick(list, "0") ?? pick(list, "items.0"), undefined);
  worker.kill("SIGTERM");
  await worker.ended;
});

Deno.test("a server answers on while another locks its database for ten seconds", async () => {
  await using place = await createPlace();
  await using server = await startServing(place);
  await using backend = clientOf(server.port);
  const { client } = backend;
  await storeFlow(client, [{ greet: { set: { text: "hello" } } }]);
  const writing = Array.from(
    { length: WRITERS },
    (_, i) => ({ name: `e${i}` }),
  );
  using database = new DatabaseSync(`${place.home}/stigmer.db`);
  database.exec("BEGIN IMMEDIATE");
  const endMs = performance.now() + LOCKED_MS;
  const started = startFlow(client);
  const created = Promise.all(
    writing.map((metadata) =>
      client.createEnvironment({ environment: { metadata } })
    ),
  );
  let slowestMs = 0;
  while (performance.now() < endMs) {
    const startMs = performance.now();
    const { environments } = await client.listEnvironments({});
    assert.deepEqual(environments, []);
    slowestMs = Math.max(slowestMs, performance.now() - startMs);
  }
  database.exec("ROLLBACK");
  assert.ok(slowestMs < READ_MS_MAX, `${slowestMs} ms`);
  await created;
  await completed(client, await started);
});
