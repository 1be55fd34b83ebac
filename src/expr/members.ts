/**
 * The members that a program takes from a variable.
 *
 * @module
 */

import { parseJq } from "../jq/parser.ts";
import type { Node } from "../jq/tree.ts";
import { eachNode } from "../jq/walk.ts";
import { constantKey } from "./_tree.ts";

/** A place at which a program uses a variable. */
export interface MemberUse {
  /** The member that it takes; absent where it computes which, or takes all. */
  readonly name?: string;
  /** UTF-16 units from the start of the program. */
  readonly offset: number;
}

/** A place at which a program uses a variable, and how far it goes into it. */
export interface VariableUse {
  /** The constant keys and indices that it takes. */
  readonly steps: readonly (string | number)[];
  /** UTF-16 units from the start of the program. */
  readonly offset: number;
}

/** Finds where a program uses a variable, in the order of the text. */
export function variableUses(
  program: string,
  variable: string,
): readonly VariableUse[] {
  const taken = new Map<Node, readonly (string | number)[]>();
  const uses: VariableUse[] = [];
  // Most programs use none, and are not read for it.
  if (!program.includes(variable)) return uses;
  eachNode(parseJq(program).tree, (node) => {
    const steps = taken.get(node) ?? [];
    if (node.kind === "index") {
      const key = constantKey(node.key);
      if (key !== undefined) taken.set(node.target, [key, ...steps]);
    }
    if (node.kind !== "variable" || node.name !== variable) return;
    uses.push({ steps, offset: node.start });
  });
  return uses.toSorted((a, b) => a.offset - b.offset);
}

/** Finds which members a program takes from a variable, and where. */
export function memberUses(
  program: string,
  variable: string,
): readonly MemberUse[] {
  return variableUses(program, variable).map(({ steps: [name], offset }) =>
    typeof name === "string" ? { name, offset } : { offset }
  );
}

/**
 * The members that a program takes from a variable; `undefined` where it
 * computes which, or takes all.
 */
export function membersTaken(
  program: string,
  variable: string,
): readonly string[] | undefined {
  const names = new Set<string>();
  for (const { name } of memberUses(program, variable)) {
    if (name === undefined) return undefined;
    names.add(name);
  }
  return [...names];
}
