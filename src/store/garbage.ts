/**
 * Removes what a plan says may go, one small piece at a time.
 *
 * A plan may be older than what stands in the database: each piece looks again
 * whether it may go, in the transaction that removes it.
 *
 * @module
 */

import { isTerminal } from "../model/phase.ts";
import { deleteContext } from "./contexts.ts";
import type { Database } from "./driver.ts";
import { parsePhase } from "./execution_rows.ts";
import {
  type DoomedExecution,
  type DoomedJournal,
  tableOf,
} from "./garbage_plan.ts";
import type { DoomedRange } from "./garbage_ranges.ts";
import { deleteSealed } from "./sealed_values.ts";
import { isNamedSince } from "./skill_contents.ts";
import { timeText } from "./time.ts";

/** Rows of one piece at the most. */
const PIECE_ROWS_MAX = 200;

const MARK = `
  UPDATE runs SET journal_removed_at_ms = ?
  WHERE number = ? AND journal_removed_at_ms IS NULL`;
const REMOVE_EVENTS = `
  DELETE FROM journal WHERE run = ?1 AND sequence > 1 AND sequence < (
    SELECT min(?2, min(sequence) + ${PIECE_ROWS_MAX}) FROM journal
    WHERE run = ?1 AND sequence > 1)`;
const OF_RUN = [
  "DELETE FROM journal WHERE run = ?",
  "DELETE FROM run_requests WHERE run = ?",
  "DELETE FROM listeners WHERE run = ?",
  "DELETE FROM runs WHERE number = ?",
] as const;
const FORGET_LAST = `
  UPDATE schedules SET last_execution_id = '' WHERE last_execution_id = ?`;
// A new execution may have pinned it since, or one of an import, which is old.
const REMOVE_VERSION = `
  DELETE FROM api_resource_versions WHERE id = ?1
  AND NOT EXISTS (SELECT 1 FROM workflow_executions
    WHERE created_at >= ?2 AND json_extract(spec, '$.resourceVersionId') = ?1)
  AND NOT EXISTS (SELECT 1 FROM agent_executions
    WHERE created_at >= ?2 AND json_extract(spec, '$.resourceVersionId') = ?1)
  AND NOT EXISTS (SELECT 1 FROM audit_events
    WHERE time_ms >= ?3 AND action = 'import')`;
// A retry goes back to it, or its session goes on, or a fork of that.
const IS_WANTED = `
  WITH RECURSIVE told (id) AS (
    SELECT session_id FROM agent_executions
    WHERE id = ?1 AND session_id IS NOT NULL
    UNION SELECT s.id FROM told JOIN sessions AS s
      ON json_extract(s.spec, '$.forkedFromSessionId') = told.id)
  SELECT 1 AS one FROM workflow_executions
  WHERE created_at >= ?2 AND json_extract(spec, '$.retryOf') = ?1
  UNION ALL SELECT 1 FROM agent_executions
  WHERE created_at >= ?2 AND json_extract(spec, '$.retryOf') = ?1
  UNION ALL SELECT 1 FROM agent_executions
  WHERE created_at >= ?2 AND session_id IN (SELECT id FROM told)
  LIMIT 1`;
const REMOVE_SESSION = `
  DELETE FROM sessions WHERE id = ?1
  AND NOT EXISTS (SELECT 1 FROM agent_executions WHERE session_id = ?1)
  AND NOT EXISTS (SELECT 1 FROM sessions
    WHERE json_extract(spec, '$.forkedFromSessionId') = ?1)`;
const REMOVE_VALUE = `
  DELETE FROM stored_values WHERE sha256 = ?1
  AND NOT EXISTS (SELECT 1 FROM journal WHERE value = ?1)
  AND NOT EXISTS (SELECT 1 FROM artifacts WHERE sha256 = ?1)
  AND NOT EXISTS (SELECT 1 FROM agent_executions
    WHERE json_extract(status, '$.outputValue') IS NOT NULL
      AND json_extract(status, '$.outputValue') = ?1)
  AND NOT EXISTS (SELECT 1 FROM workflow_executions
    WHERE json_extract(status, '$.outputValue') IS NOT NULL
      AND json_extract(status, '$.outputValue') = ?1)`;
