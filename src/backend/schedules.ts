/**
 * The RPCs of schedules: what there is, and holding it.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  type Schedule,
  Schedule_Type,
  ScheduleSchema,
} from "../../gen/stigmer/backend/v1/schedule_pb.ts";
import { StigmerError } from "../model/error.ts";
import { importUnseen } from "../model/unseen.ts";
import { lastEventSequence } from "../store/events.ts";
import type { ResourceRow } from "../store/resources.ts";
import {
  listSchedules,
  type NamedSchedule,
  scheduleOf,
  updateSchedule,
} from "../store/schedules.ts";
import type { ServiceDeps } from "./deps.ts";
import { requireResource } from "./resource_context.ts";

/** The RPCs of schedules. */
export type ScheduleService = Pick<
  ServiceImpl<typeof BackendService>,
  "getSchedule" | "listSchedules" | "pauseSchedule" | "resumeSchedule"
>;

/** Makes the RPCs of schedules. */
export function scheduleService(deps: ServiceDeps): ScheduleService {
  const { database } = deps.store;
  return {
    getSchedule: ({ workflow }) => ({
      schedule: messageOf(requireSchedule(deps, workflow).row),
    }),
    listSchedules(request) {
      const { items, nextToken } = listSchedules(database, {
        size: request.page?.size ?? 0,
        token: request.page?.token ?? "",
      });
      return { schedules: items.map(messageOf), nextPageToken: nextToken };
    },
    pauseSchedule: ({ workflow }) =>
      database.transaction(() => {
        const { row } = requireSchedule(deps, workflow);
        if (!row.paused) updateSchedule(database, { ...row, paused: true });
        return { schedule: messageOf(requireSchedule(deps, workflow).row) };
      }),
    resumeSchedule: ({ workflow }) => resume(deps, workflow),
  };
}

/** Lets a schedule go on; what passed while it was held is left out. */
async function resume(
  deps: ServiceDeps,
  word: string,
): Promise<{ readonly schedule: Schedule }> {
  const { database } = deps.store;
  const [{ scheduleIn }, { tickAfterPause }] = await Promise.all([
    importUnseen<typeof import("./schedule_sync.ts")>(
      "./schedule_sync.ts",
      import.meta.url,
    ),
    importUnseen<typeof import("../engine/ticks.ts")>(
      "../engine/ticks.ts",
      import.meta.url,
    ),
  ]);
  return database.transaction(() => {
    const { row, workflow } = requireSchedule(deps, word);
    const schedule = scheduleIn(workflow)?.schedule;
    if (!row.paused || schedule === undefined) {
      return { schedule: messageOf(row) };
    }
    const { dueAtMs: heldAtMs, ...rest } = row;
    const nowMs = deps.host.clock.now();
    const dueAtMs = tickAfterPause(schedule, { dueAtMs: heldAtMs, nowMs });
    updateSchedule(database, {
      ...rest,
      paused: false,
      eventSequence: lastEventSequence(database),
      ...(dueAtMs === undefined ? {} : { dueAtMs }),
    });
    return { schedule: messageOf(requireSchedule(deps, word).row) };
  });
}

function requireSchedule(
  { store: { database } }: ServiceDeps,
  word: string,
): { readonly row: NamedSchedule; readonly workflow: ResourceRow } {
  const workflow = requireResource(database, "Workflow", word);
  const row = scheduleOf(database, workflow.id);
  if (row !== undefined) return { row, workflow };
  throw new StigmerError(
    "NOT_FOUND",
    `Cannot find a schedule of workflow "${workflow.slug}": it has none`,
    { hints: ['Give its definition "schedule", and apply it'] },
  );
}

/** Writes a stored schedule as the contract's message. */
function messageOf(row: NamedSchedule): Schedule {
  const { dueAtMs, lastAtMs, paused } = row;
  return create(ScheduleSchema, {
    workflowId: row.workflowId,
    workflowName: row.workflowSlug,
    type: Schedule_Type[row.type],
    description: row.description,
    paused,
    lastExecutionId: row.lastExecutionId,
    startedCount: row.startedCount,
    missedCount: row.missedCount,
    lastError: row.lastError,
    ...(dueAtMs === undefined || paused
      ? {}
      : { nextAt: timestampFromMs(dueAtMs) }),
    ...(lastAtMs === undefined ? {} : { lastAt: timestampFromMs(lastAtMs) }),
  });
}
