import { deepStrictEqual, ok } from "node:assert/strict";
import { compileJq, JqSyntaxError, parseJq, runJq } from "../jq/mod.ts";
import type { Node } from "../jq/tree.ts";
import type { PlainPath } from "./expression.ts";
import { type PlainForm, readPlain } from "./plain.ts";

const ROUNDS = 40_000;
const PIECES =
  ('. .a .b_1 ."c d" ."\\u0061" $x $x.y [0] [-1] [1.5] ["k"] .[2] ' +
    '.["k"] .. ? [] [1:2] | , "t" "\\(" ) "a\\(.b)c" "\\($x.y[0])" "\\(.)\\(."q")" 1 -1 1e2 1e400 null true ' +
    'false nan {} {"a":1} [1,2] + # . $__loc__ .and .if ._ .é').split(" ");

/** The same texts each time. */
function* texts(): Generator<string> {
  let state = 7;
  const pick = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
  for (let round = 0; round < ROUNDS; round++) {
    const count = 1 + pick(4);
    let text = "";
    for (let i = 0; i < count; i++) {
      text += PIECES[pick(PIECES.length)] + (pick(5) === 0 ? " " : "");
    }
    yield text;
  }
}

/** The path that a tree is; `undefined` when it is something else. */
function pathOf(node: Node): PlainPath | undefined {
  if (node.kind === "identity") return { steps: [] };
  if (node.kind === "variable") return { variable: node.name, steps: [] };
  if (node.kind !== "index" || node.isOptional === true) return undefined;
  const start = pathOf(node.target);
  const key = constantOf(node.key);
  return start === undefined || key === undefined
    ? undefined
    : { ...start, steps: [...start.steps, key] };
}

function constantOf(node: Node): string | number | undefined {
  if (node.kind === "negate") {
    const value = constantOf(node.body);
    return typeof value === "number" ? -value : undefined;
  }
  if (node.kind === "text") {
    const [only = "", ...more] = node.parts;
    return typeof only === "string" && more.length === 0 && !node.format
      ? only
      : undefined;
  }
  if (node.kind !== "literal") return undefined;
  const { value } = node;
  return typeof value === "string" || typeof value === "number"
    ? value
    : undefined;
}

/** What a program gives, where it needs nothing. */
function valuesOf(text: string): unknown {
  try {
    return runJq(compileJq(text, { variables: new Set() }), null);
  } catch (thrown) {
    if (thrown instanceof JqSyntaxError) return undefined;
    throw thrown;
  }
}

function check(text: string, { path, literal, text: parts }: PlainForm): void {
  const { tree, problems } = parseJq(text);
  deepStrictEqual(problems, [], text);
  if (path !== undefined) deepStrictEqual(pathOf(tree), path, text);
  if (literal !== undefined) {
    deepStrictEqual(valuesOf(text), [literal.value], text);
  }
  if (parts === undefined) return;
  const whole = tree.kind === "literal" ? [tree.value] : undefined;
  const read = tree.kind === "text"
    ? tree.parts.map((it) => typeof it === "string" ? it : pathOf(it))
    : whole;
  deepStrictEqual(read, parts, text);
}

Deno.test("readPlain() reads what the parser reads, for random texts", () => {
  const counts = { path: 0, literal: 0, text: 0 };
  for (const text of texts()) {
    const form = readPlain(text);
    if (form === undefined) continue;
    check(text, form);
    counts.path += form.path === undefined ? 0 : 1;
    counts.literal += form.literal === undefined ? 0 : 1;
    counts.text += form.text === undefined ? 0 : 1;
  }
  for (const [kind, count] of Object.entries(counts)) {
    ok(count > 50, `${count} times a ${kind}`);
  }
});

Deno.test("readPlain() misses no path that the parser takes for one", () => {
  for (const text of texts()) {
    const { tree, problems } = parseJq(text);
    const path = problems.length === 0 ? pathOf(tree) : undefined;
    const isWhole = path?.steps.every((it) =>
      typeof it === "string" || Number.isInteger(it)
    );
    if (!isWhole || path?.variable === "__loc__") continue;
    // Spaces and comments between steps are left to jq.
    if (/\s|#|\(/.test(text.trim().replaceAll(/"[^"]*"/g, ""))) continue;
    deepStrictEqual(readPlain(text)?.path, path, text);
  }
});