const REMOVE_SKILL = `
  DELETE FROM skill_files WHERE content_hash = ?1
  AND NOT EXISTS (SELECT 1 FROM skills
    WHERE json_extract(status, '$.contentHash') = ?1)
  AND NOT EXISTS (SELECT 1 FROM api_resource_versions
    WHERE resource_kind = 'Skill'
      AND json_extract(snapshot, '$.status.contentHash') = ?1)
  AND NOT EXISTS (SELECT 1 FROM skill_tags WHERE content_hash = ?1)
  AND NOT EXISTS (SELECT 1 FROM agent_executions AS e,
      json_each(e.spec, '$.skills') AS pin
    WHERE json_extract(pin.value, '$.contentHash') = ?1)`;

/**
 * Removes a piece of a journal.
 *
 * @returns Whether there is more of it.
 */
export function removeEvents(
  database: Database,
  { run, lastSequence }: DoomedJournal,
  nowMs: number,
): boolean {
  database.prepare(MARK).run(nowMs, run);
  const { changes } = database.prepare(REMOVE_EVENTS).run(run, lastSequence);
  return changes > 0;
}

/** Whether somebody needs an execution who came since the plan was made. */
export function isWantedSince(
  database: Database,
  id: string,
  plannedAtMs: number,
): boolean {
  return database.prepare(IS_WANTED).get(id, timeText(plannedAtMs)) !==
    undefined;
}

/** Removes an ended execution with all that is its own; says whether it did. */
export function removeExecution(
  database: Database,
  { id, run }: DoomedExecution,
): boolean {
  const table = tableOf(id);
  const row = database.prepare(`SELECT phase FROM ${table} WHERE id = ?`)
    .get(id);
  if (row === undefined || !isTerminal(parsePhase(row.phase))) return false;
  if (run !== undefined) {
    for (const sql of OF_RUN) database.prepare(sql).run(run);
  }
  deleteContext(database, id);
  deleteSealed(database, id);
  database.prepare("DELETE FROM artifacts WHERE execution_id = ?").run(id);
  database.prepare(FORGET_LAST).run(id);
  database.prepare(`DELETE FROM ${table} WHERE id = ?`).run(id);
  return true;
}

/** Removes an artifact; its bytes go once nothing refers to them. */
export function removeArtifact(database: Database, id: string): boolean {
  return removed(database, "DELETE FROM artifacts WHERE id = ?", id);
}

/** Removes a version that nothing has pinned or named since the plan was made. */
export function removeVersion(
  database: Database,
  id: string,
  plannedAtMs: number,
): boolean {
  if (isNamedSince(database, id, plannedAtMs)) return false;
  return database.prepare(REMOVE_VERSION)
    .run(id, timeText(plannedAtMs), plannedAtMs).changes > 0;
}

/** Removes a session in which no execution is. */
export function removeSession(database: Database, id: string): boolean {
  return removed(database, REMOVE_SESSION, id);
}

/** Removes a value that nothing refers to. */
export function removeValue(database: Database, sha256: string): boolean {
  return removed(database, REMOVE_VALUE, sha256);
}

/** Removes the files of a content of skills; says how many. */
export function removeSkillContent(database: Database, hash: string): number {
  return database.prepare(REMOVE_SKILL).run(hash).changes;
}

/** Removes some rows of a range; says how many. */
export function removeRange(
  database: Database,
  { table, where, values }: DoomedRange,
): number {
  const key = KEYS[table];
  return database.prepare(`
    DELETE FROM ${table} WHERE (${key}) IN (
      SELECT ${key} FROM ${table} WHERE ${where} LIMIT ${PIECE_ROWS_MAX})`)
    .run(...values).changes;
}

const KEYS: Readonly<Record<DoomedRange["table"], string>> = {
  events: "sequence",
  secret_accesses: "sequence",
  audit_events: "sequence",
  idempotency_keys: "identity, method, key",
  imports: "id",
  tokens: "id",
  data_keys: "id",
  tool_pins: "server, tool",
};

function removed(database: Database, sql: string, id: string): boolean {
  return database.prepare(sql).run(id).changes > 0;
}
