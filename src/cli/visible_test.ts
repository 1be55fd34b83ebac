import { strictEqual } from "node:assert/strict";
import { visible } from "./visible.ts";

for (
  const [name, text, shown] of [
    ["keeps letters and lines", "naïve 🙂 日本\nrm", "naïve 🙂 日本\nrm"],
    [
      "shows what erases a line",
      "rm -rf /\r\x1b[2Kls",
      "rm -rf /\\r\\u{1b}[2Kls",
    ],
    ["shows what turns the direction", "a\u202etxt.exe", "a\\u{202e}txt.exe"],
    ["shows what has no width", "r\u200bm", "r\\u{200b}m"],
    [
      "shows tabs and other ends of lines",
      "a\tb\u2028c\x85",
      "a\\tb\\u{2028}c\\u{85}",
    ],
    [
      "shows tags, which models read and people do not",
      "a\u{e0041}",
      "a\\u{e0041}",
    ],
  ] as const
) {
  Deno.test(`visible() ${name}`, () => {
    strictEqual(visible(text), shown);
  });
}
