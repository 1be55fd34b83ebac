/**
 * The members that a program takes from a variable.
 *
 * @module
 */

import { parseJq } from "../jq/parser.ts";
import type { Node } from "../jq/tree.ts";
import { eachNode } from "../jq/walk.ts";
import { constantKey } from "./_steps.ts";

/** A place at which a program uses a variable. */
export interface MemberUse {
  /** The member that it takes; absent where it computes which, or takes all. */
  readonly name?: string;
  /** UTF-16 units from the start of the program. */
  readonly offset: number;
}

/** Finds where a program uses a variable, in the order of the text. */
export function memberUses(
  program: string,
  variable: string,
): readonly MemberUse[] {
  const names = new Map<Node, string>();
  const uses: MemberUse[] = [];
  eachNode(parseJq(program).tree, (node) => {
    if (node.kind === "index") {
      const name = constantKey(node.key);
      if (typeof name === "string") names.set(node.target, name);
    }
    if (node.kind !== "variable" || node.name !== variable) return;
    const name = names.get(node);
    const { start: offset } = node;
    uses.push(name === undefined ? { offset } : { name, offset });
  });
  return uses.toSorted((a, b) => a.offset - b.offset);
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
