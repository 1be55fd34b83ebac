/**
 * What to do about an evaluation that went past a limit, by the limit.
 *
 * @module
 */

import type { LimitName } from "../jq/fuel.ts";

/** A limit of an evaluation: one of jq, or the size of its result. */
export type EvaluationLimit = LimitName | "result";

/** Says how a limit is raised, or how to do without. */
export function wayOut(limit: EvaluationLimit): string {
  switch (limit) {
    case "steps":
      return 'raise "evaluate.limits.steps" of the workflow';
    case "memory":
      return 'raise "evaluate.limits.items" of the workflow';
    case "time":
      return "do it in a script, which may take as long as it needs";
    case "depth":
      return "let the function call itself last, or use a loop";
    case "outputs":
    case "string length":
    case "array length":
    case "result":
      return "do it in pieces, one task for each";
  }
}
