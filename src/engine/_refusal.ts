/**
 * Why a run cannot be claimed, said to whoever asked for it.
 *
 * @module
 */

import {
  failedPrecondition,
  notFound,
  type StigmerError,
} from "../model/error.ts";
import type { ExecutionId } from "../model/id.ts";
import type { ClaimRefusal } from "../model/run.ts";

/** Makes the error of a claim that was refused. */
export function refusal(
  executionId: ExecutionId,
  why: Exclude<ClaimRefusal, "held">,
): StigmerError {
  switch (why) {
    case "missing":
      return notFound("execution", executionId);
    case "terminal":
      return failedPrecondition(
        `Cannot run execution "${executionId}": it has ended`,
      );
    case "paused":
      return failedPrecondition(
        `Cannot run execution "${executionId}": it is paused`,
        { hints: [`stigmer execution resume ${executionId}`] },
      );
    case "unserved":
      return failedPrecondition(
        `Cannot run execution "${executionId}" here: a TypeScript program ` +
          "serves its workflow",
        { hints: ["Start that program, which goes on with it by itself"] },
      );
    case "owned":
      return failedPrecondition(
        `Cannot run execution "${executionId}": a live worker has it`,
        { hints: [`stigmer execution watch ${executionId}`] },
      );
  }
}
