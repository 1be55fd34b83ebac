/**
 * Applies the events of a run one after another, so that a replay ends where the
 * run did.
 *
 * Time decides nothing but the end of a run, see `Overtime`. What came of the
 * event before that end must not be computed again: it took too long then, and
 * nobody stops it now. So an event of the past waits for the one after it, until
 * somebody asks how things stand.
 *
 * @module
 */

import type { JournalEvent, Watch } from "../model/durable.ts";
import { failureFromJson } from "../model/failure.ts";
import { isJsonObject, member } from "../model/json.ts";
import { Overtime, type Walk } from "./_walk.ts";

/** Applies events to a walk. */
export interface Replay {
  /** Applies an event; what has a watch happens now. */
  readonly apply: (event: JournalEvent, watch?: Watch) => void;
  /** Gives the walk with all events applied. */
  readonly settle: () => Walk;
}

/** Makes the replay of a walk by what applies one event to it. */
export function replayOf(
  walk: Walk,
  applyEvent: (walk: Walk, event: JournalEvent) => void,
): Replay {
  let held: JournalEvent | undefined;
  const settle = (overtime?: Overtime): Walk => {
    const event = held;
    held = undefined;
    if (event !== undefined) replay(walk, { event, overtime, applyEvent });
    return walk;
  };
  return {
    settle: () => settle(),
    apply(event, watch) {
      settle(overtimeOf(event));
      if (watch === undefined) {
        held = event;
        return;
      }
      walk.watch = watch;
      try {
        applyEvent(walk, event);
      } finally {
        walk.watch = undefined;
      }
    },
  };
}

function replay(
  walk: Walk,
  { event, overtime, applyEvent }: {
    readonly event: JournalEvent;
    readonly overtime: Overtime | undefined;
    readonly applyEvent: (walk: Walk, event: JournalEvent) => void;
  },
): void {
  walk.overtime = overtime;
  try {
    applyEvent(walk, event);
  } catch (error) {
    if (error !== overtime) throw error;
    walk.queue.length = 0;
  } finally {
    walk.overtime = undefined;
  }
}

/** What took too long, where that ended a run. */
export function overtimeOf(event: JournalEvent): Overtime | undefined {
  if (event.type !== "EXECUTION_FAILED" || !isJsonObject(event.data)) return;
  const path = member(event.data, "path");
  return typeof path === "string"
    ? new Overtime(failureFromJson(event.data), path)
    : undefined;
}
