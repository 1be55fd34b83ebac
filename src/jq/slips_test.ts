import { strictEqual } from "node:assert/strict";
import { firstOf, slipAt } from "./slips.ts";

const CASES: readonly (readonly [string, string, string | undefined])[] = [
  ["", "&& .b", 'Write "and"'],
  ["|", "| .b", 'Write "or"'],
  ["a", "| .b", undefined],
  ["=", "= 1", 'Write "=="'],
  [".a ", "= 1", undefined],
  ["", "= 1", 'Leave out the "="'],
  ["<", "> 1", 'Write "!="'],
  ["", "!.a", 'Write "!=", or "not" behind a "|"'],
  ["*", "* 2", 'Write "pow(a; b)"'],
  ["", "'a'", "Strings stand in double quotes"],
  ["", "“a”", "Strings stand in double quotes"],
  ["", "${a}", 'Write "$name" for a variable'],
  ["", "$ a", 'A name follows "$" at once'],
  ["", "$a", undefined],
  [".", "é", 'Write ."name" for a key of other letters'],
  [".", "a", undefined],
  ["", "é", undefined],
  ["", "1", undefined],
];

Deno.test("slipAt() knows what people write in other languages", () => {
  for (const [before, after, hint] of CASES) {
    strictEqual(
      slipAt(before + after, before.length),
      hint,
      `${before}${after}`,
    );
  }
});

Deno.test("firstOf() takes no character apart", () => {
  strictEqual(firstOf("😀a"), "😀");
  strictEqual(firstOf("a😀"), "a");
});
