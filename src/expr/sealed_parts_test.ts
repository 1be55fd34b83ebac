import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Json } from "../model/json.ts";
import { compileExpression } from "./compile.ts";
import { evaluate } from "./evaluate.ts";
import type { Expression } from "./expression.ts";
import { offsetWritten } from "./place.ts";
import { sealedForm, type SealedPart } from "./sealed_parts.ts";

const SECRETS: Json = { K: "k-value", L: "l", C: { user: "ada", n: 3 } };
const INPUT: Json = { n: 1, list: [{ id: 1 }, { id: 2 }], name: "N" };
const CONTEXT: Json = { before: true };

function compiled(source: string): Expression {
  const made = compileExpression(source, { pointer: "" });
  if ("problems" in made) throw new Error(made.problems[0]?.message);
  return made.expression;
}

/** What the parts are, and whether all together give what the whole gives. */
function partsOf(source: string): readonly string[] {
  const expression = compiled(source);
  const variables = { secrets: SECRETS, context: CONTEXT };
  const scope = { input: INPUT, variables };
  const { parts, rest } = sealedForm(expression, "secrets");
  const given = parts.map((it) => evaluate(it.expression, scope));
  deepStrictEqual(
    evaluate(rest, {
      input: INPUT,
      variables: { ...variables, __parts: given },
    }),
    evaluate(expression, scope),
    source,
  );
  for (const { program = "", shifts = [] } of parts.map(expressionOf)) {
    const start = offsetWritten(shifts, 0);
    strictEqual(source.trim().slice(start, start + program.length), program);
  }
  return parts.map((it) => it.expression.program ?? "");
}

function expressionOf({ expression }: SealedPart): Expression {
  return expression;
}

Deno.test("sealedForm() finds what computes with secrets, and leaves the rest", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["$secrets.K", ["$secrets.K"]],
    ["$secrets", ["$secrets"]],
    ["$secrets.C.user", ["$secrets.C.user"]],
    ['$secrets["C"].n', ['$secrets["C"].n']],
    ["{a: $secrets.K, b: .n}", ["$secrets.K"]],
    ["$context + {key: $secrets.K}", ["$secrets.K"]],
    ["{} + {key: ($secrets.K | @base64)}", ["$secrets.K | @base64"]],
    ["[.n, $secrets.K, {x: [$secrets.L]}]", ["$secrets.K", "$secrets.L"]],
    ['{a: ($secrets.C.user + ":" + .name)}', ['$secrets.C.user + ":" + .name']],
    ['{a: "Bearer \\($secrets.K)"}', ['"Bearer \\($secrets.K)"']],
    ['{a: @uri "x=\\($secrets.K)"}', ['@uri "x=\\($secrets.K)"']],
    ["if .n == 1 then {k: $secrets.K} else {} end", ["$secrets.K"]],
    [".list | {all: ., k: $secrets.K}", ["$secrets.K"]],
    [".n as $n | {n: $n, k: $secrets.K}", ["$secrets.K"]],
    [".list | map({id, k: $secrets.K})", ["$secrets.K"]],
    [
      '.list | map({id, k: ("a" + $secrets.K | @base64)})',
      ['"a" + $secrets.K | @base64'],
    ],
    [".absent // $secrets.K", ["$secrets.K"]],
    ["$secrets.K // 1", ["$secrets.K"]],
    [".key = $secrets.K", ["$secrets.K"]],
    ["($secrets.K)", ["$secrets.K"]],
    ["($secrets.K) // 1", ["$secrets.K"]],
    ["{a: ($secrets.C).user, b: .n}", ["($secrets.C).user"]],
    ['{a: "}", # "\n k: $secrets.K}', ["$secrets.K"]],
    // A secret that no one computes with may come last, whatever is before it.
    ["reduce .list[] as $i (0; . + 1) | {n: ., k: $secrets.K}", ["$secrets.K"]],
    ["[(.n | try error catch .), $secrets.K]", ["$secrets.K"]],
    [".list | map({id, k: ($secrets.C | .user)})", ["$secrets.C | .user"]],
    ["[1 as $secrets | {a: $secrets}]", ["1 as $secrets | {a: $secrets}"]],
  ];
  for (const [source, parts] of cases) deepStrictEqual(partsOf(source), parts);
});

Deno.test("sealedForm() takes as one what it does not know to leave a secret alone", () => {
  for (
    const source of [
      "$secrets.K | length",
      "$secrets.K == .name",
      "$secrets.C.user // 1",
      '$secrets.K + "x"',
      "$secrets.C * {a: 1}",
      "if $secrets.K then 1 else 2 end",
      "{($secrets.K): 1}",
      "{a: $secrets.K}.a",
      "[$secrets.K][0]",
      "$secrets[.name]?",
      "$secrets.K as $k | {k: $k}",
      "reduce .list[] as $it ({}; . + {($it.id|tostring): $secrets.K})",
      "def f: $secrets.K; {k: f}",
      ".list | map({id, k: (.id | tostring + $secrets.K)})",
      "with_entries(.value = $secrets.K)",
      '1 as $x | "\\($x)\\($secrets.K)"',
      "[$secrets.K, $secrets.L] | sort",
      '[($secrets.K | select(. == "no"))]',
      "[$secrets.C[], 1]",
      "[{a: ($secrets.K, $secrets.L)} | .a]",
      "[.n, ($secrets.C | .none?)]",
      "[(if $secrets.K then .list[] else 1 end)]",
      "{a: 1} | .a = (.a | tostring) + $secrets.K",
      // It is `.n and (1 as $n | …)`, and true where that is a text.
      '.n and 1 as $n | ($secrets.K == "a")',
      // The second is no entry, but another result of the first.
      "[{a: . as $n | $secrets.K, 2}]",
      "[$secrets.K[empty:2]]",
      "{a: ([$secrets.C] as [{(empty): $x}] | $x)}",
    ]
  ) deepStrictEqual(partsOf(source), [source]);
});

Deno.test("a part that only takes a member says which", () => {
  const { parts } = sealedForm(
    compiled('[$secrets.K, $secrets."C".user, ($secrets.L|length), $secrets]'),
    "secrets",
  );
  deepStrictEqual(parts.map((it) => it.steps), [
    ["K"],
    ["C", "user"],
    undefined,
    [],
  ]);
  deepStrictEqual(parts.map((it) => it.members), [
    ["K"],
    ["C"],
    ["L"],
    undefined,
  ]);
});

Deno.test("an expression is taken apart once", () => {
  const expression = compiled("{a: $secrets.K}");
  strictEqual(
    sealedForm(expression, "secrets"),
    sealedForm(expression, "secrets"),
  );
});
