/**
 * Checks a workflow of either dialect and gives the tree that runs.
 *
 * @module
 */

import type { Diagnostic } from "../model/diagnostic.ts";
import type { JsonObject } from "../model/json.ts";
import type { Plan } from "./tree.ts";

/** What a check gives: a plan when there is no error, and all that is wrong. */
export interface CheckedWorkflow {
  readonly plan: Plan | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks the specification of a workflow, or a bare specification document.
 *
 * Pointers of the diagnostics are relative to it.
 */
export function checkWorkflow(
  _spec: JsonObject,
  _options: { readonly name?: string } = {},
): CheckedWorkflow {
  return { plan: undefined, diagnostics: [] };
}
