/**
 * Starts the execution of a tick, and says what its schedule is after it.
 *
 * These functions belong inside a transaction.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import { CreateExecutionRequestSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { type ErrorCode, StigmerError } from "../model/error.ts";
import type { NewExecution } from "../model/execution.ts";
import type { Json } from "../model/json.ts";
import type { NamedSchedule, ScheduleRow } from "../store/schedules.ts";
import type { ServiceDeps } from "./deps.ts";
import { handedExecution } from "./execution_secrets.ts";
import { executionOfRequest } from "./new_execution.ts";
import { valueMessage } from "./proto_json.ts";
import { storeExecution } from "./store_execution.ts";

/** What became of a tick. */
export type TakenTick =
  | {
    readonly kind: "started";
    readonly schedule: NamedSchedule;
    readonly executionId: string;
    readonly missedCount: number;
  }
  | {
    readonly kind: "refused";
    readonly schedule: NamedSchedule;
    readonly reason: string;
  };

/** A tick that is to start an execution. */
export interface Start {
  readonly input: Json;
  readonly tickMs: number;
  /** What tells this tick from all others of its schedule. */
  readonly mark: string;
  readonly missedCount: number;
}

/** Errors that are about the workflow, and come again with each try. */
const START_ERRORS: readonly ErrorCode[] = [
  "NOT_FOUND",
  "INVALID_ARGUMENT",
  "FAILED_PRECONDITION",
  "RESOURCE_EXHAUSTED",
  "UNIMPLEMENTED",
  "DATA_LOSS",
];

/** Stores the execution of a tick; why it cannot be is an outcome. */
export function startScheduled(
  deps: ServiceDeps,
  schedule: NamedSchedule,
  tick: Start,
): TakenTick {
  let execution: NewExecution;
  try {
    execution = executionOf(deps, schedule, tick);
  } catch (error) {
    if (!(error instanceof StigmerError)) throw error;
    if (!START_ERRORS.includes(error.code)) throw error;
    return { kind: "refused", schedule, reason: error.message };
  }
  const executionId = storeExecution(deps, execution);
  const { missedCount } = tick;
  return { kind: "started", schedule, executionId, missedCount };
}

function executionOf(
  deps: ServiceDeps,
  schedule: NamedSchedule,
  tick: Start,
): NewExecution {
  const request = create(CreateExecutionRequestSchema, {
    kind: "Workflow",
    name: schedule.workflowId,
    input: valueMessage(tick.input),
    idempotencyKey: `schedule:${schedule.workflowId}:${tick.mark}`,
  });
  const draft = executionOfRequest(deps, request);
  const execution = handedExecution(deps, draft);
  const scheduledAt = new Date(tick.tickMs).toISOString();
  return { ...execution, spec: { ...execution.spec, scheduledAt } };
}

/** The schedule after a tick. */
export function movedOn(
  row: ScheduleRow,
  taken: TakenTick,
  nowMs: number,
): ScheduleRow {
  if (taken.kind === "refused") return { ...row, lastError: taken.reason };
  return {
    ...row,
    lastAtMs: nowMs,
    lastExecutionId: taken.executionId,
    startedCount: row.startedCount + 1,
    lastError: "",
  };
}
