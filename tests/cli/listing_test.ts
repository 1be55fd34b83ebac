import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { createPlace } from "./program.ts";

const NOTHING =
  `document: { dsl: 1.0.0, namespace: t, name: nothing, version: 1.0.0 }
do:
  - a: { set: { done: true } }
`;

Deno.test("executions are listed by label, under either name", async () => {
  await using place = await createPlace();
  await place.write("nothing.yaml", NOTHING);
  for (const label of ["team=a", "team=b"]) {
    await place.run(["run", "nothing.yaml", "-l", label, "-q"]);
  }
  for (const list of [["execution", "list"], ["get", "executions"]]) {
    const json = JSON.parse(
      (await place.run([...list, "-l", "team=a", "-o", "json"])).stdout,
    );
    deepStrictEqual(
      json.items.map((it: { metadata: { labels: unknown } }) =>
        it.metadata.labels
      ),
      [{ team: "a" }],
      list.join(" "),
    );
  }
  const sessions = await place.run(["get", "sessions", "-l", "team=a"]);
  strictEqual(sessions.code, 2);
  match(sessions.stderr, /carries none/);
});
