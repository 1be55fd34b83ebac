import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import type { Json } from "../model/json.ts";
import { compileExpression, compileTemplate } from "./compile.ts";
import {
  evaluate,
  evaluateByJq,
  evaluateTemplate,
  isTruthy,
} from "./evaluate.ts";
import type { Expression, Scope } from "./expression.ts";
import { ExpressionError } from "./failure.ts";

function compile(source: string): Expression {
  const compiled = compileExpression(source, { pointer: "/p" });
  ok("expression" in compiled, JSON.stringify(compiled));
  return compiled.expression;
}

/** What an expression gives, or the reason why it gives nothing. */
function outcome(run: () => Json): Json {
  try {
    return { value: run() };
  } catch (thrown) {
    if (thrown instanceof ExpressionError) return { reason: thrown.reason };
    throw thrown;
  }
}

Deno.test("evaluate() computes by jq with the variables of the scope", () => {
  const scope = {
    input: { a: 2, list: [3, 1, 2], colors: null },
    variables: { context: { k: [1] }, item: "x" },
  };
  const cases: readonly (readonly [string, Json])[] = [
    [".a + 1", 3],
    [".list | sort", [1, 2, 3]],
    ['.colors + ["red"]', ["red"]],
    ["{a, item: $item, k: $context.k[0]}", { a: 2, item: "x", k: 1 }],
    ["[.list[] | select(. > 1)]", [3, 2]],
    ['.missing // "default"', "default"],
    ["empty", null],
    ["1e1000", Number.MAX_VALUE],
    ["nan", null],
    [".a # a comment", 2],
    ['" é ☃ 😀 " | trim', "é ☃ 😀"],
    ["[.list | add(.[]), toarray[0]]", [6, 3]],
    ["def f: reduce .list[] as $x (0; . + $x); f", 6],
  ];
  for (const [source, expected] of cases) {
    deepStrictEqual(evaluate(compile(source), scope), expected, source);
  }
});

Deno.test("evaluate() names the reason of a failure", () => {
  const scope = { input: { a: "x" }, variables: {} };
  const cases: readonly (readonly [string, RegExp])[] = [
    [".a.b", /^Cannot index string with string "b"$/],
    [".a[0]", /^Cannot index string with number$/],
    [".a + 1", /string \("x"\) and number \(1\) cannot be added/],
    ['error("it is\\nbroken")', /^it is\nbroken$/],
    ["error({a: 1})", /^\{"a":1\}$/],
    ["1, 2", /more than one result/],
    ["$nobody", /^\$nobody is not defined$/],
    ["$nobody + 1", /\$nobody is not defined/],
    ["now", /the time is not known here/],
  ];
  for (const [source, reason] of cases) {
    throws(() => evaluate(compile(source), scope), (thrown) => {
      ok(thrown instanceof ExpressionError);
      ok(reason.test(thrown.reason), `${source}: ${thrown.reason}`);
      strictEqual(thrown.pointer, "/p");
      return true;
    });
  }
});

Deno.test("evaluate() takes now from its scope, the same at each replay", () => {
  const scope = { input: null, variables: {}, nowMs: 1_700_000_000_500 };
  strictEqual(evaluate(compile("now"), scope), 1_700_000_000.5);
  strictEqual(
    evaluate(compile("now | floor | todate"), scope),
    "2023-11-14T22:13:20Z",
  );
});

Deno.test("evaluate() stops an endless program, and goes on after it", () => {
  const scope = { input: null, variables: {} };
  const cases: readonly (readonly [string, RegExp])[] = [
    ["def f: f; f", /takes more than 1 million steps/],
    ["last(repeat(1))", /takes more than 1 million steps/],
    ["[range(1e9)]", /array of more than 1000 items/],
    ["[repeat(1)]", /array of more than 1000 items/],
    ['"a" * 1e9', /string of more than 17 million characters/],
    ["def f: 1 + f; f", /nests more than 1000 calls deep/],
  ];
  const bounds = { stepsMax: 1_000_000, arrayLengthMax: 1000 };
  for (const [source, reason] of cases) {
    const run = () => evaluateByJq(compile(source), scope, bounds);
    throws(run, reason, source);
    throws(run, { isLimit: true }, source);
  }
  strictEqual(evaluate(compile("1 + 1"), scope), 2);
});

Deno.test("evaluate() bounds the size of results", () => {
  const scope = { input: "x".repeat(40_000), variables: {} };
  const bounds = { outputBytesMax: 64 * 1024 };
  throws(
    () => evaluateByJq(compile(". + ."), scope, bounds),
    /larger than 0.0625 MiB/,
  );
  strictEqual(evaluateByJq(compile("length"), scope, bounds), 40_000);
});

