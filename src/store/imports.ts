/**
 * Imports under way: records that are kept aside until all of them are stored
 * at once.
 *
 * @module
 */

import type { JsonObject } from "../model/json.ts";
import { integerOf, objectOf, textOf } from "./columns.ts";
import type { Database, SqlRow } from "./driver.ts";
import { timeText } from "./time.ts";

/** An import as its row keeps it. */
export interface ImportRow {
  readonly id: string;
  readonly stagedCount: number;
  /** What its commit gave; absent before it. */
  readonly committed?: JsonObject;
}

/** A record that was staged. */
export interface StagedRow {
  /** Counts from 0. */
  readonly position: number;
  readonly kind: string;
  readonly name: string;
  readonly checksum: string;
  readonly document: string;
}

/** Which import, and who touches it when. */
export interface ImportTouch {
  readonly id: string;
  readonly identity: string;
  readonly nowMs: number;
}

/** Records in memory at once. */
const PAGE_SIZE = 200;
/** Checksums in memory at once; each has 64 characters. */
const CHECKSUM_PAGE_SIZE = 10_000;

const ONE = `
  SELECT id, committed,
    (SELECT coalesce(max(position), -1) + 1 FROM import_records
      WHERE import_id = imports.id) AS count
  FROM imports WHERE id = ?`;
const TOUCH = `
  INSERT INTO imports (id, identity, updated_at) VALUES (?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET
    identity = excluded.identity, updated_at = excluded.updated_at`;
const INSERT = `
  INSERT INTO import_records
    (import_id, position, kind, name, checksum, document)
  VALUES (?, ?, ?, ?, ?, ?)`;
const CHECKSUM = `
  SELECT checksum FROM import_records WHERE import_id = ? AND position = ?`;
const CHECKSUMS = `
  SELECT position, checksum FROM import_records
  WHERE import_id = ? AND position > ? ORDER BY position LIMIT ?`;
const PAGE = `
  SELECT position, kind, name, checksum, document FROM import_records
  WHERE import_id = ? AND position > ? ORDER BY position LIMIT ?`;
const COMMIT = `
  UPDATE imports SET committed = ?, updated_at = ? WHERE id = ?`;
const DELETE_RECORDS = "DELETE FROM import_records WHERE import_id = ?";
const DELETE = "DELETE FROM imports WHERE id = ?";

/** Reads how far an import is. */
export function importById(
  database: Database,
  id: string,
): ImportRow | undefined {
  const row = database.prepare(ONE).get(id);
  if (row === undefined) return undefined;
  return {
    id: textOf(row, "id"),
    stagedCount: integerOf(row, "count"),
    ...(row.committed === null
      ? {}
      : { committed: objectOf(row, "committed") }),
  };
}

/** Begins an import, or notes that it goes on. */
export function touchImport(database: Database, touch: ImportTouch): void {
  database.prepare(TOUCH).run(
    touch.id,
    touch.identity,
    timeText(touch.nowMs),
  );
}

/** Keeps a record aside. */
export function insertStaged(
  database: Database,
  importId: string,
  row: StagedRow,
): void {
  database.prepare(INSERT).run(
    importId,
    row.position,
    row.kind,
    row.name,
    row.checksum,
    row.document,
  );
}

/** The checksum of the record at a position. */
export function stagedChecksum(
  database: Database,
  importId: string,
  position: number,
): string | undefined {
  const row = database.prepare(CHECKSUM).get(importId, position);
  return row === undefined ? undefined : textOf(row, "checksum");
}

/** Gives the checksums of all records in order. */
export function* stagedChecksums(
  database: Database,
  importId: string,
): Generator<string, void> {
  let after = -1;
  while (true) {
    const rows = database.prepare(CHECKSUMS)
      .all(importId, after, CHECKSUM_PAGE_SIZE);
    for (const row of rows) yield textOf(row, "checksum");
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHECKSUM_PAGE_SIZE) return;
    after = integerOf(last, "position");
  }
}

/** Gives all records of an import in order. */
export function* stagedRecords(
  database: Database,
  importId: string,
): Generator<StagedRow, void> {
  let after = -1;
  while (true) {
    const rows = database.prepare(PAGE).all(importId, after, PAGE_SIZE);
    for (const row of rows) yield toStaged(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_SIZE) return;
    after = integerOf(last, "position");
  }
}

/** Notes what the commit of an import gave; its records go. */
export function finishImport(
  database: Database,
  id: string,
  options: { readonly committed: JsonObject; readonly nowMs: number },
): void {
  const { committed, nowMs } = options;
  database.prepare(COMMIT).run(JSON.stringify(committed), timeText(nowMs), id);
  database.prepare(DELETE_RECORDS).run(id);
}

/** Forgets an import. */
export function deleteImport(database: Database, id: string): void {
  database.prepare(DELETE_RECORDS).run(id);
  database.prepare(DELETE).run(id);
}

function toStaged(row: SqlRow): StagedRow {
  return {
    position: integerOf(row, "position"),
    kind: textOf(row, "kind"),
    name: textOf(row, "name"),
    checksum: textOf(row, "checksum"),
    document: textOf(row, "document"),
  };
}
