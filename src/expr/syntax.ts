/**
 * Reads a jq program to find what is wrong with it, and what it uses.
 *
 * @module
 */

import { checkTree } from "../jq/check.ts";
import type { JqProblem } from "../jq/failure.ts";
import { parseJq } from "../jq/parser.ts";
import type { ExpressionProblem } from "./failure.ts";
import type { JqType } from "../jq/types.ts";
import type { Node } from "../jq/tree.ts";

/** Problems of one expression that are told at the most. */
const PROBLEMS_MAX = 20;

/** What a program that is right uses. */
export interface ProgramFacts {
  /** Variables that it takes from outside, without `$`. */
  readonly variables: readonly string[];
}

/** What a program uses and what is odd about it, or why it is none. */
export type Inspected =
  | {
    readonly facts: ProgramFacts;
    readonly warnings: readonly ExpressionProblem[];
  }
  | { readonly problems: readonly ExpressionProblem[] };

/** What is known of a scope. */
export interface KnownTypes {
  /** What `.` is; absent means anything. */
  readonly input?: JqType;
  /** What variables are, without `$`; others are anything. */
  readonly variables: ReadonlyMap<string, JqType>;
  /** Finds what can never be right; given, as not all who read want it. */
  readonly findOdd: (
    tree: Node,
    source: string,
    types: Omit<KnownTypes, "findOdd">,
  ) => readonly ExpressionProblem[];
}

/** What a program is inspected against. */
export interface InspectOptions {
  /** The variables it may take from outside; absent means any. */
  readonly variables?: ReadonlySet<string>;
  /** What is known of its scope; absent: nobody asks what is odd about it. */
  readonly types?: KnownTypes | undefined;
}

/** Reads a program. */
export function inspectProgram(
  source: string,
  { variables, types }: InspectOptions = {},
): Inspected {
  const { tree, problems } = parseJq(source);
  const checked = checkTree(tree, {
    source,
    isInside: true,
    ...(variables === undefined ? {} : { variables }),
  });
  const all = [...problems, ...checked.problems].map(asProblem)
    .toSorted((a, b) => a.offset - b.offset);
  if (all.length > 0) return { problems: all.slice(0, PROBLEMS_MAX) };
  return {
    facts: { variables: checked.variables },
    warnings: types === undefined
      ? []
      : types.findOdd(tree, source, types).slice(0, PROBLEMS_MAX),
  };
}

function asProblem({ offset, message, hint }: JqProblem): ExpressionProblem {
  return { offset, message, ...(hint === undefined ? {} : { hint }) };
}
