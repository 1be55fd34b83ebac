import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { JqProblem } from "./failure.ts";
import { isFailure } from "./flow.ts";
import { type Inferred, inferTree } from "./infer.ts";
import type { Json } from "./json.ts";
import { parseJq } from "./parser.ts";
import { kindsInWords, typeOf } from "./types.ts";

const INPUT: Json = { count: 1, name: "x", tags: ["a"], inner: { on: true } };

function inferred(source: string, input?: Json): Inferred {
  const { tree, problems } = parseJq(source);
  deepStrictEqual(problems, [], source);
  return inferTree(tree, {
    source,
    ...(input === undefined ? {} : { input: typeOf(input) }),
  });
}

Deno.test("inferTree() names what a program gives", () => {
  const cases: readonly (readonly [string, string])[] = [
    [".count", "number"],
    [".tags[0]", "null or string"],
    [".tags | map(length)", "array"],
    [".tags | map(length) | .[0]", "null or number"],
    ["if .inner.on then 1 else null end", "number"],
    ["if .count == 1 then 1 else null end", "null or number"],
    [".count as $c | {a: $c} | .a", "number"],
    [".name // 1", "string"],
    ["[.count, .name][]", "number or string"],
    ["{a: 1} + {b: null} | .b", "null"],
    [".count == 1 and .name", "boolean"],
    ['"\\(.count)"', "string"],
    ["reduce .tags[] as $t (0; 1)", "null or number"],
    [".unknown?", "null"],
    ["$x", "any value"],
    ["def f: 1; f", "number"],
    ["try error catch 1", "number"],
    ["..", "any value"],
  ];
  for (const [source, words] of cases) {
    strictEqual(kindsInWords(inferred(source, INPUT).type), words, source);
  }
});

Deno.test("inferTree() tells what can never be right, and where", () => {
  const cases: readonly (readonly [string, number, string])[] = [
    [
      ".count | ascii_upcase",
      9,
      'This always fails: "ascii_upcase" takes a string, and this is a number',
    ],
    [".name.first", 5, 'This always fails: there is no "first" in a string'],
    [
      ".count[0]",
      7,
      "This always fails: a number cannot be indexed with a number",
    ],
    [".count[1:2]", 0, "This always fails: a number has no parts to cut"],
    [".count[]", 0, "This always fails: a number has no items"],
    [
      ".tags - 1",
      0,
      "This always fails: an array and a number cannot be subtracted",
    ],
    ["-.name", 0, "This always fails: a string cannot be negated"],
    [
      "{(.count): 1}",
      2,
      "This always fails: a key is a string, and this is a number",
    ],
    [".nmae", 0, 'There is no "nmae" here: it is always null'],
    [".inner | .off", 9, 'There is no "off" here: it is always null'],
    [
      "1 // .name",
      5,
      "This is never reached: what stands before // is always there, it is a number",
    ],
    [
      "[.nothing?] // 2",
      15,
      "This is never reached: what stands before // is always there, it is an array",
    ],
    [
      "null // 1",
      0,
      "This is never given: it is null, and what stands after // is taken",
    ],
    [
      "if .name then 1 else 2 end",
      3,
      "This condition always holds: it is a string, and only null and false do not count as true",
    ],
    [".tags | map(.a)", 12, 'This always fails: there is no "a" in a string'],
  ];
  for (const [source, offset, message] of cases) {
    const found: readonly JqProblem[] = inferred(source, INPUT).warnings
      .filter((it) => !/"nothing"/.test(it.message));
    deepStrictEqual(
      found.map((it) => [it.offset, it.message]),
      [[offset, message]],
      source,
    );
  }
  strictEqual(
    inferred(".nmae", INPUT).warnings[0]?.hint,
    'Did you mean "name"?',
  );
});

Deno.test("inferTree() says nothing of what is meant, or may be right", () => {
  const sources = [
    "try (1 | ascii_upcase) catch 2",
    ".count.a?",
    ".count[]?",
    ".new = 1",
    "del(.other)",
    ".other |= 2",
    "if true then 1 else 2 end",
    'first(1, ("a" | floor))',
    'label $f | 1, break $f, ("a" | floor)',
    "[] | map(.a)",
    "def ascii_upcase: 1; .count | ascii_upcase",
    ". as [$a] ?// $a | $a.b",
    '.name // "none"',
    '[.[] | select(type == "string") | ascii_upcase]',
    ".x.y.z",
    // A fold without a round, and branches that are for other values.
    "reduce ([] | .[]) as $x (0; . + ($x | floor))",
    "reduce empty as $x (0; $x - $x)",
    "[foreach ([] | .[]) as $x (0; . + 1; $x | ascii_upcase)]",
    '.count | if type == "string" then ascii_upcase else . + 1 end',
    '.count | if type != "string" then . + 1 else ascii_upcase end',
    '.count | if "array" == type then .[] else . end',
    '.name | if (type | . == "array") then .[] else . end',
    ".count | if . == null then -. else . + 1 end",
    '.name as $n | if ($n | type) == "array" then $n[] else $n end',
    "if .count == null then .count[] else 1 end",
    'if (.count | type) == "object" then .count.a else .count end',
    '.count | if type == "array" or type == "object" then .[] else . end',
    '.count | if type == "array" and length > 0 then .[0] else . end',
    ".count | if type | not then .[] else . end",
    '.count | if (type | test("^a")) then .[] else . end',
    ".count | if isempty(arrays) then . else .[] end",
    ".count | if (.[0]? // null) == null then . else .[] end",
    '.count | select(type == "array") | .[]',
    '.count | select(type | IN("array", "object")) | .[]',
    ".count | arrays | .[]",
    ".count | (arrays // [.]) | .[]",
    "select(.count == null) | .count[]",
    '(type == "array" and (.[0] | ascii_upcase) == "A") | not',
    'type != "array" or .[0] == 1',
  ];
  for (const source of sources) {
    const input: Json | undefined =
      source === ".x.y.z" || source.startsWith(".name") ? undefined : INPUT;
    deepStrictEqual(inferred(source, input).warnings, [], source);
  }
});

Deno.test("inferTree() takes no longer for conditions inside one another", () => {
  const depth = 60;
  const sources = [
    "select(".repeat(depth) + "." + ")".repeat(depth),
    "if ".repeat(depth) + ". == 1" + " then . else . end".repeat(depth),
    "(".repeat(depth) + ". and .a" + ") and .b".repeat(depth),
    "(".repeat(depth) + ".x" + ").a == null".repeat(depth),
  ];
  for (const source of sources) inferred(source);
});

Deno.test("inferTree() counts what a program gives", () => {
  const cases: readonly (readonly [string, number, number, boolean])[] = [
    ["1", 1, 1, false],
    ["1, 2", 2, 2, false],
    ["empty", 0, 0, false],
    [".[]?", 0, 2, false],
    ["select(.a)", 0, 1, true],
    ["(1, 2) | [., .]", 2, 2, false],
  ];
  for (const [source, least, most, fails] of cases) {
    const flow = inferred(source);
    deepStrictEqual(
      [flow.least, flow.most, flow.fails],
      [least, most, fails],
      source,
    );
    strictEqual(isFailure(flow), false, source);
  }
  for (
    const source of ["error", "1 | error", "[error]", "1, error", '"a" - 1']
  ) {
    strictEqual(isFailure(inferred(source)), true, source);
  }
  for (const source of ["empty | error", ".[] | error", "first(1, error)"]) {
    strictEqual(isFailure(inferred(source)), false, source);
  }
});
