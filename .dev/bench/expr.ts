/**
 * What expressions cost: against the WebAssembly of jq, against another jq in
 * JavaScript, and against plain JavaScript that does the same.
 *
 * @module
 */

import { compileExpression } from "../../src/expr/compile.ts";
import { evaluate, evaluateByJq } from "../../src/expr/evaluate.ts";
import type { Expression, Scope } from "../../src/expr/expression.ts";
import { compileJq, firstJq, runJq } from "../../src/jq/mod.ts";
import type { Json } from "../../src/model/json.ts";
import { askJqWeb } from "../../tests/language/jq_web.ts";
import { milliseconds } from "./measure.ts";
import { findLibrary } from "./peers.ts";
import type { Row } from "./row.ts";

const MILLISECOND_ROUNDS = 200;
const PLAIN_PER_SECOND = 500_000;
const FASTER_THAN_WASM = 50;
const FASTER_THAN_JQJS = 2;
const JQJS = {
  name: "@michaelhomer/jqjs",
  version: "1.6.0",
  file: "jq.js",
};
const ITEMS = 100_000;
const ROUNDS = 5;
const EVALUATIONS = 1_000_000;
const RSS_GROWTH_MAX = 64 * 1024 * 1024;

/** Five expressions as workflows have them. */
const TYPICAL: readonly string[] = [
  ".items | map(.price * .count) | add",
  "[.items[] | select(.price > 10) | {name, total: (.price * .count)}]",
  '.user + {label: "\\(.user.name) <\\(.user.mail)>"}',
  ".items | group_by(.kind) | map({kind: .[0].kind, count: length})",
  "if (.items | length) > 3 then .items[:3] else .items end | map(.name)",
];

const INPUT: Json = {
  user: { name: "Ada", mail: "ada@example.com" },
  items: Array.from({ length: 8 }, (_, i) => ({
    name: `item ${i}`,
    kind: i % 2 === 0 ? "even" : "odd",
    price: 5 + i * 3,
    count: i + 1,
  })),
};

/** Measures expressions. */
export async function benchExpressions(): Promise<readonly Row[]> {
  return [
    benchPlain(),
    ...TYPICAL.map(benchAgainstWasm),
    ...await benchAgainstJqjs(),
    benchLarge(),
    benchMemory(),
  ];
}

function expressionOf(source: string): Expression {
  const compiled = compileExpression(source, { pointer: "" });
  if ("problems" in compiled) throw new Error(compiled.problems[0]?.message);
  return compiled.expression;
}

/** How often something runs in a second, at its best. */
function perSecond(run: () => void): number {
  let best = 0;
  run();
  for (let round = 0; round < ROUNDS; round++) {
    const startedAtMs = performance.now();
    let count = 0;
    while (performance.now() - startedAtMs < MILLISECOND_ROUNDS) {
      for (let i = 0; i < 50; i++) run();
      count += 50;
    }
    best = Math.max(best, count / (performance.now() - startedAtMs) * 1000);
  }
  return best;
}

function benchPlain(): Row {
  const expression = expressionOf(".items[2].price");
  const scope: Scope = { input: INPUT, variables: {} };
  const rate = perSecond(() => void evaluate(expression, scope));
  return {
    name: "expressions: a plain path",
    value: `${Math.round(rate / 1000)} thousand a second`,
    target: `≥ ${PLAIN_PER_SECOND} a second`,
    ok: rate >= PLAIN_PER_SECOND,
  };
}

function benchAgainstWasm(source: string, i: number): Row {
  const program = compileJq(source);
  const ours = perSecond(() => void firstJq(program, INPUT));
  const theirs = slowly(() => void askJqWeb(source, INPUT));
  const ratio = ours / theirs;
  return {
    name: `expressions: typical ${i + 1}, as often as the WebAssembly of jq`,
    value: `${Math.round(ours / 1000)} thousand a second, ${
      Math.round(theirs)
    }`,
    ratio,
    target: `≥ ${FASTER_THAN_WASM} ×`,
    ok: ratio >= FASTER_THAN_WASM,
  };
}

/** Gives all values of a program, as a function of its input. */
type Compiled = (input: Json) => Iterable<unknown>;

