import { strictEqual } from "node:assert/strict";
import { shellWord } from "./shell_word.ts";

Deno.test("shellWord() leaves plain words, and quotes what a shell would read", () => {
  const cases = [
    ["/turn/1/tool/call_1", "/turn/1/tool/call_1"],
    ["", "''"],
    ["a b", "'a b'"],
    ["it's", "'it'\\''s'"],
    ["x; rm -rf ~", "'x; rm -rf ~'"],
    ["$(id)", "'$(id)'"],
    ["a\nb\u001b[2K", "'a\\nb\\u{1b}[2K'"],
  ] as const;
  for (const [word, shown] of cases) strictEqual(shellWord(word), shown);
});
