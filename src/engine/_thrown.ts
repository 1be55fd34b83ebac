/**
 * What was thrown, as the failure of a task.
 *
 * @module
 */

import { withPlainPermissions } from "../host/missing_permission.ts";
import { messageOf, StigmerError } from "../model/error.ts";
import { type Failure, type FailureKind, failureOf } from "../model/failure.ts";
import { Fault, Overtime } from "./_walk.ts";

/** Makes a failure of whatever was thrown. */
export function failureOfThrown(error: unknown): Failure {
  if (error instanceof Fault || error instanceof Overtime) {
    return error.failure;
  }
  const message = messageOf(error);
  return failureOf(
    kindOfThrown(error),
    // What is ours may tell what another program said.
    error instanceof StigmerError ? message : withPlainPermissions(message),
  );
}

function kindOfThrown(error: unknown): FailureKind {
  if (!(error instanceof StigmerError)) return "runtime";
  switch (error.code) {
    case "INVALID_ARGUMENT":
      return "validation";
    case "NOT_FOUND":
    case "FAILED_PRECONDITION":
    case "UNIMPLEMENTED":
      return "configuration";
    case "UNAUTHENTICATED":
      return "authentication";
    case "PERMISSION_DENIED":
      return "authorization";
    case "DEADLINE_EXCEEDED":
      return "timeout";
    case "UNAVAILABLE":
      return "communication";
    default:
      return "runtime";
  }
}
