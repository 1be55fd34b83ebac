import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { checkTree } from "./check.ts";
import { placeOf } from "./failure.ts";
import { parseJq } from "./parser.ts";

/** Programs that are none, and all that is said of them, with its place. */
const BROKEN: readonly (readonly [string, readonly string[]])[] = [
  ["", ["1:1 The expression is empty"]],
  ["   ", ["1:4 The expression is empty"]],
  ["# only a comment", ["1:17 The expression is empty"]],
  ["1 +", ["1:4 The expression ends too early"]],
  ["+ 1", ['1:1 Unexpected "+", a value is expected']],
  ["1 2", ['1:3 Unexpected "2", an operator or the end is expected']],
  [".a .b c", ['1:7 Unexpected "c", an operator or the end is expected']],
  [".a b", ['1:4 Unexpected "b", an operator or the end is expected']],
  ["(1", ['1:3 The expression ends too early, ")" is expected']],
  ["1)", ['1:2 Unexpected ")", an operator or the end is expected']],
  ["[1, 2", ['1:6 The expression ends too early, "]" is expected']],
  ["[1, 2)", ['1:6 Unexpected ")", "]" is expected']],
  ["{a: 1", ['1:6 The expression ends too early, "}" is expected']],
  ["{a: 1]", ['1:6 Unexpected "]", "}" is expected']],
  ["{a 1}", ['1:4 Unexpected "1", "}" is expected']],
  ["{a: }", ['1:5 Unexpected "}", a value is expected']],
  ["{: 1}", ['1:2 Unexpected ":", a key is expected']],
  ["{a: 1,, b: 2}", ['1:7 Unexpected ",", a key is expected']],
  ["{1: 2}", ["1:2 A key of an object is a string, put it in quotes"]],
  ["{a: 1 b: 2}", ['1:7 Unexpected "b", "}" is expected']],
  ["{(1: 2}", [
    '1:4 Unexpected ":", ")" is expected',
    '1:8 The expression ends too early, ":" is expected',
  ]],
  ['{"a": 1, 5}', ["1:10 A key of an object is a string, put it in quotes"]],
  ["{.a: 1}", [
    '1:2 Unexpected ".a", a key is expected (Braces make an object: for a value leave them out)',
  ]],
  ["{[1]: 2}", ['1:2 Unexpected "[", a key is expected']],
  ['"abc', ["1:5 A string is not closed"]],
  ['"a\\qb"', ["1:3 The escape in this string is not one of JSON"]],
  ['"a\\u12"', ["1:3 The escape in this string is not one of JSON"]],
  ['"\\(1"', ['1:5 Unexpected string, ")" is expected']],
  ['"\\(1 2)"', ['1:6 Unexpected "2", ")" is expected']],
  ['"\\()"', ['1:4 Unexpected ")", a value is expected']],
  ["'abc'", ['1:1 Unexpected "\'" (Strings stand in double quotes)']],
  ["@", ['1:1 Unexpected "@" (A format follows "@" at once, as in "@json")']],
  ['@ "x"', [
    '1:1 Unexpected "@" (A format follows "@" at once, as in "@json")',
  ]],
  ["@nope", ['1:1 Unknown format "@nope"']],
  ['@base46 "x"', ['1:1 Unknown format "@base46" (Did you mean "base64"?)']],
  ["if . then 1", ['1:12 The expression ends too early, "end" is expected']],
  ["if . then 1 else", ["1:17 The expression ends too early"]],
  ["if then 1 end", ['1:4 Unexpected "then", a value is expected']],
  ["if . 1 end", ['1:6 Unexpected "1", "then" is expected']],
  ["if . then else 2 end", ['1:11 Unexpected "else", a value is expected']],
  ["if . then 1 elif 2 end", ['1:20 Unexpected "end", "then" is expected']],
  ["if . then 1 else 2", [
    '1:19 The expression ends too early, "end" is expected',
  ]],
  ["then", ['1:1 Unexpected "then", a value is expected']],
  ["end", ['1:1 Unexpected "end", a value is expected']],
  ["else 1", ['1:1 Unexpected "else", a value is expected']],
  ["try", ["1:4 The expression ends too early"]],
  ["try catch 1", ['1:5 Unexpected "catch", a value is expected']],
  [". catch 1", ['1:3 Unexpected "catch", an operator or the end is expected']],
  ["reduce .[] as $x", ['1:17 The expression ends too early, "(" is expected']],
  ["reduce .[] $x (0; 1)", ['1:12 Unexpected "$x", "as" is expected']],
  ["reduce .[] as x (0; 1)", ['1:15 Unexpected "x", a variable is expected']],
  ["reduce .[] as $x (0)", ['1:20 Unexpected ")", ";" is expected']],
  ["reduce .[] as $x (0; 1; 2)", ['1:23 Unexpected ";", ")" is expected']],
  ["foreach .[] as $x (0)", ['1:21 Unexpected ")", ";" is expected']],
  ["foreach .[] as $x (0; 1; 2; 3)", ['1:27 Unexpected ";", ")" is expected']],
  ["reduce as $x (0; 1)", ['1:8 Unexpected "as", a value is expected']],
  ["def f: 1", ['1:9 The expression ends too early, ";" is expected']],
  ["def f: 1;", ["1:10 The expression ends too early"]],
  ["def f 1; f", ['1:7 Unexpected "1", ":" is expected']],
  ["def : 1; 2", ['1:5 Unexpected ":", the name of a function is expected']],
  ["def f(: 1; f", ['1:7 Unexpected ":", the name of a parameter is expected']],
  ["def f(a,b): 1; f", ['1:8 Unexpected ",", ")" is expected']],
  ["def f(a;): 1; f", [
    '1:9 Unexpected ")", the name of a parameter is expected',
  ]],
  ["def f(1): 1; f", [
    '1:7 Unexpected "1", the name of a parameter is expected',
  ]],
  [". as x | 1", ['1:6 Unexpected "x", a variable is expected']],
  [". as $x", ['1:8 The expression ends too early, "|" is expected']],
  [". as [$a | 1", ['1:10 Unexpected "|", "]" is expected']],
  [". as [] | 1", ['1:7 Unexpected "]", a variable is expected']],
  [". as {a} | 1", ['1:8 Unexpected "}", ":" is expected']],
  [". as {a: 1} | 1", ['1:10 Unexpected "1", a variable is expected']],
  [". as {} | 1", ['1:7 Unexpected "}", a key is expected']],
  [". as $x, 1", ['1:8 Unexpected ",", "|" is expected']],
  ["label x | 1", ['1:7 Unexpected "x", a variable is expected']],
  ["label $x", ['1:9 The expression ends too early, "|" is expected']],
  ["label $x 1", ['1:10 Unexpected "1", "|" is expected']],
  ["break", ["1:6 The expression ends too early, a variable is expected"]],
  ["break x", ['1:7 Unexpected "x", a variable is expected']],
  ["break $x", ['1:7 There is no "label $x" around "break $x"']],
  ["$", [
    '1:1 Unexpected "$", a value is expected (A name follows "$" at once)',
  ]],
  ["$ x", [
    '1:1 Unexpected "$", a value is expected (A name follows "$" at once)',
  ]],
  ["$1", [
    '1:1 Unexpected "$", a value is expected (A name follows "$" at once)',
  ]],
  [".[", ["1:3 The expression ends too early"]],
  [".[1", ['1:4 The expression ends too early, "]" is expected']],
  [".[1:", ["1:5 The expression ends too early"]],
  [".[1:2:3]", ['1:6 Unexpected ":", "]" is expected']],
  [".[]]", ['1:4 Unexpected "]", an operator or the end is expected']],
  [".[1,]", ['1:5 Unexpected "]", a value is expected']],
  ["..a", ['1:3 Unexpected "a", an operator or the end is expected']],
  ["...", ["1:4 The expression ends too early"]],
  [".a.", ["1:4 The expression ends too early"]],
  [".a..b", ['1:3 Unexpected "..", an operator or the end is expected']],
  [".a.[", ["1:5 The expression ends too early"]],
  [".1a", ['1:3 Unexpected "a", an operator or the end is expected']],
  [". foo", ['1:3 Unexpected "foo", an operator or the end is expected']],
  [".a[", ["1:4 The expression ends too early"]],
  ["?", ['1:1 Unexpected "?", a value is expected']],
  ["// 1", ['1:1 Unexpected "//", a value is expected']],
  ["1 //", ["1:5 The expression ends too early"]],
  ["1 == 2 == 3", ['1:8 "==" cannot be chained here, use parentheses']],
  [".a = 1 = 2", ['1:8 "=" cannot be chained here, use parentheses']],
  ["1 < 2 < 3", ['1:7 "<" cannot be chained here, use parentheses']],
  [", 1", ['1:1 Unexpected ",", a value is expected']],
  ["1,", ["1:3 The expression ends too early"]],
  ["1, , 2", ['1:4 Unexpected ",", a value is expected']],
  ["| 1", ['1:1 Unexpected "|", a value is expected']],
  ["1 |", ["1:4 The expression ends too early"]],
  ["1 | | 2", ['1:5 Unexpected "|", a value is expected']],
  ["1 and", ["1:6 The expression ends too early"]],
  ["and 1", ['1:1 Unexpected "and", a value is expected']],
  ["1 or or 2", ['1:6 Unexpected "or", a value is expected']],
  ["not 1", ['1:5 Unexpected "1", an operator or the end is expected']],
  ["- ", ["1:3 The expression ends too early"]],
  ["f(1", ['1:4 The expression ends too early, ")" is expected']],
  ["f(", ["1:3 The expression ends too early"]],
  ["f()", [
    '1:3 Unexpected ")", a value is expected (Leave out "()": a function without arguments has none)',
  ]],
  ["f(1;)", ['1:5 Unexpected ")", a value is expected']],
  ["f(;1)", ['1:3 Unexpected ";", a value is expected']],
  ["map(.a", ['1:7 The expression ends too early, ")" is expected']],
  ["map(.a))", ['1:8 Unexpected ")", an operator or the end is expected']],
  ["map", ['1:1 Function "map" takes 1 argument, not 0']],
  ["maps(.a)", ['1:1 Unknown function "maps" (Did you mean "map"?)']],
  ["select", ['1:1 Function "select" takes 1 argument, not 0']],
  ["select(.a; 1)", ['1:1 Function "select" takes 1 argument, not 2']],
  ["lenght", ['1:1 Unknown function "lenght" (Did you mean "length"?)']],
  [
    "nosuch",
    [
      '1:1 Unknown function "nosuch" (Write ".nosuch" for a field; texts stand in double quotes)',
    ],
  ],
  ["FOO", ['1:1 Unknown function "FOO" (Write "$env.FOO" for the variable)']],
  ["env", [
    '1:1 "env" is not allowed here: it reads the environment of this process',
  ]],
  ["$ENV", [
    '1:1 "$ENV" is not allowed here: it reads the environment of this process',
  ]],
  ["$ENV.HOME", [
    '1:1 "$ENV" is not allowed here: it reads the environment of this process',
  ]],
  ["input", ['1:1 "input" is not allowed here: there is no further input']],
  ["debug", ['1:1 "debug" is not allowed here: it writes to the terminal']],
  ['import "a" as a; 1', [
    '1:1 Unexpected "import", there are no modules here',
  ]],
  ['include "a"; 1', ['1:1 Unexpected "include", there are no modules here']],
  ["module {}; 1", ['1:1 Unexpected "module", there are no modules here']],
  [".a & .b", ['1:4 Unexpected "&" (Write "and")']],
  [".a && .b", ['1:4 Unexpected "&" (Write "and")']],
  [".a || .b", ['1:5 Unexpected "|", a value is expected (Write "or")']],
  ["!.a", ['1:1 Unexpected "!" (Write "!=", or "not" behind a "|")']],
  [".a === 1", ['1:6 Unexpected "=", a value is expected (Write "==")']],
  [".a =! 1", ['1:5 Unexpected "!" (Write "!=", or "not" behind a "|")']],
  [".a <> 1", ['1:5 Unexpected ">", a value is expected (Write "!=")']],
  [".a++", ['1:4 Unexpected "+", a value is expected (Write "+ 1")']],
  [".a ** 2", ['1:5 Unexpected "*", a value is expected (Write "pow(a; b)")']],
  ["a.b", ['1:1 Unknown function "a" (Did you mean ".a"?)']],
  [".foo-bar", [
    '1:6 Unknown function "bar" (Write ."foo-bar" for a key with "-")',
  ]],
  [".a ; 1", ['1:4 Unexpected ";", an operator or the end is expected']],
  ["1 ; 2", ['1:3 Unexpected ";", an operator or the end is expected']],
  ["{a: 1;}", ['1:6 Unexpected ";", "}" is expected']],
  ["[1; 2]", ['1:3 Unexpected ";", "]" is expected']],
  ["${x}", [
    '1:1 Unexpected "$", a value is expected (Write "$name" for a variable)',
  ]],
  [".a | = 1", ['1:6 Unexpected "=", a value is expected']],
  [".a =", ["1:5 The expression ends too early"]],
  [".a |=", ["1:6 The expression ends too early"]],
  [".[0]1", ['1:5 Unexpected "1", an operator or the end is expected']],
  ['"a" "b"', ["1:5 Unexpected string, an operator or the end is expected"]],
  ["1 1", ['1:3 Unexpected "1", an operator or the end is expected']],
  [".a[1", ['1:5 The expression ends too early, "]" is expected']],
  ["__loc__", ['1:1 Unexpected "__loc__"']],
  ["$__loc__x", ['1:1 Unknown variable "$__loc__x"']],
  ["%", ['1:1 Unexpected "%", a value is expected']],
  [".a %", ["1:5 The expression ends too early"]],
  ["\\", ['1:1 Unexpected "\\"']],
  ["`x`", ['1:1 Unexpected "`" (Strings stand in double quotes)']],
  ["“a”", ['1:1 Unexpected "“" (Strings stand in double quotes)']],
  [".é", ['1:2 Unexpected "é" (Write ."name" for a key of other letters)']],
  [".a.é", ['1:4 Unexpected "é" (Write ."name" for a key of other letters)']],
  ['.["a]', ["1:6 A string is not closed"]],
  ['.a."b', ["1:6 A string is not closed"]],
  ["é", ['1:1 Unexpected "é"']],
  ["0x10", ['1:2 Unexpected "x10", an operator or the end is expected']],
  ["1.2.3", ['1:4 Unexpected ".3", an operator or the end is expected']],
  ["1e", ['1:2 Unexpected "e", an operator or the end is expected']],
  [".5.", ["1:4 The expression ends too early"]],
  ['"\\x41"', ["1:2 The escape in this string is not one of JSON"]],
  ["catch", ['1:1 Unexpected "catch", a value is expected']],
  ["as", ['1:1 Unexpected "as", a value is expected']],
  ["reduce", ["1:7 The expression ends too early"]],
  ["foreach 1", ['1:10 The expression ends too early, "as" is expected']],
  ["return 1", ['1:8 Unexpected "1", an operator or the end is expected']],
  [".a ? .b : .c", ['1:9 Unexpected ":", an operator or the end is expected']],
  [".a -> .b", ['1:5 Unexpected ">", a value is expected (Write "|" or ".")']],
  [".items.map(.a)", [
    '1:11 Unexpected "(", an operator or the end is expected (Write "| name(…)" to call a function)',
  ]],
  [".items[].name.first()", [
    '1:20 Unexpected "(", an operator or the end is expected (Write "| name(…)" to call a function)',
  ]],
  ["true false", [
    '1:6 Unexpected "false", an operator or the end is expected',
  ]],
  ["[1 +] | {a: } | maps(.)", [
    '1:5 Unexpected "]", a value is expected',
    '1:13 Unexpected "}", a value is expected',
    '1:17 Unknown function "maps" (Did you mean "map"?)',
  ]],
  ["(.a | ) + [.b | ]", [
    '1:7 Unexpected ")", a value is expected',
    '1:17 Unexpected "]", a value is expected',
  ]],
  ['"a \\(.b +) c \\(1 2)"', ['1:10 Unexpected ")", a value is expected']],
  ['{"a": (1 +), "b": [2 2]}', [
    '1:11 Unexpected ")", a value is expected',
    '1:22 Unexpected "2", "]" is expected',
  ]],
  ["f(1 +; 2) | nosuchname", [
    '1:6 Unexpected ";", a value is expected',
    '1:13 Unknown function "nosuchname" (Write ".nosuchname" for a field; texts stand in double quotes)',
  ]],
  ["$nope | @nope | nope", [
    '1:1 Unknown variable "$nope"',
    '1:9 Unknown format "@nope"',
    '1:17 Unknown function "nope" (Did you mean "not"?)',
  ]],
];

