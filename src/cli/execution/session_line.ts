/**
 * The line of a session: its executions run one after the other.
 *
 * @module
 */

import type { Execution } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { getExecution } from "../../backend/get_execution.ts";
import type { BackendClient } from "../../backend/open.ts";
import { aheadInLine } from "../../model/turn_wait.ts";
import { phaseOf } from "./resource.ts";

/** Executions in one line that are looked at, at the most. */
const LINE_MAX = 100;

/** Whether an execution waits for its turn in its session. */
export function isInLine(execution: Execution): boolean {
  return aheadOf(execution) !== undefined;
}

/** Finds the execution that all those before another one wait for. */
export async function firstInLine(
  client: BackendClient,
  execution: Execution,
  signal: AbortSignal,
): Promise<Execution> {
  let first = execution;
  for (let i = 0; i < LINE_MAX; i++) {
    const id = aheadOf(first);
    if (id === undefined) break;
    first = await getExecution(client, id, signal);
  }
  return first;
}

function aheadOf(execution: Execution): string | undefined {
  return phaseOf(execution) === "PENDING"
    ? aheadInLine(execution.status?.waitingFor ?? "")
    : undefined;
}
