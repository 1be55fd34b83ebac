import { strictEqual } from "node:assert/strict";
import { commandLine, shellWord } from "./shell_word.ts";

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

Deno.test("commandLine() quotes each word alone, and changes none", () => {
  strictEqual(
    commandLine("stigmer mcp trust --forget", ["stdio a 'b'\u200b", "look"]),
    "stigmer mcp trust --forget 'stdio a '\\''b'\\''\u200b' look",
  );
});
