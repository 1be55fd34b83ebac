/**
 * Evaluates expressions and templates, synchronously.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import type { Expression, Scope, Template } from "./expression.ts";
import { ExpressionError } from "./failure.ts";

/**
 * Evaluates an expression.
 *
 * No result is null; more than one is an error.
 *
 * @throws {ExpressionError} When it fails, or goes past a limit.
 */
export function evaluate(expression: Expression, _scope: Scope): Json {
  throw new ExpressionError("the evaluator is not there yet", expression);
}

/**
 * Evaluates a template.
 *
 * @throws {ExpressionError} When an expression in it fails.
 */
export function evaluateTemplate(template: Template, scope: Scope): Json {
  if (template.kind === "literal") return template.value;
  if (template.kind === "expression") {
    return evaluate(template.expression, scope);
  }
  return null;
}

/** Says whether a result counts as true: all but null and false do, as in jq. */
export function isTruthy(value: Json): boolean {
  return value !== null && value !== false;
}

/** Ends what evaluation started; the next evaluation starts it anew. */
export function closeExpressions(): void {}
