/**
 * Journals: append, read, follow.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { EventType, JournalEvent } from "../model/durable.ts";
import { StigmerError } from "../model/error.ts";
import type { ExecutionId } from "../model/id.ts";
import type { Json } from "../model/json.ts";
import { JOURNAL_FORMAT, type NewEvent } from "../model/run.ts";
import { onChange, version } from "./changes.ts";
import type { Database, SqlRow, Statement } from "./driver.ts";
import { runNumber } from "./executions.ts";
import { keepValue, keptValueOf, readValue } from "./values.ts";

/** Events of one read while a journal is followed. */
const TAIL_BATCH_MAX = 500;
/** How often a follower looks for what other processes wrote. */
const TAIL_POLL_MS = 25;
/** How often it looks when nothing has come for a while. */
const TAIL_POLL_IDLE_MS = 250;
/** Looks without anything new until it looks less often. */
const TAIL_POLLS_BUSY = 80;

const COLUMNS =
  "sequence, format, time_ms, type, path, name, attempt, data, value";
const INSERT = `
  INSERT INTO journal (run, ${COLUMNS})
  VALUES (?, ?, ${JOURNAL_FORMAT}, ?, ?, ?, ?, ?, ?, ?)`;
const READ = `
  SELECT ${COLUMNS} FROM journal
  WHERE run = ? AND sequence > ? ORDER BY sequence LIMIT ?`;
const LAST = "SELECT max(sequence) AS sequence FROM journal WHERE run = ?";

/** Appends events that have their sequence numbers; the caller has the right to. */
export function insertEvents(
  database: Database,
  run: number,
  events: readonly JournalEvent[],
): void {
  const insert = database.prepare(INSERT);
  for (const event of events) insertEvent(database, insert, { run, event });
}

function insertEvent(
  database: Database,
  insert: Statement,
  { run, event }: { readonly run: number; readonly event: JournalEvent },
): void {
  const { data, value } = keepValue(database, event.data);
  insert.run(
    run,
    event.sequence,
    event.timeMs,
    event.type,
    event.path,
    event.name,
    event.attempt,
    data,
    value,
  );
}

/** Appends an event to a run that nobody owns; gives its sequence number. */
export function appendEvent(
  database: Database,
  run: number,
  options: { readonly event: NewEvent; readonly nowMs: number },
): number {
  const sequence = lastSequence(database, run) + 1;
  const event = { ...options.event, sequence, timeMs: options.nowMs };
  insertEvents(database, run, [event]);
  return sequence;
}

/** The sequence number of the newest event of a run; 0 when there is none. */
export function lastSequence(database: Database, run: number): number {
  return Number(database.prepare(LAST).get(run)?.sequence ?? 0);
}

/** Reads events of an execution past a sequence number, oldest first. */
export function readEvents(
  database: Database,
  executionId: ExecutionId,
  options: { readonly afterSequence?: number; readonly limit?: number } = {},
): readonly JournalEvent[] {
  const run = runNumber(database, executionId);
  return run === undefined ? [] : readRun(database, run, options);
}

/** Reads events of a run past a sequence number, oldest first. */
export function readRun(
  database: Database,
  run: number,
  options: { readonly afterSequence?: number; readonly limit?: number } = {},
): readonly JournalEvent[] {
  const { afterSequence = 0, limit = -1 } = options;
  return database.prepare(READ).all(run, afterSequence, limit)
    .map((row) => toEvent(database, row));
}

/**
 * Follows the journal of an execution; ends after its terminal event.
 *
 * @throws The signal's reason once it is aborted.
 */
