/**
 * Compiles what `reduce` does most: to add to what there is, as in
 * `. + [$x]`, `. + "\($x)\n"` and `. + {($x): 1}`.
 *
 * @module
 */

import type { Code, Env } from "./code.ts";
import type { Compiler } from "./compile.ts";
import type { Scope } from "./scope.ts";
import { addTo, type Sum } from "./sums.ts";
import type { Node } from "./tree.ts";

/** Adds the values of one round to a sum. */
export type Append = (env: Env | undefined, sum: Sum) => void;

/** Compiles `. + a + b`; `undefined` where an update is not of that kind. */
export function compileAppend(
  compiler: Compiler,
  update: Node,
  scope: Scope | undefined,
): Append | undefined {
  const nodes: Node[] = [];
  let left = update;
  while (left.kind === "binary" && left.operator === "+") {
    if (seesInput(left.right)) return undefined;
    nodes.push(left);
    left = left.left;
  }
  if (left.kind !== "identity" || nodes.length === 0) return undefined;
  const parts = nodes.map((node) => ({
    start: node.start,
    code: compiler.compile(rightOf(node), scope),
  }));
  if (parts.some(({ code }) => code.arity !== "one")) return undefined;
  return appendAll(parts);
}

function rightOf(node: Node): Node {
  return node.kind === "binary" ? node.right : node;
}

/** The parts come from the last one on: so they are computed. */
function appendAll(
  parts: readonly { readonly start: number; readonly code: Code }[],
): Append {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) {
    const { start, code } = only;
    return (env, sum) => addTo(sum, code.one(env, null) ?? null, start);
  }
  return (env, sum) => {
    const values = parts.map(({ code }) => code.one(env, null) ?? null);
    for (let i = parts.length - 1; i >= 0; i--) {
      addTo(sum, values[i] ?? null, parts[i]?.start ?? 0);
    }
  };
}

/** Whether a node may see `.`; where that is not clear, it does. */
export function seesInput(node: Node): boolean {
  switch (node.kind) {
    case "literal":
    case "variable":
    case "location":
      return false;
    case "index":
      return seesInput(node.target) || seesInput(node.key);
    case "iterate":
    case "slice":
      return seesInput(node.target) ||
        (node.kind === "slice" && [node.from, node.to].some(seesSome));
    case "array":
      return seesSome(node.body);
    case "object":
      return node.entries.some(({ key, value }) =>
        seesInput(key) || seesInput(value)
      );
    case "text":
      return node.parts.some((it) => typeof it !== "string" && seesInput(it));
    case "negate":
      return seesInput(node.body);
    case "binary":
    case "and":
    case "or":
    case "alternative":
    case "comma":
      return seesInput(node.left) || seesInput(node.right);
    case "pipe":
      // What comes after it sees what it gives.
      return seesInput(node.left);
    default:
      return true;
  }
}

function seesSome(node: Node | undefined): boolean {
  return node !== undefined && seesInput(node);
}
