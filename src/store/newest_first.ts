/**
 * Pages of a table whose rows only ever come at its end, newest first.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import type { Database, SqlRow, SqlValue } from "./driver.ts";
import { type Page, readPage, toPage } from "./page.ts";

/** Which rows of which table. */
export interface NewestFirst {
  /** A table that is ordered by `sequence`. */
  readonly table: string;
  /** What is read of a row besides its `sequence`. */
  readonly columns: string;
  /** The list and its filters: a token of another one is refused. */
  readonly scope: Json;
  /** Conditions of SQL, each with its value; without a value it is none. */
  readonly conditions: readonly (readonly [string, SqlValue | undefined])[];
  readonly page: { readonly size: number; readonly token: string };
  /** How many of the rows make a page, where that is not its size alone. */
  readonly fitting?: (rows: readonly SqlRow[]) => number;
}

/**
 * Lists the newest rows that come before a page token.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a bad size or token.
 */
export function listNewestFirst(
  database: Database,
  list: NewestFirst,
): Page<SqlRow> {
  const { table, columns, scope, page } = list;
  const start = readPage({ ...page, scope }, 1);
  const conditions: NewestFirst["conditions"] = [
    ...list.conditions,
    ["sequence < ?", start.after && Number(start.after[0])],
  ];
  const given = conditions.flatMap(([sql, value]) =>
    value === undefined ? [] : [{ sql, value }]
  );
  const where = given.length === 0
    ? ""
    : `WHERE ${given.map(({ sql }) => sql).join(" AND ")}`;
  const rows = database.prepare(`
    SELECT sequence, ${columns} FROM ${table} ${where}
    ORDER BY sequence DESC LIMIT ?`)
    .all(...given.map(({ value }) => value), start.size + 1);
  const size = Math.min(start.size, list.fitting?.(rows) ?? start.size);
  return toPage(rows, {
    start: { ...start, size },
    scope,
    keyOf: (row) => [String(row.sequence)],
  });
}
