/**
 * The machine of an agent: one model turn, its tool calls at once, the next
 * turn.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { Machine } from "../model/durable.ts";
import type { AgentPlan } from "./plan.ts";

/** Makes the machine of one execution of an agent, to be fed its journal. */
export function createAgentMachine(
  plan: AgentPlan,
  options: { readonly executionId: string },
): Machine {
  throw new StigmerError(
    "UNIMPLEMENTED",
    `Cannot run agent "${plan.name}" as "${options.executionId}" yet`,
  );
}
