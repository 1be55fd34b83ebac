/**
 * Events: kept once for their source and id, in the order in which they came,
 * and told to the runs that listen.
 *
 * @module
 */

import type { CloudEvent } from "../model/durable.ts";
import { changed } from "./changes.ts";
import type { Database, SqlRow } from "./driver.ts";
import { wakeListeners } from "./listeners.ts";
import { listNewestFirst } from "./newest_first.ts";
import type { Page } from "./page.ts";

/** An event that was kept. */
export interface EventRecord {
  /** Its place among all events, counting up. */
  readonly sequence: number;
  readonly event: CloudEvent;
  readonly receivedAtMs: number;
  /** The execution that emitted it; empty for one from outside. */
  readonly executionId: string;
}

/** Which events a list shows. */
export interface EventFilter {
  readonly type?: string;
  readonly source?: string;
  /** Kept at this time or later. */
  readonly receivedAfterMs?: number;
}

/** Characters of the events on one page; past them it ends early. */
const PAGE_CHARACTERS_MAX: number = 32 * 1024 * 1024;

const COLUMNS = "sequence, content, received_at_ms, execution_id";
const INSERT = `
  INSERT INTO events (source, id, type, content, received_at_ms, execution_id)
  VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (source, id) DO NOTHING
  RETURNING ${COLUMNS}`;
const KNOWN = `SELECT ${COLUMNS} FROM events WHERE source = ? AND id = ?`;
const LAST = "SELECT max(sequence) AS sequence FROM events";
const AFTER = `
  SELECT ${COLUMNS} FROM events
  WHERE sequence > ?1 ORDER BY sequence LIMIT ?2`;
const AFTER_OF_TYPE = `
  SELECT ${COLUMNS} FROM events
  WHERE sequence > ?1 AND type = ?3 ORDER BY sequence LIMIT ?2`;
const SEQUENCES_OF_TYPE = `
  SELECT sequence FROM events
  WHERE sequence > ?1 AND type = ?3 ORDER BY sequence LIMIT ?2`;
const BY_SEQUENCE = `SELECT ${COLUMNS} FROM events WHERE sequence = ?`;

/**
 * Keeps an event, and makes the runs due that may listen for it. One with a
 * known source and id changes nothing.
 *
 * @returns The event as it is kept, and whether it was there before.
 */
export function insertEvent(
  database: Database,
  event: CloudEvent,
  options: { readonly nowMs: number; readonly executionId?: string },
): EventRecord & { readonly duplicate: boolean } {
  const { source, id, type } = event;
  if (
    typeof source !== "string" || typeof id !== "string" ||
    typeof type !== "string"
  ) throw new Error("an event without its attributes");
  return database.transaction(() => {
    const { nowMs, executionId = "" } = options;
    const content = JSON.stringify(event);
    const row = database.prepare(INSERT)
      .get(source, id, type, content, nowMs, executionId);
    if (row === undefined) {
      const known = database.prepare(KNOWN).get(source, id);
      if (known === undefined) throw new Error("an event came and went");
      return { ...toRecord(known), duplicate: true };
    }
    wakeListeners(database, type, nowMs);
    changed(database);
    return { ...toRecord(row), duplicate: false };
  });
}

/** The sequence number of the newest event; 0 when there is none. */
export function lastEventSequence(database: Database): number {
  return Number(database.prepare(LAST).get()?.sequence ?? 0);
}

/** Reads events past a sequence number, oldest first. */
export function eventsAfter(
  database: Database,
  sequence: number,
  options: {
    readonly limit: number;
    /** Only of these types; absent means all. */
    readonly types?: readonly string[];
  },
): readonly EventRecord[] {
  const { limit, types } = options;
  return rowsAfter(database, sequence, { limit, types }).map(toRecord);
}

function rowsAfter(
  database: Database,
  sequence: number,
  { limit, types }: {
    readonly limit: number;
    readonly types: readonly string[] | undefined;
  },
): readonly SqlRow[] {
  if (types === undefined) return database.prepare(AFTER).all(sequence, limit);
  const [type] = types;
  if (types.length === 1 && type !== undefined) {
    return database.prepare(AFTER_OF_TYPE).all(sequence, limit, type);
  }
  const read = database.prepare(BY_SEQUENCE);
  return sequencesOf(database, sequence, { limit, types }).map((it) =>
    read.get(it)
  ).filter((row) => row !== undefined);
}

/**
 * The first events of some types. Each type is looked up by itself: one
 * statement for all would look at every event of any other type, or sort all
 * that there is.
 */
function sequencesOf(
  database: Database,
  sequence: number,
  { limit, types }: {
    readonly limit: number;
    readonly types: readonly string[];
  },
): readonly number[] {
  const statement = database.prepare(SEQUENCES_OF_TYPE);
  return [...new Set(types)].flatMap((type) =>
    statement.all(sequence, limit, type).map((row) => Number(row.sequence))
  ).sort((a, b) => a - b).slice(0, limit);
}

/**
 * Lists events, newest first. A page ends early when its events are very
 * large, and goes on on the next one.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a bad size or token.
 */
export function listEvents(
  database: Database,
  filter: EventFilter,
  page: { readonly size: number; readonly token: string },
): Page<EventRecord> {
  const { items, nextToken } = listNewestFirst(database, {
    table: "events",
    columns: "length(content) AS size",
    scope: ["events", { ...filter }],
    conditions: [
      ["type = ?", filter.type],
      ["source = ?", filter.source],
      ["received_at_ms >= ?", filter.receivedAfterMs],
    ],
    page,
    fitting: fittingCount,
  });
  const read = database.prepare(BY_SEQUENCE);
  return {
    items: items.flatMap((it) => {
      const row = read.get(Number(it.sequence));
      return row === undefined ? [] : [toRecord(row)];
    }),
    nextToken,
  };
}

/** How many of some events make a page of bounded size; one at the least. */
function fittingCount(sizes: readonly SqlRow[]): number {
  let sum = 0;
  const over = sizes.findIndex(({ size }) => {
    sum += Number(size);
    return sum > PAGE_CHARACTERS_MAX;
  });
  return over === -1 ? sizes.length : Math.max(1, over);
}

function toRecord(row: SqlRow): EventRecord {
  return {
    sequence: Number(row.sequence),
    event: JSON.parse(String(row.content)),
    receivedAtMs: Number(row.received_at_ms),
    executionId: String(row.execution_id),
  };
}
