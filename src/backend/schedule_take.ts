/**
 * Takes what is due of one schedule: stores the execution and moves the
 * schedule on, both or none.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import { CreateExecutionRequestSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { dueTick } from "../engine/ticks.ts";
import { type ErrorCode, StigmerError } from "../model/error.ts";
import type { NewExecution } from "../model/execution.ts";
import { parseExecutionId } from "../model/id.ts";
import type { Json } from "../model/json.ts";
import { isTerminal } from "../model/phase.ts";
import { readStatus } from "../store/executions.ts";
import { resourceById } from "../store/resources.ts";
import {
  type NamedSchedule,
  scheduleOf,
  type ScheduleRow,
  updateSchedule,
} from "../store/schedules.ts";
import type { Schedule } from "../workflow/tree_events.ts";
import type { ServiceDeps } from "./deps.ts";
import { executionOfRequest } from "./new_execution.ts";
import { valueMessage } from "./proto_json.ts";
import { scheduleIn } from "./schedule_sync.ts";
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
interface Start {
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

/** Takes what is due of the schedule of a workflow. */
export function takeDue(
  deps: ServiceDeps,
  of: { readonly workflowId: string; readonly eventsOnly: boolean },
): readonly TakenTick[] {
  const { database } = deps.store;
  return database.transaction(() => {
    const row = scheduleOf(database, of.workflowId);
    const workflow = resourceById(database, "Workflow", of.workflowId);
    if (row === undefined || workflow === undefined || row.paused) return [];
    const schedule = scheduleIn(workflow);
    if (schedule === undefined) return [];
    if (schedule.kind === "on") return [];
    return of.eventsOnly ? [] : takeTick(deps, row, schedule);
  });
}

/** Takes a tick of the clock. */
function takeTick(
  deps: ServiceDeps,
  row: NamedSchedule,
  schedule: Exclude<Schedule, { readonly kind: "on" }>,
): readonly TakenTick[] {
  const { database } = deps.store;
  const nowMs = deps.host.clock.now();
  const dueAtMs = row.dueAtMs ?? dueAfterEnd(deps, row, schedule);
  if (dueAtMs === undefined) return [];
  if (dueAtMs > nowMs) {
    if (row.dueAtMs === undefined) {
      updateSchedule(database, { ...row, dueAtMs });
    }
    return [];
  }
  const { tickMs, missedCount, nextMs } = dueTick(schedule, { dueAtMs, nowMs });
  const taken = start(deps, row, {
    input: {},
    tickMs,
    mark: `${tickMs}`,
    missedCount,
  });
  const { dueAtMs: _, ...rest } = moved(row, taken, { nowMs, missedCount });
  const next = nextMs ?? againAtMs(schedule, taken, nowMs);
  updateSchedule(database, {
    ...rest,
    ...(next === undefined ? {} : { dueAtMs: next }),
  });
  return [taken];
}

/** When one that waits for the end of its last execution ticks. */
function dueAfterEnd(
  { store, host }: ServiceDeps,
  row: ScheduleRow,
  schedule: Schedule,
): number | undefined {
  if (schedule.kind !== "after") return undefined;
  const id = parseExecutionId(row.lastExecutionId);
  const last = id && readStatus(store.database, id);
  if (last === undefined) return host.clock.now();
  if (!isTerminal(last.phase)) return undefined;
  return (last.completedAtMs ?? host.clock.now()) + schedule.delay.ms;
}

/** What could not be started has no end to wait for. */
function againAtMs(
  schedule: Schedule,
  taken: TakenTick,
  nowMs: number,
): number | undefined {
  return schedule.kind === "after" && taken.kind === "refused"
    ? nowMs + schedule.delay.ms
    : undefined;
}

/** Stores the execution of a tick; why it cannot be is an outcome. */
function start(
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
  const execution = executionOfRequest(deps, request);
  const scheduledAt = new Date(tick.tickMs).toISOString();
  return { ...execution, spec: { ...execution.spec, scheduledAt } };
}

/** The schedule after a tick. */
function moved(
  row: NamedSchedule,
  taken: TakenTick,
  at: { readonly nowMs: number; readonly missedCount: number },
): ScheduleRow {
  const missedCount = row.missedCount + at.missedCount;
  if (taken.kind === "refused") {
    return { ...row, missedCount, lastError: taken.reason };
  }
  return {
    ...row,
    missedCount,
    lastAtMs: at.nowMs,
    lastExecutionId: taken.executionId,
    startedCount: row.startedCount + 1,
    lastError: "",
  };
}
