/**
 * Data keys, each wrapped by a master key: one in use for each owner, and
 * retired ones as long as something is sealed under them.
 *
 * @module
 */

import { bytesOf, textOf } from "./columns.ts";
import type { Database, SqlRow } from "./driver.ts";
import { timeText } from "./time.ts";

/** A data key as it is kept. */
export interface DataKeyRow {
  readonly id: string;
  /** The environment or execution that it was made for. */
  readonly ownerId: string;
  /** The master key that wraps it. */
  readonly keyId: string;
  readonly wrapped: Uint8Array<ArrayBuffer>;
}

const COLUMNS = "id, owner_id, key_id, wrapped";
const CURRENT = `
  SELECT ${COLUMNS} FROM data_keys WHERE owner_id = ? AND retired = 0`;
const BY_ID = `SELECT ${COLUMNS} FROM data_keys WHERE id = ?`;
const UNDER = `
  SELECT ${COLUMNS} FROM data_keys WHERE key_id = ? ORDER BY id`;
const INSERT = `
  INSERT INTO data_keys (${COLUMNS}, retired, created_at)
  VALUES (?, ?, ?, ?, 0, ?)`;
const INSERT_RETIRED = `
  INSERT INTO data_keys (${COLUMNS}, retired, created_at)
  VALUES (?, ?, ?, ?, 1, ?)`;
const REWRAP = `
  UPDATE data_keys SET key_id = ?, wrapped = ? WHERE id = ?`;
const RETIRE = "UPDATE data_keys SET retired = 1 WHERE owner_id = ?";
const DROP = `
  DELETE FROM data_keys WHERE id = ?1
  AND NOT EXISTS (SELECT 1 FROM sealed_values WHERE data_key_id = ?1)`;
const DROP_OF = `
  DELETE FROM data_keys WHERE owner_id = ?1
  AND NOT EXISTS (SELECT 1 FROM sealed_values AS s
    WHERE s.data_key_id = data_keys.id)`;
const ANY = "SELECT 1 AS one FROM data_keys LIMIT 1";

/** The data key that new values of an owner are sealed under. */
export function currentDataKey(
  database: Database,
  ownerId: string,
): DataKeyRow | undefined {
  return toRow(database.prepare(CURRENT).get(ownerId));
}

/** Finds a data key by its id. */
export function dataKey(
  database: Database,
  id: string,
): DataKeyRow | undefined {
  return toRow(database.prepare(BY_ID).get(id));
}

/** All data keys that a master key wraps. */
export function dataKeysUnder(
  database: Database,
  keyId: string,
): readonly DataKeyRow[] {
  return database.prepare(UNDER).all(keyId).map(rowOf);
}

/** Stores a data key as the one in use of its owner. */
export function insertDataKey(
  database: Database,
  row: DataKeyRow,
  options: { readonly nowMs: number },
): void {
  database.prepare(INSERT).run(
    row.id,
    row.ownerId,
    row.keyId,
    row.wrapped,
    timeText(options.nowMs),
  );
}

/** Stores a data key that nothing new is sealed under. */
export function insertRetiredDataKey(
  database: Database,
  row: DataKeyRow,
  options: { readonly nowMs: number },
): void {
  database.prepare(INSERT_RETIRED).run(
    row.id,
    row.ownerId,
    row.keyId,
    row.wrapped,
    timeText(options.nowMs),
  );
}

/** Stores a data key as another master key wraps it. */
export function storeRewrapped(database: Database, row: DataKeyRow): void {
  database.prepare(REWRAP).run(row.keyId, row.wrapped, row.id);
}

/** Retires the data keys of an owner, and drops those that nobody needs. */
export function retireDataKeys(database: Database, ownerId: string): void {
  database.prepare(DROP_OF).run(ownerId);
  database.prepare(RETIRE).run(ownerId);
}

/** Drops a data key unless something is sealed under it. */
export function dropUnusedDataKey(database: Database, id: string): void {
  database.prepare(DROP).run(id);
}

/** Says whether there is any data key. */
export function hasDataKeys(database: Database): boolean {
  return database.prepare(ANY).get() !== undefined;
}

function toRow(row: SqlRow | undefined): DataKeyRow | undefined {
  return row === undefined ? undefined : rowOf(row);
}

function rowOf(row: SqlRow): DataKeyRow {
  return {
    id: textOf(row, "id"),
    ownerId: textOf(row, "owner_id"),
    keyId: textOf(row, "key_id"),
    wrapped: bytesOf(row, "wrapped"),
  };
}
