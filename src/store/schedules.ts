/**
 * Schedules: one for each applied workflow that starts by itself.
 *
 * Whoever changes one says which revision it saw: of two workers that see the
 * same tick, one alone can take it.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import { StigmerError } from "../model/error.ts";
import { changed } from "./changes.ts";
import { integerOf, textOf } from "./columns.ts";
import type { Database, SqlRow } from "./driver.ts";
import { type Page, readPage, toPage } from "./page.ts";

/** What a schedule goes by. */
export type ScheduleType = "EVERY" | "CRON" | "AFTER" | "ON";

/** A schedule as its row keeps it. */
export interface ScheduleRow {
  readonly workflowId: string;
  /** The version that its tick was reckoned by. */
  readonly workflowVersionId: string;
  readonly type: ScheduleType;
  /** In words. */
  readonly description: string;
  readonly paused: boolean;
  /** The next tick; absent for none by the clock. */
  readonly dueAtMs?: number;
  /** What one on events has collected. */
  readonly state: Json;
  /** The newest event that one on events has looked at. */
  readonly eventSequence: number;
  readonly revision: number;
  readonly lastAtMs?: number;
  /** Empty before the first start. */
  readonly lastExecutionId: string;
  readonly startedCount: number;
  readonly missedCount: number;
  /** Why the last start failed; empty when it did not. */
  readonly lastError: string;
}

/** A schedule with the slug of its workflow. */
export interface NamedSchedule extends ScheduleRow {
  readonly workflowSlug: string;
}

const COLUMNS = `s.workflow_id, s.workflow_version_id, s.type, s.description,
  s.paused, s.due_at_ms, s.state, s.event_sequence, s.revision, s.last_at_ms,
  s.last_execution_id, s.started_count, s.missed_count, s.last_error`;
const NAMED = `
  SELECT ${COLUMNS}, w.slug FROM schedules AS s
  JOIN workflows AS w ON w.id = s.workflow_id`;
const INSERT = `
  INSERT INTO schedules
    (workflow_id, workflow_version_id, type, description, paused, due_at_ms,
     state, event_sequence, revision, last_at_ms, last_execution_id,
     started_count, missed_count, last_error)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const UPDATE = `
  UPDATE schedules SET workflow_version_id = ?, type = ?, description = ?,
    paused = ?, due_at_ms = ?, state = ?, event_sequence = ?,
    revision = revision + 1, last_at_ms = ?, last_execution_id = ?,
    started_count = ?, missed_count = ?, last_error = ?
  WHERE workflow_id = ? AND revision = ?`;
// Ended executions are found here rather than told, so that it does not
// matter who ended them.
const READY = `
  SELECT s.workflow_id FROM schedules AS s WHERE s.paused = 0 AND (
    s.due_at_ms <= ?1
    OR s.type = 'AFTER' AND s.due_at_ms IS NULL AND NOT EXISTS (
      SELECT 1 FROM workflow_executions AS e WHERE e.id = s.last_execution_id
        AND e.phase NOT IN ('COMPLETED', 'FAILED', 'CANCELLED'))
    OR s.type = 'ON' AND s.event_sequence < (SELECT max(sequence) FROM events))
  ORDER BY s.due_at_ms, s.workflow_id LIMIT ?2`;
const NEXT_DUE = `
  SELECT min(due_at_ms) AS due FROM schedules
  WHERE paused = 0 AND due_at_ms IS NOT NULL`;
/** Key columns of a list. */
const KEY_LENGTH = 1;

/** Stores a new schedule. */
export function insertSchedule(database: Database, row: ScheduleRow): void {
  database.prepare(INSERT).run(
    row.workflowId,
    row.workflowVersionId,
    row.type,
    row.description,
    row.paused ? 1 : 0,
    row.dueAtMs ?? null,
    JSON.stringify(row.state),
    row.eventSequence,
    row.revision,
    row.lastAtMs ?? null,
    row.lastExecutionId,
    row.startedCount,
    row.missedCount,
    row.lastError,
  );
  changed(database);
}

/**
 * Replaces a schedule, and counts its revision up.
 *
 * @returns False, and nothing is written, when its revision is another one.
 */
export function updateSchedule(database: Database, row: ScheduleRow): boolean {
  const { changes } = database.prepare(UPDATE).run(
    row.workflowVersionId,
    row.type,
    row.description,
    row.paused ? 1 : 0,
    row.dueAtMs ?? null,
    JSON.stringify(row.state),
    row.eventSequence,
    row.lastAtMs ?? null,
    row.lastExecutionId,
    row.startedCount,
    row.missedCount,
    row.lastError,
    row.workflowId,
    row.revision,
  );
  if (changes === 1) changed(database);
  return changes === 1;
}

/** Deletes the schedule of a workflow, if it has one. */
export function deleteSchedule(database: Database, workflowId: string): void {
  const { changes } = database.prepare(
    "DELETE FROM schedules WHERE workflow_id = ?",
  ).run(workflowId);
  if (changes > 0) changed(database);
}

/** Reads the schedule of a workflow. */
export function scheduleOf(
  database: Database,
  workflowId: string,
): NamedSchedule | undefined {
  const row = database.prepare(`${NAMED} WHERE s.workflow_id = ?`)
    .get(workflowId);
  return row === undefined ? undefined : toNamed(row);
}

/** Lists schedules by the slugs of their workflows. */
export function listSchedules(
  database: Database,
  page: { readonly size: number; readonly token: string },
): Page<NamedSchedule> {
  const scope = "schedules";
  const start = readPage({ ...page, scope }, KEY_LENGTH);
  const rows = database.prepare(
    `${NAMED} WHERE w.slug > ? ORDER BY w.slug LIMIT ?`,
  ).all(start.after?.[0] ?? "", start.size + 1).map(toNamed);
  return toPage(rows, { start, scope, keyOf: (row) => [row.workflowSlug] });
}

/** The workflows whose schedules have something to do, the longest due first. */
export function readySchedules(
  database: Database,
  options: { readonly nowMs: number; readonly limit: number },
): readonly string[] {
  return database.prepare(READY).all(options.nowMs, options.limit)
    .map((row) => textOf(row, "workflow_id"));
}

/** When the next schedule is due by the clock. */
export function nextScheduleDueAtMs(database: Database): number | undefined {
  const due = database.prepare(NEXT_DUE).get()?.due;
  return typeof due === "number" ? due : undefined;
}

function toNamed(row: SqlRow): NamedSchedule {
  const { due_at_ms: dueAtMs, last_at_ms: lastAtMs } = row;
  return {
    workflowId: textOf(row, "workflow_id"),
    workflowSlug: textOf(row, "slug"),
    workflowVersionId: textOf(row, "workflow_version_id"),
    type: typeOf(textOf(row, "type")),
    description: textOf(row, "description"),
    paused: integerOf(row, "paused") !== 0,
    state: JSON.parse(textOf(row, "state")),
    eventSequence: integerOf(row, "event_sequence"),
    revision: integerOf(row, "revision"),
    lastExecutionId: textOf(row, "last_execution_id"),
    startedCount: integerOf(row, "started_count"),
    missedCount: integerOf(row, "missed_count"),
    lastError: textOf(row, "last_error"),
    ...(typeof dueAtMs === "number" ? { dueAtMs } : {}),
    ...(typeof lastAtMs === "number" ? { lastAtMs } : {}),
  };
}

function typeOf(text: string): ScheduleType {
  switch (text) {
    case "EVERY":
    case "CRON":
    case "AFTER":
    case "ON":
      return text;
  }
  throw new StigmerError("DATA_LOSS", `Cannot read a schedule of "${text}"`);
}
