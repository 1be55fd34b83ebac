/**
 * Which events the tasks that listen took, and whether for good.
 *
 * A task does not see what one took that had completed before it began. Tasks
 * that listen at the same time each see an event, and what a task took that
 * failed or was cancelled can be taken again.
 *
 * @module
 */

import type { CloudEvent } from "../model/durable.ts";

/** What the tasks of a walk took. */
export interface Heard {
  /** Who took an event, by its source and id. */
  takers?: Map<string, Hearing[]>;
  /** Counts beginnings and ends, so that it is known which came first. */
  moment: number;
}

/** A task that listens, or did. */
export interface Hearing {
  readonly began: number;
  /** Set once it has all that it wants. */
  completed: number | undefined;
}

/** What the tasks took before any began. */
export function newHeard(): Heard {
  return { moment: 0 };
}

/** Begins to listen. */
export function beginHearing(heard: Heard): Hearing {
  return { began: ++heard.moment, completed: undefined };
}

/** Notes that a task has all that it wants: what it took is gone. */
export function completeHearing(heard: Heard, hearing: Hearing): void {
  hearing.completed = ++heard.moment;
}

/** Notes that a task took an event. */
export function noteTaken(
  heard: Heard,
  hearing: Hearing,
  event: CloudEvent,
): void {
  const key = keyOf(event);
  heard.takers ??= new Map();
  const takers = heard.takers.get(key) ?? [];
  heard.takers.set(key, takers);
  takers.push(hearing);
}

/** Whether a task does not see an event. */
export function isHidden(
  heard: Heard,
  hearing: Hearing,
  event: CloudEvent,
): boolean {
  return takersOf(heard, event).some((it) =>
    it === hearing || isBefore(it.completed, hearing.began)
  );
}

/** Whether no task that begins from now on sees an event. */
export function isGone(heard: Heard, event: CloudEvent): boolean {
  return takersOf(heard, event).some((it) => it.completed !== undefined);
}

function takersOf({ takers }: Heard, event: CloudEvent): readonly Hearing[] {
  return takers?.get(keyOf(event)) ?? [];
}

function isBefore(completed: number | undefined, began: number): boolean {
  return completed !== undefined && completed < began;
}

function keyOf({ source = null, id = null }: CloudEvent): string {
  return JSON.stringify([source, id]);
}
