/**
 * Schedules: how they are listed, shown, held and let go.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Schedule,
  Schedule_Type,
  ScheduleSchema,
} from "../../../gen/stigmer/backend/v1/schedule_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import { notFound } from "../../model/error.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { type Door, doorOf } from "../door.ts";
import { formatLeft } from "../duration.ts";
import { ageOf, showOne, timeFact, type View } from "../view.ts";

/** How schedules are shown. */
export const SCHEDULE_VIEW: View<Schedule> = {
  columns: [
    { header: "WORKFLOW", value: nameOf },
    { header: "SCHEDULE", value: (it) => it.description },
    { header: "NEXT", value: nextOf },
    {
      header: "LAST",
      right: true,
      value: (it, nowMs) => ageOf(it.lastAt, nowMs),
    },
    { header: "STARTED", right: true, value: (it) => `${it.startedCount}` },
    { header: "MISSED", right: true, value: (it) => `${it.missedCount}` },
    { header: "EXECUTION", wide: true, value: (it) => it.lastExecutionId },
    { header: "ERROR", wide: true, value: (it) => it.lastError },
  ],
  identify: nameOf,
  json: (it) => toJson(ScheduleSchema, it),
  describe: (it, nowMs) => [
    ["Workflow", `${nameOf(it)} (${it.workflowId})`],
    ["Schedule", it.description],
    ["Next", it.nextAt === undefined ? nextOf(it, nowMs) : whenFact(it, nowMs)],
    ["Last", timeFact(it.lastAt, nowMs)],
    ["Execution", it.lastExecutionId],
    ["Started", `${it.startedCount}`],
    ["Missed", `${it.missedCount}`],
    ["Error", it.lastError],
  ],
};

/** The verbs that schedules have in common with resources. */
export const SCHEDULES: Door = doorOf<Schedule>({
  noun: "schedule",
  view: SCHEDULE_VIEW,
  unlabelled: true,
  async list(client, { page }, call) {
    const answer = await client.listSchedules({ page }, call);
    return { items: answer.schedules, nextPageToken: answer.nextPageToken };
  },
  async get(client, workflow, call) {
    const { schedule } = await client.getSchedule({ workflow }, call);
    if (schedule === undefined) throw notFound("schedule", workflow);
    return schedule;
  },
});

/** Holds schedules. */
export function pauseSchedules(
  context: Context,
  names: readonly string[],
): Promise<Ending> {
  return steer(context, names, async (client, workflow) => {
    const call = { signal: context.signal };
    return (await client.pauseSchedule({ workflow }, call)).schedule;
  });
}

/** Lets schedules go on. */
export function resumeSchedules(
  context: Context,
  names: readonly string[],
): Promise<Ending> {
  return steer(context, names, async (client, workflow) => {
    const call = { signal: context.signal };
    return (await client.resumeSchedule({ workflow }, call)).schedule;
  });
}

async function steer(
  context: Context,
  names: readonly string[],
  act: (client: BackendClient, name: string) => Promise<Schedule | undefined>,
): Promise<Ending> {
  const { io, host } = context;
  await using backend = await openFor(context);
  for (const name of names) {
    const schedule = await act(backend.client, name);
    if (schedule === undefined) throw notFound("schedule", name);
    if (io.format === "table" || io.format === "wide") {
      const next = nextOf(schedule, host.clock.now());
      if (!io.quiet) io.data(`${nameOf(schedule)} ${next}`);
    } else await showOne(context, SCHEDULE_VIEW, schedule);
  }
  return "ok";
}

function nameOf(schedule: Schedule): string {
  return schedule.workflowName;
}

/** When it starts next, or what keeps it from that. */
function nextOf(it: Schedule, nowMs: number): string {
  if (it.paused) return "paused";
  if (it.nextAt !== undefined) return inFuture(it.nextAt, nowMs);
  switch (it.type) {
    case Schedule_Type.ON:
      return "on an event";
    case Schedule_Type.AFTER:
      return "after the end";
    default:
      return "never";
  }
}

function inFuture(time: Timestamp, nowMs: number): string {
  const leftMs = timestampMs(time) - nowMs;
  return leftMs <= 0 ? "due" : `in ${formatLeft(leftMs)}`;
}

/** Writes a time to come: `2026-01-02T03:04:05Z (in 5m)`. */
function whenFact({ nextAt }: Schedule, nowMs: number): string {
  if (nextAt === undefined) return "";
  const iso = new Date(timestampMs(nextAt)).toISOString();
  return `${iso.replace(/\.\d+Z$/, "Z")} (${inFuture(nextAt, nowMs)})`;
}
