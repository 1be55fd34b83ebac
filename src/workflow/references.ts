/**
 * What a plan refers to outside itself.
 *
 * @module
 */

import type { Plan } from "./tree.ts";

/** A name in a plan, and where it stands. */
export interface Reference {
  readonly name: string;
  readonly pointer: string;
}

/** Lists the agents that a plan names; computed names are not known here. */
export function agentReferences(_plan: Plan): readonly Reference[] {
  return [];
}
