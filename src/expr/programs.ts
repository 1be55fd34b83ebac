/**
 * The programs of expressions, compiled when they are first evaluated.
 *
 * @module
 */

import { JqSyntaxError } from "../jq/failure.ts";
import { compileJq, type JqProgram } from "../jq/program.ts";
import type { Expression } from "./expression.ts";
import { ExpressionError } from "./failure.ts";

const compiled = new WeakMap<Expression, JqProgram>();

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
