/**
 * The members that a program takes from a variable.
 *
 * @module
 */

import { parseJq } from "../jq/parser.ts";
import type { Node } from "../jq/tree.ts";
import { eachNode } from "../jq/walk.ts";

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
      const name = constantText(node.key);
      if (name !== undefined) names.set(node.target, name);
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

function constantText(key: Node): string | undefined {
  if (key.kind === "literal") {
    return typeof key.value === "string" ? key.value : undefined;
  }
  if (key.kind !== "text" || key.format !== undefined) return undefined;
  const [only = "", ...more] = key.parts;
  return typeof only === "string" && more.length === 0 ? only : undefined;
}
