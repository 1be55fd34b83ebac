import { deepStrictEqual, ok } from "node:assert/strict";
import { compileExpression } from "../../src/expr/compile.ts";
import { evaluate } from "../../src/expr/evaluate.ts";
import type { Expression, Scope } from "../../src/expr/expression.ts";
import { ExpressionError } from "../../src/expr/failure.ts";
import { memberUses } from "../../src/expr/members.ts";
import { readsOf } from "../../src/expr/reads.ts";
import { sealedForm } from "../../src/expr/sealed_parts.ts";
import { isJsonArray, isJsonObject, type Json } from "../../src/model/json.ts";
import { oneOf, type Pick, randomProgram, seeded } from "./jq_random.ts";

const SEED = 27_182;
const PROGRAMS = 3000;
const SECRETS: Json = { K: "k-value", L: "l", C: { user: "ada", n: 3 } };
const INPUT = {
  a: { b: [1, 2] },
  b: [{ a: 1 }, "x"],
  c: ["y", null],
  t: "read",
};
const LIMITS = { stepsMax: 20_000, cellsMax: 50_000 };
/** What uses a secret, in place of what does not. */
const USES = [
  ".t",
  "(.t | length)",
  '".t\\(.t)" + .t',

  "$secrets.K",
  "$secrets.L",
  "($secrets.K | length)",
  '($secrets.K == "a")',
  "($secrets.C).user",
  "$secrets.C",
  "$secrets",
  '"<\\($secrets.K)>"',
];
/** What only puts something into place, around what a random program is. */
const AROUND = [
  "{k: @, n: 1}",
  "[@, 2, (@)]",
  ".b | [., @]",
  ".a as $n | {n: $n, k: (@)}",
  "if .a then @ else @ end",
  ".a // (@)",
  "(@) // .b",
  ".a = (@)",
  "{a: 1} + {k: (@)}",
  "[@] + [.b, (@)]",
  ".b | map([., @])",
  "({k: (@)} | .k)",
  "{a: . as $n | @, 2}",
  ".a and 1 as $n | (@)",
  "try (@) catch 1",
  "reduce .b[] as $i ([]; . + [$i]) | {all: ., k: (@)}",
  "def f: @; [f]",
  "# {\n[@ # ]\n]",
];

/** A random program that uses secrets here and there. */
function randomSource(pick: Pick, depth: number): string {
  if (depth > 0) {
    const inner = () => randomSource(pick, depth - 1);
    return oneOf(pick, AROUND).replaceAll("@", inner);
  }
  if (pick(3) > 0) return oneOf(pick, USES);
  return randomProgram(pick, 1 + pick(2)).replaceAll(
    /(?<![\w.$\])"])(?:\.a\b|\.b\b|1\b|"a"|\$x\b|null|\[\])(?!["\]:[.])/g,
    (found) => pick(3) === 0 ? oneOf(pick, USES) : found,
  );
}

function compiled(source: string): Expression | undefined {
  const made = compileExpression(source, {
    pointer: "",
    variables: new Set(["secrets"]),
  });
  return "problems" in made ? undefined : made.expression;
}

/** What an expression gives; `undefined` where it fails. */
function given(
  expression: Expression,
  variables: Scope["variables"],
  input: Json = INPUT,
): { readonly value: Json } | undefined {
  try {
    return {
      value: evaluate(expression, { input, variables, limits: LIMITS }),
    };
  } catch (thrown) {
    if (!(thrown instanceof ExpressionError)) throw thrown;
    return undefined;
  }
}

/** A value with what marks stand for in their place. */
function opened(value: Json, marks: ReadonlyMap<string, Json>): Json {
  if (typeof value === "string") {
    const stood = marks.get(value);
    return stood === undefined ? value : stood;
  }
  if (isJsonArray(value)) return value.map((it) => opened(it, marks));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, it]) => [key, opened(it, marks)]),
  );
}

/** Where an expression reads a text that counts as a secret. */
function hotIn(expression: Expression): ReadonlySet<number> {
  const { paths } = readsOf(expression);
  const isHot = ({ variable, steps }: typeof paths[number]) =>
    variable === undefined && steps[0] === "t";
  return new Set(paths.filter(isHot).map(({ at }) => at));
}

/** Whether it reads that text with all the rest, too. */
function readsAll(expression: Expression): boolean {
  return readsOf(expression).paths.some(({ variable, steps }) =>
    variable === undefined && steps.length === 0
  );
}

Deno.test("sealedForm() leaves no secret in the rest, which gives the same whatever stands for its parts", () => {
  const pick = seeded(SEED);
  let apart = 0;
  for (let i = 0; i < PROGRAMS; i++) {
    const source = randomSource(pick, 1 + pick(3));
    const expression = compiled(source);
    if (expression === undefined) continue;
    const hot = hotIn(expression);
    if (!expression.variables?.includes("secrets") && hot.size === 0) continue;
    const { parts, rest } = sealedForm(expression, "secrets", hot);
    deepStrictEqual(
      memberUses(rest.program ?? "", "secrets"),
      [],
      `${source}: ${rest.program}`,
    );
    const whole = given(expression, { secrets: SECRETS });
    const values: readonly ReturnType<typeof given>[] = parts.map((it) =>
      given(it.expression, { secrets: SECRETS })
    );
    // What fails may not have been asked for.
    if (values.includes(undefined)) continue;
    const marks = new Map<string, Json>(
      values.map((it, at): readonly [string, Json] => [
        `<part ${at}>`,
        it?.value ?? null,
      ]),
    );
    const isRead = readsAll(expression);
    const input = isRead ? INPUT : { ...INPUT, t: "another one" };
    const closed = given(rest, { __parts: [...marks.keys()] }, input);
    deepStrictEqual(
      closed === undefined ? undefined : opened(closed.value, marks),
      whole?.value,
      `${source}: ${rest.program}`,
    );
    if (rest.program !== "$__parts[0]") apart += 1;
  }
  ok(apart > PROGRAMS / 5, `${apart} of them taken apart are too few`);
});