async function benchAgainstJqjs(): Promise<readonly Row[]> {
  const library = await findLibrary(JQJS);
  const label = `jqjs ${JQJS.version}`;
  if (library.kind === "missing") {
    return [{
      name: `expressions: as often as ${label}`,
      value: "NOT MEASURED",
      target: `a peer that cannot be had: ${library.reason}`,
      ok: false,
    }];
  }
  const { compile }: { readonly compile: (source: string) => Compiled } =
    await import(library.url);
  return TYPICAL.map((source, i) => {
    const program = compileJq(source);
    const other = compile(source);
    assertSame(source, runJq(program, INPUT), [...other(INPUT)]);
    // Both give all that there is.
    const ours = perSecond(() => void runJq(program, INPUT));
    const theirs = perSecond(() => void [...other(INPUT)]);
    const ratio = ours / theirs;
    return {
      name: `expressions: typical ${i + 1}, as often as ${label}`,
      value: `${Math.round(ours / 1000)} thousand a second, ${
        (theirs / 1000).toFixed(1)
      }`,
      ratio,
      target: `≥ ${FASTER_THAN_JQJS} ×`,
      ok: ratio >= FASTER_THAN_JQJS,
    };
  });
}

function assertSame(source: string, ours: unknown, theirs: unknown): void {
  const [a, b] = [ours, theirs].map((it) => JSON.stringify(it));
  if (a !== b) throw new Error(`"${source}" gives ${a} and ${b}`);
}

function slowly(run: () => void): number {
  run();
  const startedAtMs = performance.now();
  for (let i = 0; i < MILLISECOND_ROUNDS; i++) run();
  return MILLISECOND_ROUNDS / (performance.now() - startedAtMs) * 1000;
}

interface Item {
  readonly id: number;
  readonly name: string;
  readonly price: number;
  readonly tags: readonly string[];
}

/** About ten megabytes of JSON. */
function benchLarge(): Row {
  const items: readonly Item[] = Array.from({ length: ITEMS }, (_, id) => ({
    id,
    name: `the name of item ${id}`,
    price: id % 100,
    tags: ["one", "two", `tag ${id % 7}`],
  }));
  const input: Json = items.map((it) => ({ ...it }));
  const program = compileJq(
    "map(select(.price > 50) | {id, name, total: (.price * 2)})",
  );
  const [ours, plain] = fastestMs(
    () => void firstJq(program, input),
    () =>
      void items.filter(({ price }) => price > 50)
        .map(({ id, name, price }) => ({ id, name, total: price * 2 })),
  );
  const ratio = ours / plain;
  return {
    name: "expressions: 10 MB mapped and filtered, as plain JavaScript",
    value: `${milliseconds(ours)}, ${milliseconds(plain)}`,
    ratio,
    target: "≤ 3 ×",
    ok: ratio <= 3,
  };
}

/** The best times of two that do the same, in turns: both see one machine. */
function fastestMs(first: () => void, second: () => void): [number, number] {
  const best: [number, number] = [Infinity, Infinity];
  for (let round = 0; round < 8 * ROUNDS; round++) {
    best[0] = Math.min(best[0], elapsedMs(first));
    best[1] = Math.min(best[1], elapsedMs(second));
  }
  return best;
}

function elapsedMs(run: () => void): number {
  const startedAtMs = performance.now();
  run();
  return performance.now() - startedAtMs;
}

function benchMemory(): Row {
  const expressions = TYPICAL.map(expressionOf);
  const scope: Scope = { input: INPUT, variables: {} };
  const run = (count: number) => {
    for (let i = 0; i < count; i++) {
      const expression = expressions[i % expressions.length];
      if (expression !== undefined) evaluateByJq(expression, scope);
    }
  };
  run(EVALUATIONS / 5);
  const before = Deno.memoryUsage().rss;
  run(EVALUATIONS);
  const grown = Deno.memoryUsage().rss - before;
  return {
    name: "expressions: what a million evaluations leave behind",
    value: `${(grown / 1024 / 1024).toFixed(1)} MiB`,
    target: `≤ ${RSS_GROWTH_MAX / 1024 / 1024} MiB`,
    ok: grown <= RSS_GROWTH_MAX,
  };
}
