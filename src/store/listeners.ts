/**
 * Runs that left memory and listen: what calls them back when an event comes.
 *
 * @module
 */

import type { RunListener } from "../model/run.ts";
import type { Database } from "./driver.ts";

const FORGET = "DELETE FROM listeners WHERE run = ?";
const INSERT = `
  INSERT INTO listeners (run, path, attempt, type, seen)
  VALUES (?, ?, ?, ?, ?)`;
const READ = `
  SELECT path, attempt, type, seen FROM listeners WHERE run = ?`;
// One that someone holds takes nothing in until it goes on: it looks then.
const WAKE = `
  UPDATE runs SET due_at_ms = ?2
  WHERE owner IS NULL AND (due_at_ms IS NULL OR due_at_ms > ?2)
    AND number IN (SELECT run FROM listeners WHERE type = ?1 OR type IS NULL)
    AND NOT EXISTS (
      SELECT 1 FROM workflow_executions AS e
      WHERE e.id = runs.execution_id AND e.phase = 'PAUSED')`;
const ANY_AFTER = "SELECT 1 AS one FROM events WHERE sequence > ? LIMIT 1";
const TYPE_AFTER = `
  SELECT 1 AS one FROM events WHERE type = ? AND sequence > ? LIMIT 1`;
const EVENTS_AFTER = "SELECT events_after FROM runs WHERE number = ?";

/** Keeps what a run listens for, in place of what was kept before. */
export function saveListeners(
  database: Database,
  run: number,
  listeners: readonly RunListener[],
): void {
  forgetListeners(database, run);
  const insert = database.prepare(INSERT);
  for (const { path, attempt, types, seen } of listeners) {
    for (const type of types ?? [null]) {
      insert.run(run, path, attempt, type, seen);
    }
  }
}

/** Forgets what a run listens for. */
export function forgetListeners(database: Database, run: number): void {
  database.prepare(FORGET).run(run);
}

/** What a run listened for when it left memory. */
export function readListeners(
  database: Database,
  run: number,
): readonly RunListener[] {
  const found = new Map<string, RunListener>();
  for (const row of database.prepare(READ).all(run)) {
    const [path, attempt] = [String(row.path), Number(row.attempt)];
    const key = `${attempt} ${path}`;
    const types = found.get(key)?.types ?? [];
    found.set(key, {
      path,
      attempt,
      seen: Number(row.seen),
      ...(typeof row.type === "string" ? { types: [...types, row.type] } : {}),
    });
  }
  return [...found.values()];
}

/** Says whether something came that one of these has not been offered. */
export function hasUnseen(
  database: Database,
  listeners: readonly RunListener[],
): boolean {
  const any = database.prepare(ANY_AFTER);
  const typed = database.prepare(TYPE_AFTER);
  return listeners.some(({ types, seen }) =>
    types === undefined
      ? any.get(seen) !== undefined
      : types.some((type) => typed.get(type, seen) !== undefined)
  );
}

/** Makes the runs due that left memory and may listen for an event. */
export function wakeListeners(
  database: Database,
  type: string,
  nowMs: number,
): void {
  database.prepare(WAKE).run(type, nowMs);
}

/** The newest event that had been kept when a run was created. */
export function eventsAfterOf(database: Database, run: number): number {
  return Number(database.prepare(EVENTS_AFTER).get(run)?.events_after ?? 0);
}