Deno.test("evaluate() stops what takes too much time on a clock", () => {
  let nowMs = 0;
  const scope = { input: null, variables: {}, clock: () => nowMs += 10 };
  const bounds = { stepsMax: Infinity, timeMsMax: 50 };
  throws(
    () => evaluateByJq(compile("def f: f; f"), scope, bounds),
    /takes longer than 0\.1 s/,
  );
  strictEqual(evaluateByJq(compile("1 + 1"), scope), 2);
});

Deno.test("evaluate() says where an error is", () => {
  const scope = { input: { a: "x" }, variables: {} };
  throws(() => evaluate(compile("[1,\n  .a - 1]"), scope), {
    place: { offset: 6, line: 2, column: 3 },
  });
});

Deno.test("evaluateTemplate() bounds texts that many references make", () => {
  const scope = { input: "x".repeat(1_000_000), variables: {} };
  for (const text of ["${ . }".repeat(20), `\${ "${"\\(.)".repeat(20)}" }`]) {
    const { template, diagnostics } = compileTemplate(text, { pointer: "" });
    deepStrictEqual(diagnostics, []);
    throws(() => evaluateTemplate(template, scope), /larger than 16 MiB/);
  }
});

Deno.test("evaluateTemplate() in loose mode forgives no limit", () => {
  const options = { pointer: "", mode: "loose" } as const;
  const { template } = compileTemplate("${ [range(1e9)] }", options);
  const scope = { input: null, variables: {} };
  throws(
    () => evaluateTemplate(template, scope),
    /an array of more than 4 million items/,
  );
});

Deno.test("evaluate() never evaluates what data holds", () => {
  const scope = {
    input: { a: '") | error("injected', b: "\\(1 + 1) ${ .a }" },
    variables: { "v": '"\\(env)"' },
  };
  deepStrictEqual(evaluate(compile("[.a, .b, $v] | map(.)"), scope), [
    scope.input.a,
    scope.input.b,
    scope.variables.v,
  ]);
});

Deno.test("evaluate() takes lone surrogates as a replacement character", () => {
  const scope = { input: "a\ud800b", variables: {} };
  strictEqual(evaluate(compile('. + ""'), scope), "a\ufffdb");
});

Deno.test("isTruthy() is jq's: null and false are not", () => {
  deepStrictEqual(
    [null, false, 0, "", [], true].map(isTruthy),
    [false, false, true, true, true, true],
  );
});

/** A small generator, so that a failure can be repeated by its seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

const KEYS = ["a", "b", "a b", "é", "__proto__", "0"];

function randomJson(pick: (below: number) => number, depth: number): Json {
  const leaves: readonly Json[] = [
    null,
    true,
    false,
    0,
    -3.5,
    1e21,
    1e-7,
    "x",
    'q"\\',
    "\u007f\n☃",
  ];
  const kind = depth === 0 ? 2 : pick(3);
  if (kind === 0) {
    return Array.from({ length: pick(4) }, () => randomJson(pick, depth - 1));
  }
  if (kind === 2) return leaves[pick(leaves.length)] ?? null;
  return Object.fromEntries(
    Array.from({ length: pick(4) }, () => [
      KEYS[pick(KEYS.length)] ?? "a",
      randomJson(pick, depth - 1),
    ]),
  );
}

function randomPath(pick: (below: number) => number): string {
  let path = pick(2) === 0 ? "$v" : ".";
  for (let left = pick(4); left > 0; left--) {
    const key = JSON.stringify(KEYS[pick(KEYS.length)] ?? "a");
    const steps = [".a", ".b", `[${key}]`, `[${pick(7) - 3}]`, `.${key}`];
    const step = steps[pick(steps.length)] ?? ".a";
    path = path === "." && step.startsWith(".") ? step : path + step;
  }
  return path;
}

Deno.test("the fast path gives what jq gives, for random paths and data", () => {
  const pick = random(20_261);
  for (let round = 0; round < 400; round++) {
    const path = randomPath(pick);
    const source = pick(3) === 0 ? `"<\\(${path})> \\(${path})"` : path;
    const scope: Scope = {
      input: randomJson(pick, 3),
      variables: { v: randomJson(pick, 3) },
    };
    const expression = compile(source);
    ok(expression.path ?? expression.text, source);
    deepStrictEqual(
      outcome(() => evaluate(expression, scope)),
      outcome(() => evaluateByJq(expression, scope)),
      `${source} over ${JSON.stringify(scope)}`,
    );
  }
});