/** All that is said of a program: `1:4 what is wrong (the way out)`. */
function said(source: string): readonly string[] {
  const { tree, problems } = parseJq(source);
  const variables = new Set(["context"]);
  const checked = checkTree(tree, { source, variables });
  return [...problems, ...checked.problems]
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ line, column, message, hint }) =>
      `${line}:${column} ${message}${hint === undefined ? "" : ` (${hint})`}`
    );
}

Deno.test("what is wrong is said with its place and what was expected", () => {
  for (const [source, messages] of BROKEN) {
    deepStrictEqual(said(source), messages, source);
  }
});

/** The same, in the middle of a text of several lines. */
Deno.test("a place is a line and a column, also behind line ends", () => {
  deepStrictEqual(said(".a |\n  .b +\n\n"), [
    "4:1 The expression ends too early",
  ]);
  deepStrictEqual(said("[\n  1,\n  2 3\n]"), [
    '3:5 Unexpected "3", "]" is expected',
  ]);
  deepStrictEqual(said("# note\n.a | nosuch"), [
    '2:6 Unknown function "nosuch" (Write ".nosuch" for a field; texts stand in double quotes)',
  ]);
  deepStrictEqual(said('"é😀" | nosuch'), [
    '1:9 Unknown function "nosuch" (Write ".nosuch" for a field; texts stand in double quotes)',
  ]);
  deepStrictEqual(said("{a: 1,\r\n b: }"), [
    '2:5 Unexpected "}", a value is expected',
  ]);
});

