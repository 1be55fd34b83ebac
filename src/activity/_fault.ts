/**
 * A failure on its way to the border of an activity, where it becomes an
 * outcome.
 *
 * It stands apart from `StigmerError` because it carries the whole failure,
 * with the status that a server gave, and never leaves this room.
 *
 * @module
 */

import type { Activity } from "../model/durable.ts";
import { type Failure, type FailureKind, failureOf } from "../model/failure.ts";

/** A failure that is thrown. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.detail);
    this.failure = failure;
  }
}

/** Makes a failure to throw. */
export function fault(
  kind: FailureKind,
  detail: string,
  options: { readonly status?: number } = {},
): Fault {
  return new Fault(failureOf(kind, detail, options));
}

/** Turns the faults of an activity into its outcome. */
export function withFaults(activity: Activity): Activity {
  return async (input, context) => {
    try {
      return await activity(input, context);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { kind: "failed", failure: error.failure };
    }
  };
}
