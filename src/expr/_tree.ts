/**
 * The trees of expressions, and the constant keys and indices by which they go
 * into what they read.
 *
 * Apart from what compiles them: who only checks a workflow loads none of that.
 *
 * @module
 */

import { parseJq } from "../jq/parser.ts";
import type { Node } from "../jq/tree.ts";
import type { Expression } from "./expression.ts";

const trees = new WeakMap<Expression, Node>();

/** Gives the tree of an expression, which is read once. */
export function treeOf(expression: Expression): Node {
  const known = trees.get(expression);
  if (known !== undefined) return known;
  const { tree } = parseJq(expression.program ?? expression.source);
  trees.set(expression, tree);
  return tree;
}

/** A key that is written: `.a`, `."a b"`, `[0]`. */
export function constantKey(key: Node): string | number | undefined {
  if (key.kind === "text" && key.format === undefined) {
    const [only = "", ...more] = key.parts;
    return typeof only === "string" && more.length === 0 ? only : undefined;
  }
  if (key.kind !== "literal") return undefined;
  const { value } = key;
  if (typeof value === "string") return value;
  return typeof value === "number" && Number.isInteger(value) && value >= 0
    ? value
    : undefined;
}

/**
 * The steps of `$name.a.b[0]`, or of `.a.b[0]` where no name is given;
 * `undefined` where a node is, or computes, anything else.
 */
export function stepsFrom(
  node: Node,
  name?: string,
): readonly (string | number)[] | undefined {
  if (node.kind === "identity") return name === undefined ? [] : undefined;
  if (node.kind === "variable") return node.name === name ? [] : undefined;
  if (node.kind !== "index" || node.isOptional === true) return undefined;
  const steps = stepsFrom(node.target, name);
  const key = constantKey(node.key);
  // Nothing that is named has an empty name: it is not known to be there.
  const isNamed = key !== undefined && key !== "";
  return steps === undefined || !isNamed ? undefined : [...steps, key];
}
