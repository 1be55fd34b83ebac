import { equal } from "node:assert/strict";
import { countHidden, visibleLine, visibleText } from "./hidden_text.ts";

Deno.test("what cannot be seen is counted, and written so that it is seen", () => {
  const cases: readonly (readonly [string, number, string])[] = [
    ["Reads a file", 0, "Reads a file"],
    ["one\ntwo\tthree\r\n", 0, "one\ntwo\tthree\r\n"],
    ["Grüße, 日本語, naïve", 0, "Grüße, 日本語, naïve"],
    // Emoji that are drawn of several characters hide nothing.
    ["👩‍💻 ❤️ 👍🏽 1️⃣", 0, "👩‍💻 ❤️ 👍🏽 1️⃣"],
    ["a\u200bb", 1, "a\\u{200b}b"],
    ["a\u202eb\u202c", 2, "a\\u{202e}b\\u{202c}"],
    ["\u{e0041}\u{e0042}", 2, "\\u{e0041}\\u{e0042}"],
    ["\u001b[2J", 1, "\\u{1b}[2J"],
    ["a\0b\u0007\u009b", 3, "a\\u{0}b\\u{7}\\u{9b}"],
    ["\ufeffx\u00ad\u2060", 3, "\\u{feff}x\\u{ad}\\u{2060}"],
    ["x\u2028y\ue000", 2, "x\\u{2028}y\\u{e000}"],
    ["rm -rf /\rls\r\n", 1, "rm -rf /\\rls\r\n"],
    ["lone \ud800", 1, "lone \\u{d800}"],
    ["word\u200dword\ufe0f", 2, "word\\u{200d}word\\u{fe0f}"],
    // Instructions behind an emoji are none of it.
    ["👍\u{e0020}\u{e0062}", 2, "👍\\u{e0020}\\u{e0062}"],
  ];
  for (const [text, count, shown] of cases) {
    equal(countHidden(text), count, JSON.stringify(text));
    equal(visibleText(text), shown);
  }
});

Deno.test("visibleLine() leaves no line end", () => {
  equal(visibleLine("look\nTrusted: all\r\n\rx"), "look\\nTrusted: all\\n\\rx");
});

Deno.test("a long text is looked through in no time", () => {
  const text = "👩‍💻\u200b".repeat(100_000);
  const begin = performance.now();
  equal(countHidden(text), 100_000);
  equal(performance.now() - begin < 2000, true);
});
