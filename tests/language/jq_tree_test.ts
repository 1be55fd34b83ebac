import { deepStrictEqual, ok } from "node:assert/strict";
import { parseJq } from "../../src/jq/parser.ts";
import type { Node } from "../../src/jq/tree.ts";
import { childrenOf } from "../../src/jq/walk.ts";
import { randomProgram, seeded } from "./jq_random.ts";

const SEED = 31_415;
const PROGRAMS = 1500;
/** Programs that random ones do not come to. */
const WRITTEN: readonly string[] = [
  "(.a).b",
  '((.a | .b)).c."d".e',
  '(.a)."b c"[0].d?',
  "{a: (.b | .c).d, e: -(.f).g}",
  '"x\\((.a).b)y" | (.c)["d"].e',
  "(if .a then .b else .c end).d # why\n | .e",
  "(. as {a: $x} | $x).b",
];

/** The nodes that a program has as texts of its own. */
function* writtenIn(node: Node): Iterable<Node> {
  // A key, and what `.a` and `{a}` leave out, are a part of what they stand in.
  if (node.kind === "object") {
    for (const { key, value } of node.entries) {
      if (value.start !== key.start) yield* writtenIn(value);
    }
    return;
  }
  if (node.kind !== "literal" && node.kind !== "identity") yield node;
  for (const child of childrenOf(node)) yield* writtenIn(child);
}

/** A tree without places. */
function shape(tree: unknown): unknown {
  const places = ["start", "end", "line", "column"];
  return JSON.parse(
    JSON.stringify(tree, (key, it) => places.includes(key) ? undefined : it),
  );
}

function check(source: string): number {
  const { tree, problems } = parseJq(source);
  if (problems.length > 0) return 0;
  let count = 0;
  for (const node of writtenIn(tree)) {
    const text = source.slice(node.start, node.end);
    const alone = parseJq(text);
    deepStrictEqual(alone.problems, [], `${text} in ${source}`);
    deepStrictEqual(
      shape(alone.tree),
      shape(node),
      `${text} in ${source}`,
    );
    count += 1;
  }
  return count;
}

Deno.test("a node stands where a text stands that is just that node", () => {
  for (const source of WRITTEN) ok(check(source) > 0, source);
  const pick = seeded(SEED);
  let count = 0;
  for (let i = 0; i < PROGRAMS; i++) count += check(randomProgram(pick, 4));
  ok(count > PROGRAMS, `${count} nodes are too few`);
});
