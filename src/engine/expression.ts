/**
 * The effect that an expression is which needs secrets to decide: what it
 * gives was computed when its secrets were opened.
 *
 * @module
 */

import type { Activity } from "../model/durable.ts";

/** The name of its activity. */
export const EXPRESSION_ACTIVITY = "expression";

/** Gives what it is given. */
export const giveExpression: Activity = (input) =>
  Promise.resolve({ kind: "completed", output: input });
