import assert from "node:assert/strict";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { createPlace, pick } from "../cli/program.ts";
import { clientOf } from "../cloud/serving.ts";
import { startRecorder } from "../servers/recorder.ts";
import {
  completed,
  startFlow,
  startServing,
  storeFlow,
} from "./server_process.ts";

const RUNS = 40;
const EFFECTS = 3;

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

Deno.test("a server waits for a database that another locks for ten seconds", async () => {
  await using place = await createPlace();
  await using server = await startServing(place);
  await using backend = clientOf(server.port);
  await storeFlow(backend.client, [{ greet: { set: { text: "hello" } } }]);
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(`${place.home}/stigmer.db`);
  database.exec("BEGIN IMMEDIATE");
  const startMs = performance.now();
  const creating = startFlow(backend.client);
  const timer = setTimeout(() => database.exec("ROLLBACK"), 10_000);
  // Reads go on meanwhile.
  await backend.client.listAgents({});
  const readMs = performance.now() - startMs;
  const id = await creating;
  clearTimeout(timer);
  console.log({ readMs, ms: performance.now() - startMs });
  await completed(backend.client, id);
  database.close();
});
