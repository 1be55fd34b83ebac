/**
 * What those who keep a server ask of its database.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { Database } from "./driver.ts";

const TABLES = ["agent_executions", "workflow_executions"] as const;

/** Counts the executions that nobody has taken up. */
export function countPending(database: Database): number {
  let count = 0;
  for (const table of TABLES) {
    const row = database.prepare(
      `SELECT count(*) AS count FROM ${table} WHERE phase = 'PENDING'`,
    ).get();
    count += Number(row?.count ?? 0);
  }
  return count;
}

/**
 * Says why nothing can be written, or `undefined` when it can. Another
 * process that writes right now is no trouble, and is not waited for.
 */
export function writeTrouble(database: Database): string | undefined {
  const error = tried(database, () => {
    // Only what writes is refused: the same number, which is taken back.
    const version = Number(
      database.prepare("PRAGMA user_version").get()?.user_version ?? 0,
    );
    database.execute(`PRAGMA user_version = ${version}`);
  });
  if (error === undefined || isBusy(error)) return undefined;
  return error instanceof StigmerError
    ? `its database cannot be written (${error.code})`
    : "its database cannot be written";
}

/** Says whether another process writes right now. */
export function isLocked(database: Database): boolean {
  return isBusy(tried(database, () => {}));
}

/** What keeps one from writing without a wait; nothing of it stays. */
function tried(database: Database, write: () => void): unknown {
  // Not made once for all: the first error of a module has the engine read
  // the whole module again.
  const takenBack = new Error("Taken back");
  const before = database.prepare("PRAGMA busy_timeout").get();
  database.prepare("PRAGMA busy_timeout = 0").all();
  try {
    return database.transaction((): never => {
      write();
      throw takenBack;
    });
  } catch (error) {
    return error === takenBack ? undefined : error;
  } finally {
    const timeoutMs = Number(before?.timeout ?? 0);
    database.prepare(`PRAGMA busy_timeout = ${timeoutMs}`).all();
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof StigmerError && error.code === "UNAVAILABLE";
}
