/**
 * Questions to a person at a terminal, narrow and wide, with colours and
 * without: whether to delete, for a secret, and whether a tool may be called.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createPlace, type Place } from "./program.ts";
import { hasScreen, left, type OnScreen, onScreen } from "./pty.ts";
import { SCRIBE } from "./scribe.ts";

const TERMINALS = [
  { columns: 80, env: {}, isColored: true },
  { columns: 80, env: { NO_COLOR: "1" }, isColored: false },
  { columns: 40, env: {}, isColored: true },
  { columns: 40, env: { NO_COLOR: "1" }, isColored: false },
] as const;
const LONG = "a-reviewer-whose-name-is-long";
const SECRET = "t0ken-9f8e7d6c5b";

/** Nothing is too wide, so that the terminal would have broken it. */
function holdsTo(on: OnScreen): void {
  deepStrictEqual(on.screen.broken, [], on.screen.all);
}

Deno.test({
  name: "who deletes something at a terminal is asked, and no is the default",
  ignore: !hasScreen,
  async fn() {
    await using place = await createPlace();
    await place.write(
      "a.yaml",
      SCRIBE.replace("name: scribe", `name: ${LONG}`),
    );
    await place.write("scribe.script.yaml", "turns: [{ say: x }]\n");
    for (const { columns, env } of TERMINALS) {
      strictEqual((await place.run(["apply", "-f", "a.yaml"])).code, 0);
      const words = ["agent", "delete", LONG];
      for (
        const { typed, code, says } of [
          { typed: "\r", code: 130, says: "Nothing was deleted" },
          { typed: "maybe\r", code: 130, says: "Nothing was deleted" },
          { typed: "\x03", code: 130, says: "Nothing was deleted" },
          { typed: "y\r", code: 0, says: `agent/${LONG} deleted` },
        ]
      ) {
        await using on = onScreen(place, words, { columns, env });
        await on.shows("[y/N]");
        holdsTo(on);
        await on.type(typed);
        await left(on, code);
        ok(on.screen.all.replaceAll("\n", "").includes(says), on.screen.all);
      }
    }
    strictEqual((await place.run(["apply", "-f", "a.yaml"])).code, 0);
    const piped = await place.run(["agent", "delete", LONG]);
    strictEqual(piped.code, 2);
    match(piped.stderr, /Cannot ask whether to delete[^]*--yes/);
    // deno-lint-ignore no-control-regex -- what a terminal is drawn with
    ok(!/\x1b/.test(piped.stderr + piped.stdout));
  },
});

Deno.test({
  name: "a secret that is asked for is not shown, and Ctrl-C keeps nothing",
  ignore: !hasScreen,
  async fn() {
    await using place = await createPlace();
    strictEqual((await place.run(["env", "create", "prod"])).code, 0);
    const words = ["env", "set", "prod", "--secret", "TOKEN"];
    for (const { columns, env } of TERMINALS) {
      await using given = onScreen(place, words, { columns, env });
      await given.shows("(not shown):");
      ok(given.screen.modes.has("pastes"));
      await given.type(`${SECRET}\r`);
      await left(given, 0);
      ok(!given.written().includes(SECRET.slice(0, 6)), given.screen.all);
      await using gone = onScreen(place, words, { columns, env });
      await gone.shows("(not shown):");
      await gone.type(`${SECRET}\x03`);
      const { code, echo } = await gone.ended;
      ok(code !== 0 && echo, gone.screen.all);
      deepStrictEqual([...gone.screen.modes], []);
      ok(!gone.written().includes(SECRET.slice(0, 6)));
    }
  },
});

/** A home with an agent that asks before it writes. */
async function withScribe(): Promise<Place> {
  const place = await createPlace();
  await place.write("all.yaml", SCRIBE);
  await place.write(
    "scribe.script.yaml",
    `turns:
  - { when: { toolResult: { matches: . } }, say: "It is done", chunkDelayMs: 600, chunkLength: 4, repeat: true }
  - call: { tool: workspace_write, arguments: { path: one.txt, content: "日本語 and more" } }
    repeat: true
`,
  );
  strictEqual((await place.run(["apply", "-f", "all.yaml"])).code, 0);
  return place;
}

Deno.test({
  name: "a tool call is asked about below what was drawn, which goes on then",
  ignore: !hasScreen,
  async fn() {
    await using place = await withScribe();
    for (const { columns, env, isColored } of TERMINALS) {
      const words = ["agent", "execute", "scribe", "write it"];
      await using on = onScreen(place, words, { columns, env });
      await on.shows(/leave it[ \n]waiting$/);
      holdsTo(on);
      strictEqual(on.screen.isCursorShown, true);
      // Nothing is drawn over a question: what is no answer counts from a
      // quarter of a second on, when frames had been due.
      const { frames } = on.screen;
      const asked = on.screen.all;
      await on.press("x", "press a letter\n");
      strictEqual(on.screen.frames, frames);
      strictEqual(on.screen.all.slice(0, asked.length), asked);
      await on.press("a", "approve\n");
      await left(on, 0);
      match(
        on.screen.all,
        /waiting approve\n[^]*It is done\n(?:[^]*\n)?✓ scribe/,
      );
      strictEqual(on.screen.isColored, isColored);
      strictEqual(
        await Deno.readTextFile(`${place.folder}/one.txt`),
        "日本語 and more",
      );
    }
  },
});

Deno.test("a tool call that nobody can be asked about is told in plain lines", async () => {
  await using place = await withScribe();
  const ran = await place.run(["agent", "execute", "scribe", "write it"]);
  strictEqual(ran.code, 5);
  match(ran.stderr, /stigmer execution approve aex-/);
  // deno-lint-ignore no-control-regex -- what a terminal is drawn with
  ok(!/\x1b/.test(ran.stderr + ran.stdout));
});
