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

/** What the listeners of a run wait for, in words; empty when there is none. */
export function eventsInWords(listeners: Iterable<LiveListener>): string {
  const wanted = new Set<string>();
  for (const { command: { types } } of listeners) {
    for (const type of types ?? ["of any type"]) wanted.add(type);
  }
  if (wanted.size === 0) return "";
  const shown = [...wanted].slice(0, TYPES_SHOWN_MAX).join(", ");
  return `event ${shown}${wanted.size > TYPES_SHOWN_MAX ? ", …" : ""}`;
}
