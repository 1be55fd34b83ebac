import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { toStigmerError } from "../../src/backend/errors.ts";
import { startFlow, storeFlow } from "../backend/flow.ts";
import { fails } from "../backend/suite.ts";
import { clientOf } from "../cloud/serving.ts";
import { startGuarded } from "../server/guarded.ts";
import { until } from "../until.ts";

const LIFE_MS = 500;
/** The tokens of open streams are looked at each second. */
const END_MS_MAX = 10_000;

Deno.test("a token that expires ends its watches and its calls, and nobody else's", async () => {
  await using scene = await startGuarded();
  const { local, tokens, url } = scene;
  await storeFlow(local.client, [{ greet: { set: { text: "hello" } } }]);
  const id = await startFlow(local.client);
  const port = Number(new URL(url).port);
  await using short = clientOf(port, { token: tokens.viewer });
  await using long = clientOf(port, { token: tokens.editor });
  const seen: number[] = [];
  let end = "";
  const watching = (async () => {
    for await (const { event } of short.client.watchExecution({ id })) {
      seen.push(event?.sequence ?? -1);
    }
  })().catch((error) => end = toStigmerError(error).code);
  const other: number[] = [];
  const going = (async () => {
    for await (const { event } of long.client.watchExecution({ id })) {
      other.push(event?.sequence ?? -1);
    }
  })();
  await until(() => seen.length === 1 && other.length === 1);
  using database = new DatabaseSync(`${scene.home}/stigmer.db`);
  database.prepare("UPDATE tokens SET expires_at = ? WHERE name = ?")
    .run(new Date(Date.now() + LIFE_MS).toISOString(), "the-viewer");
  await until(() => end !== "", END_MS_MAX);
  await watching;
  assert.equal(end, "UNAUTHENTICATED");
  await fails(short.client.listAgents({}), "UNAUTHENTICATED", /expired/);
  await local.client.cancelExecution({ id });
  await going;
  assert.deepEqual(other, [1, 2, 3]);
  assert.deepEqual(seen, [1]);
});
