import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type Token, tokenize } from "./lexer.ts";

/** Tokens in short: `kind:text`, without the one at the end. */
function shortOf(source: string): readonly string[] {
  const tokens = tokenize(source);
  strictEqual(tokens.at(-1)?.kind, "end", source);
  return tokens.slice(0, -1).map(({ kind, text }) => `${kind}:${text}`);
}

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ["", []],
  ["  \t\r\n", []],
  ["# all of it", []],
  ["1 # one\n2", ["number:1", "number:2"]],
  ["1 # goes on \\\n2", ["number:1"]],
  ["1 # does not \\\\\n2", ["number:1", "number:2"]],
  [".", ["operator:."]],
  ["..", ["operator:.."]],
  [".a", ["field:a"]],
  [". a", ["operator:.", "identifier:a"]],
  [".a.b", ["field:a", "field:b"]],
  [".a_1", ["field:a_1"]],
  [".if", ["field:if"]],
  [".[]", ["operator:.", "operator:[", "operator:]"]],
  ["a", ["identifier:a"]],
  ["a::b", ["identifier:a::b"]],
  ["_a1", ["identifier:_a1"]],
  ["if", ["keyword:if"]],
  ["iff", ["identifier:iff"]],
  ["$x", ["variable:x"]],
  ["$a::b", ["variable:a::b"]],
  ["$__loc__", ["variable:__loc__"]],
  ["$if", ["variable:if"]],
  ["@base64", ["format:base64"]],
  ["1", ["number:1"]],
  ["1.5", ["number:1.5"]],
  ["1.", ["number:1."]],
  [".5", ["number:.5"]],
  ["1e3", ["number:1e3"]],
  ["1E+3", ["number:1E+3"]],
  ["1.5e-3", ["number:1.5e-3"]],
  ["1e", ["number:1", "identifier:e"]],
  ["-1", ["operator:-", "number:1"]],
  ["1-1", ["number:1", "operator:-", "number:1"]],
  ["a-b", ["identifier:a", "operator:-", "identifier:b"]],
  ["//", ["operator://"]],
  ["//=", ["operator://="]],
  ["?//", ["operator:?//"]],
  ["?//=", ["operator:?//="]],
  ["? //", ["operator:?", "operator://"]],
  ["$", ["operator:$"]],
  ["$1", ["operator:$", "number:1"]],
  ["|=", ["operator:|="]],
  ["| =", ["operator:|", "operator:="]],
  ["+= -= *= /= %=", [
    "operator:+=",
    "operator:-=",
    "operator:*=",
    "operator:/=",
    "operator:%=",
  ]],
  ["== != < <= > >=", [
    "operator:==",
    "operator:!=",
    "operator:<",
    "operator:<=",
    "operator:>",
    "operator:>=",
  ]],
  ["===", ["operator:==", "operator:="]],
  ["and or not", ["keyword:and", "keyword:or", "identifier:not"]],
  ["(a; b)", [
    "operator:(",
    "identifier:a",
    "operator:;",
    "identifier:b",
    "operator:)",
  ]],
  ["{a:1}", [
    "operator:{",
    "identifier:a",
    "operator::",
    "number:1",
    "operator:}",
  ]],
  ['""', ['text-start:"', 'text-end:"']],
  ['"a"', ['text-start:"', "text:a", 'text-end:"']],
  ['"a\\n\\t\\"\\\\\\/"', ['text-start:"', 'text:a\n\t"\\/', 'text-end:"']],
  ['"\\u00e9\\ud83d\\ude00"', ['text-start:"', "text:é😀", 'text-end:"']],
  ['"# no comment"', ['text-start:"', "text:# no comment", 'text-end:"']],
  ['"a\nb"', ['text-start:"', "text:a\nb", 'text-end:"']],
  ['"a\\(.b)c"', [
    'text-start:"',
    "text:a",
    "open:\\(",
    "field:b",
    "close:)",
    "text:c",
    'text-end:"',
  ]],
  ['"\\((1))"', [
    'text-start:"',
    "open:\\(",
    "operator:(",
    "number:1",
    "operator:)",
    "close:)",
    'text-end:"',
  ]],
  ['"\\("\\(1)")"', [
    'text-start:"',
    "open:\\(",
    'text-start:"',
    "open:\\(",
    "number:1",
    "close:)",
    'text-end:"',
    "close:)",
    'text-end:"',
  ]],
  ['@json "x"', ["format:json", 'text-start:"', "text:x", 'text-end:"']],
  ['."a"', ["operator:.", 'text-start:"', "text:a", 'text-end:"']],
];

Deno.test("tokenize() splits a program as jq does", () => {
  for (const [source, wanted] of CASES) {
    deepStrictEqual(shortOf(source), wanted, source);
  }
});

Deno.test("tokens stand where they are written, one behind another", () => {
  for (const [source] of CASES) {
    let last = 0;
    for (const { start, end } of tokenize(source)) {
      ok(start >= last && end >= start && end <= source.length, source);
      last = end;
    }
  }
});

const INVALID: readonly (readonly [string, string, number])[] = [
  ["'a'", "'", 0],
  [".a & .b", "&", 3],
  ["é", "é", 0],
  ["1 !", "!", 2],
  ["@", "@", 0],
  ['"abc', "", 4],
  ['"a\\q"', "\\", 2],
  ['"\\u12g4"', "\\", 1],
  ['"\\(1', "", 4],
  ["`", "`", 0],
  ["\\", "\\", 0],
  ["~", "~", 0],
  ["\u0000", "\u0000", 0],
];

Deno.test("tokenize() stops at what is no token", () => {
  for (const [source, text, start] of INVALID) {
    const last: Token | undefined = tokenize(source).at(-1);
    if (source === '"\\(1') {
      // What is put into a string may go on: its end is for the parser.
      strictEqual(last?.kind, "end", source);
      continue;
    }
    deepStrictEqual(
      [last?.kind, last?.text, last?.start],
      ["invalid", text, start],
      source,
    );
  }
});

Deno.test("tokenize() ends at the brace that ends what is around", () => {
  const cases: readonly (readonly [string, number])[] = [
    [".a }", 3],
    ["{a: 1} } }", 7],
    ['"}" }', 4],
    ['"\\({} | "}")" }', 14],
    ["[{}, {}] }", 9],
  ];
  for (const [source, end] of cases) {
    const last = tokenize(source, { toBrace: true }).at(-1);
    deepStrictEqual([last?.kind, last?.start], ["end", end], source);
  }
  strictEqual(tokenize("${ .a }", { start: 2, toBrace: true }).length, 2);
});
