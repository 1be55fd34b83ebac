import { match, strictEqual } from "node:assert/strict";
import { createPlace, pick, type Place } from "./program.ts";

const LONGRUN = `import { t, workflow } from "@stigmer/cli/sdk";
export default workflow("longrun", { input: t.object({ n: t.number() }) })
  .task("run", (_ctx, { n }) => n);
`;

/** A place where a durable function was applied that nobody serves. */
async function applied(): Promise<Place> {
  const place = await createPlace();
  await place.write("longrun.ts", LONGRUN);
  const { code, stderr } = await place.run(["apply", "-f", "longrun.ts"]);
  strictEqual(code, 0, stderr);
  return place;
}

const EXECUTE = ["workflow", "execute", "longrun", "--input", "n=3"] as const;

Deno.test("a time limit ends what waits for its TypeScript program", async () => {
  await using place = await applied();
  const { code, stderr } = await place.run([...EXECUTE, "--timeout", "1s"]);
  strictEqual(code, 124, stderr);
  match(
    stderr,
    /Cancelled wex-\w+: it took longer than 1 s, and waits for the TypeScript/,
  );
  const found = await place.json(["execution", "get", "last", "-o", "json"]);
  strictEqual(pick(found, "status.phase"), "CANCELLED");
});

Deno.test("what only a TypeScript program runs is not said to be a worker's", async () => {
  await using place = await applied();
  const detached = await place.run([...EXECUTE, "--detach"]);
  const words =
    /It is taken by the TypeScript program that serves "longrun", and by/;
  match(detached.stderr, words);
  await place.run(["execution", "cancel", "last"]);
  const retried = await place.run(["execution", "retry", "last", "--detach"]);
  match(retried.stderr, words);
  const { code, stderr } = await place.run(
    ["execution", "resume", "last", "--timeout", "1s"],
  );
  strictEqual(code, 124, stderr);
  match(stderr, /^wex-\w+ goes on in the TypeScript program that\s+serves/);
});
