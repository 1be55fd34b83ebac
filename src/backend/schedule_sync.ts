/**
 * Keeps the schedule of a workflow in step with its definition.
 *
 * These functions belong into the transaction that writes the workflow.
 *
 * @module
 */

import { firstTick } from "../engine/ticks.ts";
import { jsonEquals, member } from "../model/json.ts";
import type { Database } from "../store/driver.ts";
import { lastEventSequence } from "../store/events.ts";
import type { ResourceRow } from "../store/resources.ts";
import {
  deleteSchedule,
  insertSchedule,
  scheduleOf,
  type ScheduleRow,
  type ScheduleType,
  updateSchedule,
} from "../store/schedules.ts";
import { checkWorkflow } from "../workflow/check.ts";
import { scheduleText } from "../workflow/schedule_text.ts";
import type { Schedule } from "../workflow/tree_events.ts";

const TYPES: Readonly<Record<Schedule["kind"], ScheduleType>> = {
  every: "EVERY",
  cron: "CRON",
  after: "AFTER",
  on: "ON",
};

/** Why a schedule was given up whose definition cannot be read any more. */
export const UNREADABLE =
  "Its definition is not valid any more: validate it, and apply it again";

/** A workflow that starts by itself. */
export interface Scheduled {
  readonly schedule: Schedule;
  /** Whether events come to it as a named input, not as the whole one. */
  readonly isGraph: boolean;
}

/** When a stored workflow starts by itself; absent for never. */
export function scheduleIn(workflow: ResourceRow): Scheduled | undefined {
  const { spec, slug } = workflow;
  if (member(spec, "schedule") === undefined) return undefined;
  const { plan } = checkWorkflow(spec, { name: slug, isStored: true });
  return plan?.schedule &&
    { schedule: plan.schedule, isGraph: plan.body.kind === "graph" };
}

/**
 * Makes, changes or removes the schedule of a workflow that was just written.
 *
 * One that is the same as before goes on as it did; one that changed begins
 * anew, and keeps what it counted.
 *
 * @param before The workflow as it was; absent when it is new.
 */
export function syncSchedule(
  database: Database,
  workflow: ResourceRow,
  options: { readonly before?: ResourceRow; readonly nowMs: number },
): void {
  const { before, nowMs } = options;
  const schedule = scheduleIn(workflow)?.schedule;
  if (schedule === undefined) return deleteSchedule(database, workflow.id);
  const known = scheduleOf(database, workflow.id);
  const fresh = freshRow(workflow, schedule, {
    nowMs,
    eventSequence: lastEventSequence(database),
  });
  if (known === undefined) return insertSchedule(database, fresh);
  const isGivenUp = known.lastError === UNREADABLE;
  const isSame = !isGivenUp && before !== undefined && jsonEquals(
    member(before.spec, "schedule") ?? null,
    member(workflow.spec, "schedule") ?? null,
  );
  const { workflowVersionId, type, description, state, eventSequence } = fresh;
  const { dueAtMs: _, ...counted } = known;
  const changed = {
    ...counted,
    type,
    description,
    state,
    // What it has not looked at yet counts for the new filters, too.
    ...(known.type === "ON" ? {} : { eventSequence }),
    lastError: "",
    ...dueAfterChange(schedule, { known, nowMs }),
  };
  updateSchedule(database, {
    ...(isSame ? known : changed),
    workflowVersionId,
  });
}

/** An execution that still runs is waited for, also by a schedule that changed. */
function dueAfterChange(
  schedule: Schedule,
  { known, nowMs }: { readonly known: ScheduleRow; readonly nowMs: number },
): { readonly dueAtMs?: number } {
  if (schedule.kind === "after" && known.lastExecutionId !== "") return {};
  const dueAtMs = firstTick(schedule, nowMs);
  return dueAtMs === undefined ? {} : { dueAtMs };
}

function freshRow(
  workflow: ResourceRow,
  schedule: Schedule,
  options: { readonly nowMs: number; readonly eventSequence: number },
): ScheduleRow {
  const dueAtMs = firstTick(schedule, options.nowMs);
  return {
    workflowId: workflow.id,
    workflowVersionId: workflow.version.id,
    type: TYPES[schedule.kind],
    description: scheduleText(schedule),
    paused: false,
    state: {},
    eventSequence: options.eventSequence,
    revision: 0,
    lastExecutionId: "",
    startedCount: 0,
    missedCount: 0,
    lastError: "",
    ...(dueAtMs === undefined ? {} : { dueAtMs }),
  };
}
