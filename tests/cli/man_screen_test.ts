/**
 * Manual pages, read on a terminal and piped to man.
 *
 * @module
 */

import { deepStrictEqual, doesNotMatch, match } from "node:assert/strict";
import { createPlace } from "./program.ts";
import { hasScreen, onScreen } from "./pty.ts";

Deno.test({
  name: "a manual page can be read on a terminal, and is one for man in a pipe",
  ignore: !hasScreen,
  async fn() {
    await using place = await createPlace();
    const words = ["man", "execution", "respond"];
    for (const columns of [80, 40]) {
      await using on = onScreen(place, words, { columns, rows: 300 });
      deepStrictEqual(await on.ended, { code: 0, echo: true });
      match(on.screen.text, /^NAME\n\n {4}stigmer-execution-respond/);
      match(on.screen.text, /\nSYNOPSIS\n\n {4}stigmer execution respond /);
      doesNotMatch(on.screen.text, /^\.[A-Z]|\\/m);
      // Nothing is broken in a word but what is copied as a whole.
      const prose = on.screen.text.split("EXAMPLES")[0] ?? "";
      deepStrictEqual(
        on.screen.broken.filter((it) => prose.includes(it.trim())),
        [],
      );
    }
    match((await place.run(words)).stdout, /^\.TH "STIGMER-EXECUTION-RESPOND"/);
  },
});
