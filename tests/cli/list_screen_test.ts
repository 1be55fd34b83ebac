/**
 * Lists that are watched, on a terminal and in a pipe.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { until } from "../until.ts";
import { createPlace, type Place } from "./program.ts";
import { hasScreen, onScreen } from "./pty.ts";

const FLOW = `document: { dsl: 1.0.3, namespace: t, name: flow, version: 1.0.0 }
do: [{ answer: { set: { a: 1 } } }]
`;

/** Two executions, and nothing else. */
const TABLE =
  /^ID [^\n]*\n(?:wex-[^\n]*COMPLETED[^\n]*\n)wex-[^\n]*COMPLETED[^\n]*$/;

async function run(place: Place): Promise<string> {
  const { stdout, code } = await place.run(["run", "flow.yaml", "-o", "name"]);
  strictEqual(code, 0);
  return stdout.trim();
}

Deno.test({
  name: "a list of executions is drawn over itself, and Ctrl-C leaves it there",
  ignore: !hasScreen,
  async fn() {
    for (const [columns, env] of [[80, {}], [40, { NO_COLOR: "1" }]] as const) {
      await using place = await createPlace();
      await place.write("flow.yaml", FLOW);
      const words = ["execution", "list", "--watch"];
      await using on = onScreen(place, words, { columns, env });
      await on.shows("None found");
      for (let i = 0; i < 2; i++) {
        const id = await run(place);
        await on.shows(new RegExp(`${id}\\s.*COMPLE`));
        // It may not stop itself at Ctrl-Z, and leaves the cursor where it is.
        strictEqual(on.screen.isCursorShown, true);
        // A narrow one has the id of each above the rest, the name included.
        strictEqual(on.screen.lines.length, (i + 2) * (columns < 80 ? 2 : 1));
        match(on.screen.all, /\bNAME\b[^]*\bflow\b/);
        ok(on.screen.lines.every((it) => it.length < columns));
      }
      await on.resize(60, 10, { stops: false });
      // Broken lines and lines that were cut are gone, with the next look.
      await on.shows(TABLE);
      await on.type("\x03");
      deepStrictEqual(await on.ended, { code: 130, echo: true });
      strictEqual(on.screen.isCursorShown, true);
      strictEqual(on.screen.isColored, columns === 80);
      match(on.screen.all, TABLE);
    }
  },
});

Deno.test("a list of executions in a pipe goes on with what is new", async () => {
  await using place = await createPlace();
  await place.write("flow.yaml", FLOW);
  const first = await run(place);
  const words = ["execution", "list", "-w", "-o", "name"];
  const watch = place.start(words);
  await until(() => watch.printed() === `${first}\n`);
  const second = await run(place);
  await until(() => watch.printed().includes(second));
  watch.kill("SIGINT");
  const { code, stdout, stderr } = await watch.ended;
  deepStrictEqual([code, stderr], [130, ""]);
  // It may have been seen PENDING, and then as it ended.
  deepStrictEqual(new Set(stdout.trim().split("\n")), new Set([first, second]));
});

Deno.test("only a list of one kind can be watched", async () => {
  await using place = await createPlace();
  for (const what of ["agent,workflow", "execution wex-1"]) {
    const ran = await place.run(["get", ...what.split(" "), "--watch"]);
    strictEqual(ran.code, 2);
    match(ran.stderr, /Only a list of one kind can be watched/);
  }
});