export async function* tailEvents(
  database: Database,
  executionId: ExecutionId,
  options: {
    readonly host: Pick<Host, "clock">;
    readonly afterSequence?: number;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<JournalEvent, void, void> {
  let afterSequence = options.afterSequence ?? 0;
  let polls = 0;
  for (;;) {
    options.signal.throwIfAborted();
    const seen = version(database);
    const events = readEvents(database, executionId, {
      afterSequence,
      limit: TAIL_BATCH_MAX,
    });
    for (const event of events) {
      yield event;
      afterSequence = event.sequence;
      if (isTerminalEvent(event.type)) return;
    }
    if (events.length > 0) {
      polls = 0;
      continue;
    }
    if (hasEndedBefore(database, executionId, afterSequence)) return;
    polls = await awaitChange(database, { ...options, seen, polls });
  }
}

/** Waits until the database is another one than `seen`; counts its looks. */
async function awaitChange(
  database: Database,
  options: {
    readonly host: Pick<Host, "clock">;
    readonly signal: AbortSignal;
    readonly seen: string;
    readonly polls: number;
  },
): Promise<number> {
  let polls = options.polls;
  while (version(database) === options.seen) {
    const delayMs = polls < TAIL_POLLS_BUSY ? TAIL_POLL_MS : TAIL_POLL_IDLE_MS;
    polls++;
    const local = new AbortController();
    const stop = onChange(database, () => local.abort());
    const signal = AbortSignal.any([options.signal, local.signal]);
    try {
      await options.host.clock.sleep(delayMs, signal);
    } catch (error) {
      if (!local.signal.aborted) throw error;
      // The change is made, and committed at the end of this turn.
      await Promise.resolve();
    } finally {
      stop();
    }
  }
  return polls;
}

/** Whether the terminal event is one that the follower is already past. */
function hasEndedBefore(
  database: Database,
  executionId: ExecutionId,
  afterSequence: number,
): boolean {
  const run = runNumber(database, executionId);
  if (run === undefined) return true;
  const [last] = readRun(database, run, {
    afterSequence: lastSequence(database, run) - 1,
  });
  return last !== undefined && last.sequence <= afterSequence &&
    isTerminalEvent(last.type);
}

/** Says whether an event is the last of its journal. */
export function isTerminalEvent(type: EventType): boolean {
  return type === "EXECUTION_COMPLETED" || type === "EXECUTION_FAILED" ||
    type === "EXECUTION_CANCELLED";
}

function toEvent(database: Database, row: SqlRow): JournalEvent {
  if (Number(row.format) > JOURNAL_FORMAT) throw newer(database);
  const data: Json = readValue(database, keptValueOf(row));
  return {
    sequence: Number(row.sequence),
    timeMs: Number(row.time_ms),
    type: parseType(database, row),
    path: String(row.path),
    name: String(row.name),
    attempt: Number(row.attempt),
    data,
  };
}

const TYPES: ReadonlyMap<string, EventType> = new Map(
  ([
    "EXECUTION_CREATED",
    "EXECUTION_STARTED",
    "EXECUTION_WAITING",
    "EXECUTION_PAUSED",
    "EXECUTION_RESUMED",
    "EXECUTION_CANCEL_REQUESTED",
    "EXECUTION_COMPLETED",
    "EXECUTION_FAILED",
    "EXECUTION_CANCELLED",
    "SIGNAL_RECEIVED",
    "EVENT_RECEIVED",
    "TASK_STARTED",
    "TASK_COMPLETED",
    "TASK_FAILED",
    "TASK_RETRYING",
    "TASK_CANCELLED",
    "TIMER_SET",
    "TIMER_FIRED",
    "CHILD_STARTED",
  ] satisfies EventType[]).map((type) => [type, type]),
);

/** Says whether this release knows a type of event. */
export function isEventType(type: string): boolean {
  return TYPES.has(type);
}

function parseType(database: Database, row: SqlRow): EventType {
  const type = TYPES.get(String(row.type));
  if (type === undefined) throw newer(database);
  return type;
}

function newer(database: Database): StigmerError {
  return new StigmerError(
    "FAILED_PRECONDITION",
    `Cannot read a journal of database "${database.path}": ` +
      "a newer release of Stigmer wrote it",
    { hints: ["Use that release, or a newer one"] },
  );
}
