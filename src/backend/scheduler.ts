/**
 * Starts workflows whose schedules are due; what a worker does besides running
 * what is there.
 *
 * Each look takes what is due, one transaction each: the execution is stored
 * and the schedule moved on together, so that of two workers one alone starts
 * it, and a crash between the two is no such thing.
 *
 * @module
 */

import { isBusy } from "../engine/group_commit.ts";
import type { WorkerNote } from "../engine/ports.ts";
import { messageOf } from "../model/error.ts";
import { onChange, version } from "../store/changes.ts";
import { nextScheduleDueAtMs, readySchedules } from "../store/schedules.ts";
import type { ServiceDeps } from "./deps.ts";
import type { TakenTick } from "./schedule_start.ts";
import { takeDue } from "./schedule_take.ts";

/** How a scheduler is made. */
export interface SchedulerOptions extends ServiceDeps {
  readonly onNote: (note: WorkerNote) => void;
}

/** Starts what is due. */
export interface Scheduler {
  /** Starts what is due now, and says how many executions that were. */
  look(options?: LookOptions): number;
  /** Looks again and again, until it is stopped. */
  watch(signal: AbortSignal): Promise<void>;
}

/** What a look is after. */
export interface LookOptions {
  /** Whether ticks of the clock are left alone, and only events looked at. */
  readonly eventsOnly?: boolean;
  /** Batches of events of one schedule at the most; more are left. */
  readonly takesMax?: number;
}

/** Schedules of one look at the most; more are taken in the next one. */
const SCHEDULES_MAX = 500;
/** Batches of events of one schedule in one look at the most. */
const TAKES_MAX = 100;
/** The same while runs go on beside it, which wait for the look's end. */
const TAKES_BESIDE_RUNS_MAX = 5;
/** How often it is looked at what other processes did. */
const POLL_MS = 250;
/** How long the same trouble is not told again. */
const TROUBLE_MS = 60_000;
/** Troubles that are remembered at the most. */
const TROUBLES_MAX = 100;
/** Time between two looks at the least. */
const LOOK_MIN_MS = 10;

/** Makes the scheduler of a worker. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { host: { clock }, store: { database } } = options;
  const tellTrouble = troubleTeller(options);
  let failedCount = 0;

  function look(
    { eventsOnly = false, takesMax = TAKES_MAX }: LookOptions = {},
  ): number {
    let started = 0;
    const nowMs = clock.now();
    const ready = guarded(
      [],
      () => readySchedules(database, { nowMs, limit: SCHEDULES_MAX }),
    );
    for (const workflowId of ready) {
      started += guarded(
        0,
        () => take(options, { workflowId, eventsOnly, takesMax }),
      );
    }
    return started;
  }

  async function watch(signal: AbortSignal): Promise<void> {
    let seen = "";
    while (!signal.aborted) {
      const dueAtMs = guarded(undefined, () => {
        const now = version(database);
        const due = nextScheduleDueAtMs(database);
        const failedBefore = failedCount;
        if (now !== seen || due !== undefined && due <= clock.now()) {
          // What it leaves is a change that it makes, so that it looks again.
          look({ takesMax: TAKES_BESIDE_RUNS_MAX });
        }
        // No change may tell that what failed would work now.
        seen = failedCount === failedBefore ? now : "";
        return nextScheduleDueAtMs(database);
      });
      await pause(options, { dueAtMs, signal });
    }
  }

  /** What goes wrong with one schedule must not hold the others. */
  function guarded<T>(otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      failedCount++;
      if (!isBusy(error)) tellTrouble(error);
      return otherwise;
    }
  }

  return { look, watch };
}

/** Takes what one schedule has to do. */
function take(
  options: SchedulerOptions,
  of: {
    readonly workflowId: string;
    readonly eventsOnly: boolean;
    readonly takesMax: number;
  },
): number {
  let started = 0;
  for (let i = 0; i < of.takesMax; i++) {
    const { taken, more } = takeDue(options, of);
    for (const tick of taken) options.onNote(noteOf(tick));
    started += taken.filter((it) => it.kind === "started").length;
    if (!more) break;
  }
  return started;
}

function noteOf(tick: TakenTick): WorkerNote {
  const { schedule } = tick;
  const by = `"${schedule.workflowSlug}" (${schedule.description})`;
  if (tick.kind === "refused") {
    return {
      kind: "trouble",
      detail: `Cannot start ${by} by its schedule: ${tick.reason}`,
    };
  }
  const missed = tick.missedCount === 0
    ? ""
    : `, ${tick.missedCount} ${tick.missedCount === 1 ? "tick" : "ticks"} ` +
      "before it missed";
  return {
    kind: "scheduled",
    executionId: tick.executionId,
    detail: `${by}${missed}`,
  };
}

/** Waits for the next tick, a change, or the time to look at other processes. */
async function pause(
  { host: { clock }, store: { database } }: SchedulerOptions,
  until: {
    readonly dueAtMs: number | undefined;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const dueMs = (until.dueAtMs ?? Infinity) - clock.now();
  // What is due after a look could not be taken: it is not tried at once.
  const delayMs = dueMs <= 0
    ? POLL_MS
    : Math.max(LOOK_MIN_MS, Math.min(POLL_MS, dueMs));
  const changed = new AbortController();
  const stop = onChange(database, () => changed.abort(), ["runs"]);
  try {
    await clock.sleep(LOOK_MIN_MS, until.signal);
    await clock.sleep(
      delayMs - LOOK_MIN_MS,
      AbortSignal.any([until.signal, changed.signal]),
    );
  } catch (error) {
    if (!until.signal.aborted && !changed.signal.aborted) throw error;
  } finally {
    stop();
  }
}

/** Tells what goes wrong, but not over and over. */
function troubleTeller(
  { onNote, host: { clock } }: SchedulerOptions,
): (error: unknown) => void {
  const told = new Map<string, number>();
  return (error) => {
    const detail = `Cannot look at the schedules: ${messageOf(error)}`;
    const nowMs = clock.now();
    if (nowMs - (told.get(detail) ?? -Infinity) < TROUBLE_MS) return;
    if (told.size >= TROUBLES_MAX) told.clear();
    told.set(detail, nowMs);
    onNote({ kind: "trouble", detail });
  };
}