const PROGRAMS: readonly string[] = [
  ".a.b[0]?.c",
  "[.[] |\n select(.x > 1) |\n {a, b: .c}]",
  'if . then\n "a\\(1 + 2)b"\nelif .x then 1\nelse -. end',
  "reduce .[] as [$a, {b: $c}] (0;\n . + $a + $c)",
  "foreach .[] as $x (0;\n . + 1;\n [., $x])",
  "def f(g; $h):\n g | $h;\nf(1; 2), f(.a; .b)",
  "try error(1) catch\n . // label $out |\n break $out",
  '.[1:2] |= (.a, .b) // @base64 "x\\(.)"',
  ". as {a: $x} ?// [$x] |\n $__loc__, $x, .., @json, not",
  '{"a": 1, (.b): 2, "c\\(1)": 3, @text "d": 4, $__loc__}',
];

interface Placed {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
}

/** All nodes of a tree, and what else has a place in it. */
function* placedIn(value: unknown): Generator<Placed> {
  if (typeof value !== "object" || value === null) return;
  if (isPlaced(value)) yield value;
  for (const part of Object.values(value)) yield* placedIn(part);
}

function isPlaced(value: object): value is Placed {
  return "start" in value && "end" in value && "line" in value &&
    "column" in value;
}

Deno.test("every node of a tree knows its line and its column", () => {
  for (const source of PROGRAMS) {
    const { tree, problems } = parseJq(source);
    deepStrictEqual(problems, [], source);
    const placed = [...placedIn(tree)];
    ok(placed.length > 3, source);
    for (const { start, end, line, column } of placed) {
      const place = placeOf(source, start);
      strictEqual(line, place.line, source);
      strictEqual(column, place.column, source);
      ok(start >= 0 && end >= start && end <= source.length, source);
    }
    strictEqual(tree.start, 0, source);
  }
});

Deno.test("no more problems are noted than anybody reads", () => {
  const { problems } = parseJq(`[${"(1 +), ".repeat(100)}1]`);
  strictEqual(problems.length, 20);
});
