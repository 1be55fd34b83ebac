/**
 * What is known of the values of expressions before anything runs.
 *
 * @module
 */

import { isFailure } from "../jq/flow.ts";
import { type Inferred, inferTree } from "../jq/infer.ts";
import { parseJq } from "../jq/parser.ts";
import type { Node } from "../jq/tree.ts";
import { treeOf } from "./_tree.ts";
import type { Expression } from "./expression.ts";
import type { KnownTypes } from "./syntax.ts";
import type { ExpressionProblem } from "./failure.ts";

export {
  ANY,
  type FieldType,
  isAlwaysTrue,
  isNeverTrue,
  type JqType,
  KIND,
  kindsInSentence,
  NULL,
  objectOf,
  restrict,
  union,
} from "../jq/types.ts";
export { typeOfSchema } from "./schema_type.ts";

/** Whether all of an expression is `path = value`. */
export function isAssignment(expression: Expression): boolean {
  const tree = treeOf(expression);
  return tree.kind === "assign" && tree.operator === "=";
}

/** Finds what in a program can never be right. */
export function findOdd(
  tree: Node,
  source: string,
  { input, variables }: Omit<KnownTypes, "findOdd">,
): readonly ExpressionProblem[] {
  const inferred = inferTree(tree, {
    source,
    ...(input === undefined ? {} : { input }),
    variables,
  });
  const found = inferred.warnings.map(({ offset, message, hint }) => ({
    offset,
    message,
    ...(hint === undefined ? {} : { hint }),
  }));
  const isSeveral = inferred.least > 1 && !isFailure(inferred);
  if (!isSeveral) return found;
  const message = "This always fails: it gives more than one result";
  const hint = "Collect them with [ ]";
  return [{ offset: tree.start, message, hint }, ...found];
}

/** What is known of what an expression gives. */
export function typeOfExpression(
  { program, source: written }: Expression,
  { input, variables }: Omit<KnownTypes, "findOdd">,
): Inferred {
  const source = program ?? written;
  return inferTree(parseJq(source).tree, {
    source,
    ...(input === undefined ? {} : { input }),
    variables,
  });
}
