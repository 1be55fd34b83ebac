/**
 * Versions of resources: a snapshot of every state that was stored.
 *
 * @module
 */

import type { JsonObject } from "../model/json.ts";
import { integerOf, objectOf, textOf } from "./columns.ts";
import type { Database, SqlRow } from "./driver.ts";
import { type Page, readPage, toPage } from "./page.ts";
import { timeMs, timeText } from "./time.ts";

/** A version without its snapshot. */
export interface VersionRow {
  readonly id: string;
  readonly resourceId: string;
  readonly resourceKind: string;
  /** Counts from 1 within the resource. */
  readonly number: number;
  readonly message: string;
  /** Empty on the first. */
  readonly previousVersionId: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
}

/** A version with the whole resource as it was, in proto-JSON. */
export interface SnapshotRow extends VersionRow {
  readonly snapshot: JsonObject;
}

const COLUMNS = `id, resource_id, resource_kind, version_number, message,
  previous_version_id, created_at, created_by`;
const INSERT = `INSERT INTO api_resource_versions (${COLUMNS}, snapshot)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const SELECT_BY_ID = `SELECT ${COLUMNS}, snapshot FROM api_resource_versions
  WHERE id = ?`;
const SELECT_BY_NUMBER = `SELECT ${COLUMNS}, snapshot FROM api_resource_versions
  WHERE resource_id = ? AND version_number = ?`;
const SELECT_PAGE = `SELECT ${COLUMNS} FROM api_resource_versions
  WHERE resource_id = ? AND version_number < ?
  ORDER BY version_number DESC LIMIT ?`;
/** The newest version whose workflow has that version in its document. */
const SELECT_BY_DOCUMENT = `SELECT ${COLUMNS}, snapshot
  FROM api_resource_versions
  WHERE resource_id = ?
    AND json_extract(snapshot, '$.spec.document.version') = ?
  ORDER BY version_number DESC LIMIT 1`;
const SELECT_DOCUMENT_VERSIONS = `SELECT
    json_extract(snapshot, '$.spec.document.version') AS version
  FROM api_resource_versions
  WHERE resource_id = ? AND version IS NOT NULL
  GROUP BY version ORDER BY MAX(version_number) DESC LIMIT ?`;
const DOCUMENT_VERSIONS_MAX = 20;
const NUMBER_MAX = 2 ** 32;

/** Stores a version. */
export function insertVersion(database: Database, row: SnapshotRow): void {
  database.prepare(INSERT).run(
    row.id,
    row.resourceId,
    row.resourceKind,
    row.number,
    row.message,
    row.previousVersionId,
    timeText(row.createdAtMs),
    row.createdBy,
    JSON.stringify(row.snapshot),
  );
}

/** Reads a version by its id, as an execution has pinned it. */
export function versionById(
  database: Database,
  id: string,
): SnapshotRow | undefined {
  return toSnapshotRow(database.prepare(SELECT_BY_ID).get(id));
}

/** Reads a version by its number within a resource. */
export function versionByNumber(
  database: Database,
  resourceId: string,
  number: number,
): SnapshotRow | undefined {
  return toSnapshotRow(
    database.prepare(SELECT_BY_NUMBER).get(resourceId, number),
  );
}

/** Reads the newest state of a workflow at a version of its document. */
export function versionOfDocument(
  database: Database,
  resourceId: string,
  version: string,
): SnapshotRow | undefined {
  return toSnapshotRow(
    database.prepare(SELECT_BY_DOCUMENT).get(resourceId, version),
  );
}

/** Lists the versions that a workflow's document had, newest first, bounded. */
export function documentVersions(
  database: Database,
  resourceId: string,
): readonly string[] {
  return database.prepare(SELECT_DOCUMENT_VERSIONS)
    .all(resourceId, DOCUMENT_VERSIONS_MAX)
    .map((row) => textOf(row, "version"));
}

/** Lists the versions of a resource, newest first. */
export function listVersions(
  database: Database,
  resourceId: string,
  page: { readonly size: number; readonly token: string },
): Page<VersionRow> {
  const scope = ["versions", resourceId];
  const start = readPage({ ...page, scope }, 1);
  const before = start.after === undefined
    ? NUMBER_MAX
    : Number(start.after[0]);
  const rows = database.prepare(SELECT_PAGE)
    .all(resourceId, before, start.size + 1).map(toVersionRow);
  return toPage(rows, { start, scope, keyOf: (row) => [String(row.number)] });
}

function toVersionRow(row: SqlRow): VersionRow {
  return {
    id: textOf(row, "id"),
    resourceId: textOf(row, "resource_id"),
    resourceKind: textOf(row, "resource_kind"),
    number: integerOf(row, "version_number"),
    message: textOf(row, "message"),
    previousVersionId: textOf(row, "previous_version_id"),
    createdAtMs: timeMs(textOf(row, "created_at")),
    createdBy: textOf(row, "created_by"),
  };
}

function toSnapshotRow(row: SqlRow | undefined): SnapshotRow | undefined {
  if (row === undefined) return undefined;
  return { ...toVersionRow(row), snapshot: objectOf(row, "snapshot") };
}
