/**
 * Executions that have ended, with their journals, as their rows are: what an
 * export takes and an import brings back.
 *
 * JSON columns are texts here and are never parsed and written anew, so that
 * what comes back is the same to the byte.
 *
 * @module
 */

import type { ExecutionKind } from "../model/execution.ts";
import type { ExecutionId } from "../model/id.ts";
import { integerOf, textOf } from "./columns.ts";
import type { Database, SqlRow, SqlValue } from "./driver.ts";
import { TABLES } from "./execution_rows.ts";
import { executionKindOf } from "./executions.ts";

/** An execution that has ended, and its run. */
export interface EndedExecution {
  readonly id: ExecutionId;
  readonly name: string;
  /** JSON, as all three. */
  readonly labels: string;
  readonly spec: string;
  readonly status: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly createdBy: string;
  readonly updatedBy: string;
  /** How often its run was taken. */
  readonly epoch: number;
  /** The behaviours that its journal was written under. */
  readonly flags: number;
  /** JSON; `null` for none. */
  readonly variables: string | null;
  readonly sealMark: string;
  /** How many events its journal has. */
  readonly eventCount: number;
  /** When its journal was removed but for its ends; `null` while it is whole. */
  readonly journalRemovedAtMs: number | null;
}

/** An event of a journal; one of `data` and `value` is `null`. */
export interface JournalRow {
  readonly sequence: number;
  readonly format: number;
  readonly timeMs: number;
  readonly type: string;
  readonly path: string;
  readonly name: string;
  readonly attempt: number;
  /** JSON in place. */
  readonly data: string | null;
  /** SHA-256 of a stored value. */
  readonly value: string | null;
}

const ENDED = "('COMPLETED', 'FAILED', 'CANCELLED', 'SKIPPED')";
/** What has not ended, and all that it started: its children go with it. */
const BEHIND = `
  WITH RECURSIVE behind (id) AS (
    SELECT id FROM workflow_executions WHERE phase NOT IN ${ENDED}
    UNION SELECT id FROM agent_executions WHERE phase NOT IN ${ENDED}
    UNION SELECT e.id FROM behind
      JOIN workflow_executions AS e ON e.parent_execution_id = behind.id
    UNION SELECT e.id FROM behind
      JOIN agent_executions AS e ON e.parent_execution_id = behind.id
  ) SELECT id FROM behind`;
const EXECUTION_COLUMNS = `e.id, e.name, e.labels, e.spec, e.status,
  e.created_at, e.updated_at, e.created_by, e.updated_by, r.epoch, r.flags,
  r.variables, r.seal_mark, r.journal_removed_at_ms,
  (SELECT count(*) FROM journal WHERE run = r.number) AS event_count`;
const JOURNAL_COLUMNS =
  "sequence, format, time_ms, type, path, name, attempt, data, value";
const SELECT_JOURNAL = `
  SELECT j.sequence, j.format, j.time_ms, j.type, j.path, j.name, j.attempt,
    j.data, j.value
  FROM journal AS j JOIN runs AS r ON r.number = j.run
  WHERE r.execution_id = ? AND j.sequence > ? ORDER BY j.sequence LIMIT ?`;
const INSERT_RUN = `
  INSERT INTO runs (execution_id, epoch, flags, variables, seal_mark,
    journal_removed_at_ms)
  VALUES (?, ?, ?, ?, ?, ?)`;
const INSERT_JOURNAL = `
  INSERT INTO journal (run, ${JOURNAL_COLUMNS})
  SELECT number, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM runs WHERE execution_id = ?`;
const COUNT_JOURNAL = `
  SELECT count(*) AS count FROM journal
  WHERE run = (SELECT number FROM runs WHERE execution_id = ?)`;
const DELETE_JOURNAL = `
  DELETE FROM journal WHERE sequence BETWEEN ? AND ?
    AND run = (SELECT number FROM runs WHERE execution_id = ?)`;
/** What is deleted with an execution; its values stay, others may use them. */
const DELETES: readonly string[] = [
  `DELETE FROM journal
    WHERE run = (SELECT number FROM runs WHERE execution_id = ?)`,
  `DELETE FROM run_requests
    WHERE run = (SELECT number FROM runs WHERE execution_id = ?)`,
  "DELETE FROM runs WHERE execution_id = ?",
  "DELETE FROM artifacts WHERE execution_id = ?",
];

/** The ids of the executions that cannot travel: they, or a parent, go on. */
export function executionsBehind(database: Database): ReadonlySet<string> {
  return new Set(
    database.prepare(BEHIND).all().map((row) => textOf(row, "id")),
  );
}

