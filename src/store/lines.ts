/**
 * Lines: the executions of one session run one at a time, in the order in
 * which they were stored.
 *
 * A run keeps its place until it ends, however it stands meanwhile. Only the
 * first in line is ever due, so that no worker holds or polls what has to wait;
 * the end of the first makes the next one due, in the same transaction.
 *
 * @module
 */

import { type ExecutionId, parseExecutionId } from "../model/id.ts";
import type { PhaseName } from "../model/phase.ts";
import { changed } from "./changes.ts";
import { textOf } from "./columns.ts";
import type { Database } from "./driver.ts";
import { LIVE, parsePhase } from "./execution_rows.ts";
import { timeMs } from "./time.ts";

/** Executions that one started, and those that they did, at the most. */
const FAMILY_MAX = 1000;

/** Whether a row of `runs` has to wait for nobody. */
export const IS_FIRST = `(line IS NULL OR number =
  (SELECT min(ahead.number) FROM runs AS ahead WHERE ahead.line = runs.line))`;

const PLACE = `
  SELECT number, line FROM runs WHERE execution_id = ? AND line IS NOT NULL`;
const NEWEST = `
  SELECT max(created_at) AS newest FROM agent_executions WHERE session_id = ?`;
const LEAVE = "UPDATE runs SET line = NULL WHERE number = ?";
// One that is paused is woken by whoever resumes it.
const WAKE_FIRST = `
  UPDATE runs SET due_at_ms = ?1
  WHERE number = (SELECT min(number) FROM runs WHERE line = ?2)
    AND number > ?3 AND owner IS NULL AND due_at_ms IS NULL
    AND (SELECT phase FROM agent_executions AS e
      WHERE e.id = runs.execution_id) = 'PENDING'`;
const AHEAD = `
  SELECT r.execution_id, e.phase,
    json_extract(e.status, '$.waitingFor') AS waiting_for
  FROM runs AS r JOIN agent_executions AS e ON e.id = r.execution_id
  WHERE r.line = ? AND r.number < ? ORDER BY r.number DESC LIMIT 1`;

// Nobody has it, though it could be had: the first in line, or what that
// waits for. Joined crosswise, or the planner looks through all that goes on.
const ABANDONED = `
  WITH RECURSIVE family (id) AS (
    SELECT head.execution_id FROM runs AS own JOIN runs AS head
      ON head.number = (SELECT min(number) FROM runs WHERE line = own.line)
    WHERE own.execution_id = ?1 AND own.line IS NOT NULL
      AND head.number < own.number
    UNION SELECT e.id FROM family CROSS JOIN agent_executions AS e
      WHERE e.parent_execution_id = family.id AND +e.${LIVE}
    UNION SELECT e.id FROM family CROSS JOIN workflow_executions AS e
      WHERE e.parent_execution_id = family.id AND +e.${LIVE}
    LIMIT ${FAMILY_MAX}
  ) SELECT r.execution_id FROM family CROSS JOIN runs AS r
  WHERE r.execution_id = family.id AND r.owner IS NULL AND r.due_at_ms <= ?2 LIMIT 1`;

/** The place of an execution that is about to be stored. */
export interface Place {
  /** Whether it has to wait for another one. */
  readonly isHeld: boolean;
  /** Its time of creation: in a session, each one's is later. */
  readonly createdAtMs: number;
}

/** Finds the place at the end of a session's line. */
export function placeIn(
  database: Database,
  line: string,
  nowMs: number,
): Place {
  const isHeld = database.prepare("SELECT 1 AS one FROM runs WHERE line = ?")
    .get(line) !== undefined;
  const newest = database.prepare(NEWEST).get(line)?.newest;
  // Lists go by the time: it tells the order also after a clock was set back,
  // and of two that came within one millisecond.
  const createdAtMs = typeof newest === "string"
    ? Math.max(nowMs, timeMs(newest) + 1)
    : nowMs;
  return { isHeld, createdAtMs };
}

/** Gives up the place of an execution that ended; the next one is due then. */
export function leaveLine(
  database: Database,
  executionId: ExecutionId,
  nowMs: number,
): void {
  const place = database.prepare(PLACE).get(executionId);
  if (place === undefined) return;
  const number = Number(place.number);
  database.prepare(LEAVE).run(number);
  const { changes } = database.prepare(WAKE_FIRST)
    .run(nowMs, textOf(place, "line"), number);
  if (changes > 0) changed(database);
}

/** Whether an execution has to wait for another one of its session. */
export function isHeld(database: Database, executionId: ExecutionId): boolean {
  return executionAhead(database, executionId) !== undefined;
}

/**
 * The first in the line of an execution that waits, or one that it waits for
 * itself, when that has been due since before a time and nobody took it.
 */
export function abandonedBefore(
  database: Database,
  executionId: ExecutionId,
  sinceMs: number,
): ExecutionId | undefined {
  const row = database.prepare(ABANDONED).get(executionId, sinceMs);
  return parseExecutionId(String(row?.execution_id ?? ""));
}

/** An execution that another one has to wait for. */
export interface Ahead {
  readonly id: ExecutionId;
  readonly phase: PhaseName;
  readonly waitingFor: string;
}

/** The execution right before another one in the line of its session. */
export function executionAhead(
  database: Database,
  executionId: ExecutionId,
): Ahead | undefined {
  const place = database.prepare(PLACE).get(executionId);
  if (place === undefined) return undefined;
  const row = database.prepare(AHEAD)
    .get(textOf(place, "line"), Number(place.number));
  const id = parseExecutionId(String(row?.execution_id ?? ""));
  if (row === undefined || id === undefined) return undefined;
  return {
    id,
    phase: parsePhase(row.phase),
    waitingFor: String(row.waiting_for ?? ""),
  };
}
