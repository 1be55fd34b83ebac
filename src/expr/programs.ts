/**
 * The programs of expressions: read when their trees are first asked for, and
 * compiled when they are first evaluated.
 *
 * @module
 */

import { JqSyntaxError } from "../jq/failure.ts";
import { parseJq } from "../jq/parser.ts";
import { compileJq, type JqProgram } from "../jq/program.ts";
import type { Node } from "../jq/tree.ts";
import type { Expression } from "./expression.ts";
import { ExpressionError } from "./failure.ts";

const compiled = new WeakMap<Expression, JqProgram>();
const trees = new WeakMap<Expression, Node>();

/** Gives the tree of an expression. */
export function treeOf(expression: Expression): Node {
  const known = trees.get(expression);
  if (known !== undefined) return known;
  const { tree } = parseJq(expression.program ?? expression.source);
  trees.set(expression, tree);
  return tree;
}

/**
 * Gives the program of an expression.
 *
 * @throws {ExpressionError} When it is none.
 */
export function programOf(expression: Expression): JqProgram {
  const known = compiled.get(expression);
  if (known !== undefined) return known;
  try {
    const program = compileJq(expression.program ?? expression.source);
    compiled.set(expression, program);
    return program;
  } catch (thrown) {
    if (!(thrown instanceof JqSyntaxError)) throw thrown;
    throw new ExpressionError(thrown.message, expression);
  }
}
