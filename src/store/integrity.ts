/**
 * Whether a database is sound, looked at table by table, so that others get
 * their turn in between.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";
import { textOf } from "./columns.ts";
import type { Database } from "./driver.ts";

/** Problems that are named at the most. */
const PROBLEMS_MAX = 20;

const TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table'";

/**
 * Reads the whole database, and says what is wrong with it, a line each.
 *
 * @returns Nothing where all is sound.
 */
export async function findDamage(
  database: Database,
  options: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<readonly string[]> {
  const names = database.prepare(TABLES).all()
    .map((row) => textOf(row, "name"));
  const found: string[] = [];
  for (const name of names) {
    found.push(...damageOf(database, name));
    if (found.length >= PROBLEMS_MAX) break;
    await options.clock.sleep(0, options.signal);
  }
  return found.slice(0, PROBLEMS_MAX);
}

function damageOf(database: Database, table: string): readonly string[] {
  const quoted = `"${table.replaceAll('"', '""')}"`;
  return database.prepare(`PRAGMA integrity_check(${quoted})`).all()
    .map((row) => String(row.integrity_check))
    .filter((it) => it !== "ok");
}

/** Says which rows refer to rows that are not there, a line a table. */
export function findLooseReferences(database: Database): readonly string[] {
  const counts = new Map<string, number>();
  for (const row of database.prepare("PRAGMA foreign_key_check").all()) {
    const key = `${row.table} to ${row.parent}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) =>
    `${count} ${count === 1 ? "row refers" : "rows refer"} from ${key}, and ` +
    "find nothing there"
  );
}