/** Ids of executions of a kind that have ended, by id. */
export function endedExecutionIds(
  database: Database,
  kind: ExecutionKind,
  page: { readonly after: string; readonly limit: number },
): readonly string[] {
  return database.prepare(
    `SELECT id FROM ${TABLES[kind]} WHERE id > ? AND phase IN ${ENDED}
     ORDER BY id LIMIT ?`,
  ).all(page.after, page.limit).map((row) => textOf(row, "id"));
}

/** Reads an execution with its run; `undefined` when it is gone. */
export function readEnded(
  database: Database,
  id: ExecutionId,
): EndedExecution | undefined {
  const table = TABLES[executionKindOf(id)];
  const row = database.prepare(
    `SELECT ${EXECUTION_COLUMNS} FROM ${table} AS e
     LEFT JOIN runs AS r ON r.execution_id = e.id WHERE e.id = ?`,
  ).get(id);
  return row === undefined ? undefined : toEnded(row, id);
}

/** Stores an execution that has ended, and its run, which nobody will claim. */
export function insertEnded(database: Database, ended: EndedExecution): void {
  const table = TABLES[executionKindOf(ended.id)];
  database.prepare(
    `INSERT INTO ${table} (id, name, labels, spec, status, created_at,
       updated_at, created_by, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    ended.id,
    ended.name,
    ended.labels,
    ended.spec,
    ended.status,
    ended.createdAt,
    ended.updatedAt,
    ended.createdBy,
    ended.updatedBy,
  );
  database.prepare(INSERT_RUN).run(
    ended.id,
    ended.epoch,
    ended.flags,
    ended.variables,
    ended.sealMark,
    ended.journalRemovedAtMs,
  );
}

/** Deletes an execution with its journal and its artifacts. */
export function deleteEnded(database: Database, id: ExecutionId): void {
  for (const sql of DELETES) database.prepare(sql).run(id);
  database.prepare(`DELETE FROM ${TABLES[executionKindOf(id)]} WHERE id = ?`)
    .run(id);
}

/** Reads events of an execution past a sequence number, oldest first. */
export function readJournalRows(
  database: Database,
  id: ExecutionId,
  page: { readonly after: number; readonly limit: number },
): readonly JournalRow[] {
  return database.prepare(SELECT_JOURNAL).all(id, page.after, page.limit)
    .map(toJournalRow);
}

/** Stores events of an execution as they were. */
export function insertJournalRows(
  database: Database,
  id: ExecutionId,
  rows: readonly JournalRow[],
): void {
  const insert = database.prepare(INSERT_JOURNAL);
  for (const row of rows) {
    insert.run(
      row.sequence,
      row.format,
      row.timeMs,
      row.type,
      row.path,
      row.name,
      row.attempt,
      row.data,
      row.value,
      id,
    );
  }
}

/** How many events an execution has. */
export function countJournal(database: Database, id: ExecutionId): number {
  const row = database.prepare(COUNT_JOURNAL).get(id);
  return row === undefined ? 0 : integerOf(row, "count");
}

/** Deletes events of an execution: those from one up to another. */
export function deleteJournalRows(
  database: Database,
  id: ExecutionId,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  database.prepare(DELETE_JOURNAL).run(from, to, id);
}

function toEnded(row: SqlRow, id: ExecutionId): EndedExecution {
  return {
    id,
    name: textOf(row, "name"),
    labels: textOf(row, "labels"),
    spec: textOf(row, "spec"),
    status: textOf(row, "status"),
    createdAt: textOf(row, "created_at"),
    updatedAt: textOf(row, "updated_at"),
    createdBy: textOf(row, "created_by"),
    updatedBy: textOf(row, "updated_by"),
    epoch: Number(row.epoch ?? 0),
    flags: Number(row.flags ?? 0),
    variables: textOrNull(row.variables),
    sealMark: String(row.seal_mark ?? ""),
    eventCount: integerOf(row, "event_count"),
    journalRemovedAtMs: typeof row.journal_removed_at_ms === "number"
      ? row.journal_removed_at_ms
      : null,
  };
}

function toJournalRow(row: SqlRow): JournalRow {
  return {
    sequence: integerOf(row, "sequence"),
    format: integerOf(row, "format"),
    timeMs: integerOf(row, "time_ms"),
    type: textOf(row, "type"),
    path: textOf(row, "path"),
    name: textOf(row, "name"),
    attempt: integerOf(row, "attempt"),
    data: textOrNull(row.data),
    value: textOrNull(row.value),
  };
}

function textOrNull(value: SqlValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}
