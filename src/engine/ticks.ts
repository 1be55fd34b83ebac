/**
 * When a schedule ticks by the clock. Pure: the time comes in.
 *
 * A schedule that nothing watched for a while has missed ticks; the newest of
 * them is run, the others are counted. The phase of `every` stays what it was.
 *
 * @module
 */

import { cronTicksWithin, nextCronTick } from "../workflow/cron.ts";
import type { Schedule } from "../workflow/tree_events.ts";

/** What of a schedule is due. */
export interface DueTick {
  /** The tick that is run: the newest one that is due. */
  readonly tickMs: number;
  /** How many ticks before it nobody ran. */
  readonly missedCount: number;
  /** The tick after it; absent for none by the clock. */
  readonly nextMs: number | undefined;
}

/** The first tick of a schedule that is made now. */
export function firstTick(
  schedule: Schedule,
  nowMs: number,
): number | undefined {
  switch (schedule.kind) {
    case "every":
      return nowMs + schedule.interval.ms;
    case "cron":
      return nextCronTick(schedule, nowMs);
    // It waits for the end of an execution, and there is none before the first.
    case "after":
      return nowMs;
    case "on":
      return undefined;
  }
}

/** What is due of a schedule whose tick has come. */
export function dueTick(
  schedule: Schedule,
  at: { readonly dueAtMs: number; readonly nowMs: number },
): DueTick {
  const { dueAtMs, nowMs } = at;
  switch (schedule.kind) {
    case "every": {
      const { ms } = schedule.interval;
      const missedCount = Math.max(0, Math.floor((nowMs - dueAtMs) / ms));
      const tickMs = dueAtMs + missedCount * ms;
      return { tickMs, missedCount, nextMs: tickMs + ms };
    }
    case "cron": {
      const later = cronTicksWithin(schedule, {
        afterMs: dueAtMs,
        untilMs: nowMs,
      });
      return {
        tickMs: later?.lastMs ?? dueAtMs,
        missedCount: later?.count ?? 0,
        nextMs: nextCronTick(schedule, Math.max(dueAtMs, nowMs)),
      };
    }
    case "after":
    case "on":
      return { tickMs: dueAtMs, missedCount: 0, nextMs: undefined };
  }
}

/** The next tick of a schedule that was held: what passed is left out. */
export function tickAfterPause(
  schedule: Schedule,
  at: { readonly dueAtMs: number | undefined; readonly nowMs: number },
): number | undefined {
  const { dueAtMs, nowMs } = at;
  if (dueAtMs === undefined || dueAtMs > nowMs) return dueAtMs;
  return schedule.kind === "after"
    ? nowMs
    : dueTick(schedule, { dueAtMs, nowMs }).nextMs;
}
