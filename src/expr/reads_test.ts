import { deepStrictEqual } from "node:assert/strict";
import { compileExpression } from "./compile.ts";
import type { Expression, PlainPath } from "./expression.ts";
import { type Looks, readsOf, valuesRead } from "./reads.ts";

function compiled(source: string): Expression {
  const made = compileExpression(source, { pointer: "" });
  if ("problems" in made) throw new Error(made.problems[0]?.message);
  return made.expression;
}

function written({ variable, steps }: PlainPath): string {
  return (variable === undefined ? "" : `$${variable}`) +
      steps.map((it) => `.${it}`).join("") || ".";
}

Deno.test("readsOf() finds the paths that an expression begins at", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [".a.b", [".a.b"]],
    ["1", []],
    ['"x \\(.a) \\($context.b)"', [".a", "$context.b"]],
    [".a > 3 and $context.n == .b", [".a", "$context.n", ".b"]],
    [".items | map(select(.id == 3))", [".items"]],
    [".items | length > 0", [".items"]],
    ["length > 3", ["."]],
    ["map(.x)", ["."]],
    [". + {x: .a}", [".", ".a"]],
    ["{a, b: .c.d, $x, (.k): 1}", [".a", ".c.d", "$x", ".k"]],
    [".a as $v | $v + .b", [".a", ".b"]],
    [". as {(.k): $v, w: [$w]} | $v", [".", ".k"]],
    ["[$x, (.a as $x | $x)]", [".", "$x"]],
    [".a[.b]", [".a", ".b"]],
    ['.a["b c"][0].d', [".a.b c.0.d"]],
    ["@base64", ["."]],
    ['@base64 "\\(.a)"', [".a"]],
    [".a | @base64", [".a"]],
    ["if .a then .b else .c end", [".a", ".b", ".c"]],
    ["if .a then .b end", [".a", ".b", "."]],
    ["(.a | .b) + .c", [".a", ".c"]],
    [".a |= 1", [".a", "."]],
    [".. | .a?", ["."]],
    ["any(.list[]; . == $x)", [".", "$x"]],
    ["[.a[] | {b, c: $y}]", [".a", "$y"]],
    [".a // .b", [".a", ".b"]],
    ["reduce .l[] as $i (0; . + $i)", ["."]],
  ];
  for (const [source, paths] of cases) {
    const { paths: read } = readsOf(compiled(source));
    deepStrictEqual(read.map(written), paths, source);
  }
});

Deno.test("readsOf() says whether what comes of it depends on what texts say", () => {
  const cases: readonly (readonly [string, Looks])[] = [
    [".a.b", "no"],
    ['"x \\(.a)"', "no"],
    ["{a: .b, length: .c, $x}", "no"],
    [".a | {b: ., c: [.d]}", "no"],
    [".list | map({id, v: .k})", "no"],
    [".list[] | .a", "no"],
    [".a = .b", "no"],
    [".a as $v | [$v]", "no"],
    [". as {a: [$v]} | [$v]", "no"],
    [". as {(.k): $v} | [$v]", "yes"],
    [". as [$v] ?// $v | [$v]", "yes"],
    ["[$x, (.a as $x | $x)]", "yes"],
    ["del(.a)", "no"],
    // An object without members looks into nothing.
    ["del({})", "no"],
    ["del(({}))", "no"],
    ["(({}), not)", "perhaps"],
    [". + {a: .b}", "perhaps"],
    [".a // .b", "perhaps"],
    ["if .a then .b else .c end", "perhaps"],
    [".list | map(select(.a))", "perhaps"],
    ['.a == "x"', "yes"],
    [".list | map(select(.a == 1))", "yes"],
    ['.a | test("x")', "yes"],
    [".a | length", "yes"],
    [".a | @base64", "yes"],
    ['@uri "\\(.a)"', "yes"],
    [".o[.a]", "yes"],
    [".a[1:2]", "yes"],
    [".a[]?", "yes"],
    [".. | .a", "yes"],
    ["{(.a): 1}", "yes"],
    [".a * 2", "yes"],
    [".list | sort", "yes"],
    ["try .a.b catch 1", "yes"],
    ["reduce .l[] as $i (0; . + $i)", "yes"],
    ["def f: .a; f", "yes"],
  ];
  for (const [source, looks] of cases) {
    deepStrictEqual(readsOf(compiled(source)).looks, looks, source);
  }
});

Deno.test("valuesRead() gives what is there, as far as a path goes", () => {
  const scope = {
    input: { a: { b: "text" }, list: [1, 2] },
    variables: { context: { n: 7 } },
  };
  const cases: readonly (readonly [string, readonly unknown[]])[] = [
    [".a.b | length", ["text"]],
    [".a.b.c | length", ["text"]],
    [".list[-1] | length", [[1, 2]]],
    [".list[-1]", [2]],
    [".none | length", [null]],
    ["$context.n + 1", [7]],
  ];
  for (const [source, values] of cases) {
    deepStrictEqual(valuesRead(compiled(source), scope), values, source);
  }
});
