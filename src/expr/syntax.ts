/**
 * Reads a jq program to find what is wrong with it, and what it uses.
 *
 * @module
 */

import { checkTree, parseJq } from "../jq/mod.ts";
import type { ExpressionProblem } from "./failure.ts";
import { tokenize } from "./tokens.ts";

/** What a program that is right uses. */
export interface ProgramFacts {
  /** Variables that it takes from outside, without `$`. */
  readonly variables: readonly string[];
}

/** What a program uses, or why it is none. */
export type Inspected =
  | { readonly facts: ProgramFacts }
  | { readonly problem: ExpressionProblem };

/**
 * Reads a program.
 *
 * @param known The variables it may take from outside; absent means any.
 */
export function inspectProgram(
  source: string,
  known?: ReadonlySet<string>,
): Inspected {
  const location = tokenize(source).find(({ kind, text }) =>
    kind === "variable" && text === "__loc__"
  );
  if (location !== undefined) {
    const message = '"$__loc__" is not allowed here: ' +
      "it is about the evaluator, not about the workflow";
    return { problem: { offset: location.start, message } };
  }
  const { tree, problems } = parseJq(source);
  const checked = checkTree(tree, {
    source,
    ...(known === undefined ? {} : { variables: known }),
  });
  const [first] = [...problems, ...checked.problems];
  if (first === undefined) return { facts: { variables: checked.variables } };
  const { offset, message, hint } = first;
  return {
    problem: { offset, message, ...(hint === undefined ? {} : { hint }) },
  };
}
