/**
 * Takes the events that came for a schedule: collects them, and starts an
 * execution with each collection that is complete.
 *
 * Filters are evaluated before the transaction begins, so that nobody waits
 * for them; the revision of the schedule says whether another worker was
 * faster.
 *
 * @module
 */

import {
  collect,
  collectionsFromJson,
  collectionsToJson,
} from "../engine/collect.ts";
import { type Consumed, type Consumer, typesOf } from "../engine/consume.ts";
import { ExpressionError } from "../expr/failure.ts";
import type { Json } from "../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";
import {
  type EventRecord,
  eventsAfter,
  lastEventSequence,
} from "../store/events.ts";
import {
  type NamedSchedule,
  scheduleOf,
  type ScheduleRow,
  updateSchedule,
} from "../store/schedules.ts";
import { EVENTS_INPUT } from "../workflow/schedule.ts";
import type { Schedule } from "../workflow/tree_events.ts";
import type { ServiceDeps } from "./deps.ts";
import { movedOn, startScheduled, type TakenTick } from "./schedule_start.ts";

/** What came of one look at the events. */
export interface TakenEvents {
  readonly taken: readonly TakenTick[];
  /** Whether there may be more. */
  readonly more: boolean;
}

/** A schedule on events, as it was read. */
export interface EventSchedule {
  readonly row: NamedSchedule;
  readonly schedule: Extract<Schedule, { readonly kind: "on" }>;
  readonly isGraph: boolean;
}

/** Events that complete a collection. */
interface Completion {
  readonly events: readonly Json[];
  /** The last one. */
  readonly last: EventRecord;
}

/** What the schedule is after some events. */
interface Progress {
  readonly completions: readonly Completion[];
  readonly state: Json;
  readonly eventSequence: number;
  /** Why something that was collected was given up; empty when nothing was. */
  readonly problem: string;
  readonly more: boolean;
}

/** Events taken in one transaction at the most. */
const EVENTS_MAX = 200;
const GIVEN_UP =
  `What was collected is over ${VALUE_SIZE_BYTES_MAX} bytes and was given up`;

/** Takes events that came since the last look. */
export function takeEvents(deps: ServiceDeps, of: EventSchedule): TakenEvents {
  const { database } = deps.store;
  const progress = progressOf(deps, of);
  return database.transaction(() => {
    const row = scheduleOf(database, of.row.workflowId);
    // Another worker was faster: what there is to do now, the next look finds.
    if (row === undefined || row.revision !== of.row.revision) {
      return { taken: [], more: row !== undefined };
    }
    const taken: TakenTick[] = [];
    let next: ScheduleRow = row;
    for (const { events, last } of progress.completions) {
      const tick = startScheduled(deps, row, {
        input: of.isGraph ? { [EVENTS_INPUT]: events } : events,
        tickMs: last.receivedAtMs,
        mark: `event-${last.sequence}`,
        missedCount: 0,
      });
      taken.push(tick);
      next = movedOn(next, tick, deps.host.clock.now());
    }
    const { state, eventSequence, problem, more } = progress;
    updateSchedule(database, {
      ...next,
      state,
      eventSequence,
      ...(problem === "" ? {} : { lastError: problem }),
    });
    return { taken, more };
  });
}

function progressOf(deps: ServiceDeps, of: EventSchedule): Progress {
  const { database } = deps.store;
  const { row, schedule } = of;
  const types = typesOf(schedule.to);
  // Before the events themselves: what comes in between must not be passed by.
  const newest = lastEventSequence(database);
  const records = eventsAfter(database, row.eventSequence, {
    limit: EVENTS_MAX,
    ...(types === undefined ? {} : { types }),
  });
  const consumer = consumerOf(deps, schedule);
  const open = collectionsFromJson(row.state);
  const completions: Completion[] = [];
  let problem = "";
  for (const record of records) {
    const { events, reason } = offerTo(consumer, open, record);
    if (events !== undefined) completions.push({ events, last: record });
    if (reason !== undefined) problem = reason;
  }
  const more = records.length === EVENTS_MAX;
  const lastSequence = records.at(-1)?.sequence ?? newest;
  const state = collectionsToJson(open);
  const isLarge = JSON.stringify(state).length > VALUE_SIZE_BYTES_MAX;
  return {
    completions,
    state: isLarge ? {} : state,
    eventSequence: more ? lastSequence : Math.max(newest, lastSequence),
    problem: isLarge ? GIVEN_UP : problem,
    more,
  };
}

function offerTo(
  consumer: Consumer,
  open: Consumed[],
  { event }: EventRecord,
): { readonly events?: readonly Json[]; readonly reason?: string } {
  try {
    const collected = collect(consumer, open, event);
    switch (collected.kind) {
      case "complete":
        return { events: collected.events };
      case "kept":
        return collected.lost === undefined ? {} : { reason: collected.lost };
      case "passed":
        return {};
    }
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return {
      reason: `Cannot evaluate ${error.where} of its schedule: ` +
        error.reason,
    };
  }
}

/** Nothing runs yet: filters see the event, and no variable. */
function consumerOf(
  { host }: ServiceDeps,
  { to, read }: EventSchedule["schedule"],
): Consumer {
  const nowMs = host.clock.now();
  return {
    to,
    read,
    input: null,
    scope: (input) => ({ input, variables: {}, nowMs }),
  };
}
