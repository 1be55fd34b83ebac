/**
 * Takes what is due of one schedule: stores the execution and moves the
 * schedule on, both or none.
 *
 * @module
 */

import { dueTick } from "../engine/ticks.ts";
import { parseExecutionId } from "../model/id.ts";
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
import { takeEvents, type TakenEvents } from "./schedule_events.ts";
import { movedOn, startScheduled, type TakenTick } from "./schedule_start.ts";
import { scheduleIn, UNREADABLE } from "./schedule_sync.ts";

/** What came of one look at a schedule. */
export type Taken = TakenEvents;

const NOTHING: Taken = { taken: [], more: false };

/** Takes what is due of the schedule of a workflow. */
export function takeDue(
  deps: ServiceDeps,
  of: { readonly workflowId: string; readonly eventsOnly: boolean },
): Taken {
  const { database } = deps.store;
  const row = scheduleOf(database, of.workflowId);
  const workflow = resourceById(database, "Workflow", of.workflowId);
  if (row === undefined || workflow === undefined || row.paused) return NOTHING;
  const scheduled = scheduleIn(workflow);
  if (scheduled === undefined) return giveUp(deps, row);
  const { schedule } = scheduled;
  if (schedule.kind === "on") {
    return takeEvents(deps, { ...scheduled, row, schedule });
  }
  if (of.eventsOnly) return NOTHING;
  return database.transaction(() => {
    const now = scheduleOf(database, of.workflowId);
    // Another worker was faster, or someone changed it.
    if (now?.revision !== row.revision) return NOTHING;
    return { taken: takeTick(deps, row, schedule), more: false };
  });
}

/** A definition of an older release may not be one any more. */
function giveUp({ store }: ServiceDeps, row: NamedSchedule): Taken {
  const { dueAtMs: _, ...rest } = row;
  const schedule = { ...rest, lastError: UNREADABLE };
  if (row.lastError === UNREADABLE) return NOTHING;
  if (!updateSchedule(store.database, schedule)) return NOTHING;
  const reason = UNREADABLE;
  return { taken: [{ kind: "refused", schedule, reason }], more: false };
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
  const taken = startScheduled(deps, row, {
    input: {},
    tickMs,
    mark: `${tickMs}`,
    missedCount,
  });
  const { dueAtMs: _, ...rest } = movedOn(row, taken, nowMs);
  const next = nextMs ?? againAtMs(schedule, taken, nowMs);
  updateSchedule(database, {
    ...rest,
    missedCount: row.missedCount + missedCount,
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
