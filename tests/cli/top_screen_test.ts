/**
 * `top` on a terminal: drawn, sorted by keys, and gone in the end.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createPlace, type Place } from "./program.ts";
import { hasScreen, onScreen } from "./pty.ts";

const FLOWS = ["alpha", "beta"].map((name) =>
  `apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: ${name} }
spec:
  document: { dsl: 1.0.3, namespace: t, name: ${name}, version: 1.0.0 }
  do: [{ tell: { call: human, with: { prompt: "Is it ${name}?" } } }]
`
).join("---\n");

/** A home where two runs wait for a person. */
async function furnished(): Promise<Place> {
  const place = await createPlace();
  await place.write("all.yaml", FLOWS);
  strictEqual((await place.run(["apply", "-f", "all.yaml"])).code, 0);
  for (const name of ["alpha", "beta"]) {
    const ran = await place.run(["run", name, "--detach"]);
    strictEqual(ran.code, 0, ran.stderr);
  }
  strictEqual((await place.run(["worker", "--until-idle"])).code, 0);
  return place;
}

Deno.test({
  name: "top draws what there is, is sorted by keys, and leaves nothing behind",
  ignore: !hasScreen,
  async fn() {
    await using place = await furnished();
    for (
      const { columns, key, code, env } of [
        { columns: 80, key: "q", code: 0, env: {} },
        { columns: 40, key: "\x03", code: 0, env: { NO_COLOR: "1" } },
        { columns: 80, key: "\x04", code: 0, env: { NO_COLOR: "1" } },
      ]
    ) {
      await using on = onScreen(place, ["top"], { columns, env });
      await on.shows(/wex-[^]*wex-/);
      ok(on.screen.modes.has("other"));
      strictEqual(on.screen.isCursorShown, false);
      ok(on.screen.lines.every((it) => it.length < columns), on.screen.text);
      strictEqual(on.screen.isColored, columns === 80 && !("NO_COLOR" in env));
      match(on.screen.text, /Now: 0 running, 2 waiting/);
      if (columns === 80) {
        await on.shows(/beta[^]*alpha/);
        await on.type("n");
        await on.shows(/alpha[^]*beta/);
        await on.type("n");
        await on.shows(/beta[^]*alpha/);
        await on.resize(60, 12);
        await on.shows(/Stigmer [^]*q quit/);
        await on.waitFor(
          () => on.screen.lines.every((it) => it.length < 60),
          "lines that fit",
        );
      }
      await on.type(key);
      deepStrictEqual(await on.ended, { code, echo: true }, on.screen.all);
      strictEqual(on.screen.all, "");
      deepStrictEqual([...on.screen.modes], []);
      strictEqual(on.screen.isCursorShown, true);
    }
    await using stopped = onScreen(place, ["top"]);
    await stopped.shows("q quit");
    await stopped.signal("SIGTERM");
    deepStrictEqual(await stopped.ended, { code: 130, echo: true });
    deepStrictEqual([...stopped.screen.modes], []);
    // What it ends with stands where it can be read.
    await using late = onScreen(place, ["top", "--timeout", "2s"]);
    strictEqual((await late.ended).code, 124);
    match(late.screen.all, /^Error: Gave up/);
  },
});

Deno.test("top in a pipe is one table, and JSON for programs", async () => {
  await using place = await furnished();
  const { code, stdout } = await place.run(["top", "--sort", "name"]);
  strictEqual(code, 0);
  match(stdout, /\nNow: 0 running, 2 waiting, [^]*\nID +NAME +PHASE +TASK/);
  match(stdout, /alpha +WAITING +tell · for answer to "Is it alpha\?"[^]*beta/);
  const words = ["top", "--sort", "name", "-o"];
  const json = JSON.parse((await place.run([...words, "json"])).stdout);
  deepStrictEqual(
    json.executions.map((it: { name: string }) => it.name),
    ["alpha", "beta"],
  );
  const names = await place.run([...words, "name"]);
  match(names.stdout, /^wex-\S+\nwex-\S+\n$/);
  strictEqual((await place.run([...words, "json", "--sort", "x"])).code, 2);
});
