/**
 * How a run listens: whether it has heard everything, and what it waits for.
 *
 * @module
 */

import type { RunListener } from "../model/run.ts";
import type { LiveListener, LiveRun } from "./_live.ts";

/** Types that a list of executions names. */
const TYPES_SHOWN_MAX = 3;

/** Whether a listener has yet to be offered what there is. */
export function isOffered(run: LiveRun): boolean {
  for (const { isUpToDate } of run.listeners.values()) {
    if (!isUpToDate) return true;
  }
  return false;
}

/** What a run listens for, to be kept while it is not in memory. */
export function listenersOf(run: LiveRun): readonly RunListener[] {
  return [...run.listeners.values()].map(({ command, seen }) => ({
    path: command.path,
    attempt: command.attempt,
    seen,
    ...(command.types === undefined ? {} : { types: command.types }),
  }));
}

/** What a listener waits for, in words. */
export function eventsInWords({ command: { types } }: LiveListener): string {
  if (types === undefined) return "event of any type";
  const shown = types.slice(0, TYPES_SHOWN_MAX).join(", ");
  return `event ${shown}${types.length > TYPES_SHOWN_MAX ? ", …" : ""}`;
}
