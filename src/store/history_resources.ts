/**
 * Versions, conversations, artifacts and contents of skills as their rows are:
 * what an export takes and an import brings back.
 *
 * JSON columns are texts here and are never parsed and written anew, so that
 * what comes back is the same to the byte.
 *
 * @module
 */

import { type Kind, KINDS } from "../model/kind.ts";
import type { ArtifactRecord } from "./artifacts.ts";
import { integerOf, textOf } from "./columns.ts";
import type { Database, SqlRow } from "./driver.ts";
import { LIVE, TABLES } from "./execution_rows.ts";

/** A version with its snapshot as it was stored. */
export interface RawVersion {
  readonly id: string;
  readonly resourceId: string;
  readonly resourceKind: string;
  readonly number: number;
  /** JSON. */
  readonly snapshot: string;
  readonly message: string;
  readonly previousVersionId: string;
  readonly createdAt: string;
  readonly createdBy: string;
}

/** The columns of a conversation. */
export const SESSION_COLUMNS = [
  "name",
  "slug",
  "labels",
  "annotations",
  "tags",
  "version_id",
  "version_message",
  "previous_version_id",
  "spec",
  "status",
  "created_at",
  "updated_at",
  "created_by",
  "updated_by",
] as const;

/** A conversation: its columns as texts. */
export interface RawSession {
  readonly id: string;
  readonly versionNumber: number;
  readonly columns: Readonly<Record<typeof SESSION_COLUMNS[number], string>>;
}

/** Where a list goes on. */
interface After {
  readonly after: string;
  readonly limit: number;
}

const VERSION_COLUMNS = `id, resource_id, resource_kind, version_number,
  snapshot, message, previous_version_id, created_at, created_by`;
const SELECT_VERSION = `SELECT ${VERSION_COLUMNS} FROM api_resource_versions`;
const INSERT_VERSION = `
  INSERT OR REPLACE INTO api_resource_versions (${VERSION_COLUMNS})
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const PINNED_LIVE: readonly string[] = Object.values(TABLES).map((table) => `
  SELECT 1 AS one FROM ${table}
  WHERE ${LIVE}
    AND json_extract(spec, '$.resourceVersionId') = ? LIMIT 1`);
const LAST_NUMBER = `
  SELECT coalesce(max(version_number), 0) AS number FROM api_resource_versions
  WHERE resource_id = ?`;
const SELECT_SESSION = `
  SELECT id, version_number, ${SESSION_COLUMNS.join(", ")} FROM sessions`;
const INSERT_SESSION = `
  INSERT OR REPLACE INTO sessions
    (id, version_number, ${SESSION_COLUMNS.join(", ")})
  VALUES (?, ?${", ?".repeat(SESSION_COLUMNS.length)})`;
const SELECT_ARTIFACTS = `
  SELECT id, execution_id, name, content_type, size_bytes, sha256,
    created_at_ms FROM artifacts WHERE id > ? ORDER BY id LIMIT ?`;
const INSERT_ARTIFACT = `
  INSERT INTO artifacts
    (id, execution_id, name, content_type, size_bytes, sha256, created_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const SKILL_CONTENTS = `
  SELECT DISTINCT content_hash FROM skill_files WHERE content_hash > ?
    AND content_hash NOT IN (SELECT json_extract(status, '$.contentHash')
      FROM skills WHERE json_extract(status, '$.contentHash') IS NOT NULL)
  ORDER BY content_hash LIMIT ?`;
const INSERT_VALUE = `
  INSERT INTO stored_values (sha256, size_bytes, content) VALUES (?, ?, ?)`;
const HAS_VALUE = "SELECT 1 AS one FROM stored_values WHERE sha256 = ?";

/** Lists versions by id. */
export function versionsAfter(
  database: Database,
  { after, limit }: After,
): readonly RawVersion[] {
  return database.prepare(
    `${SELECT_VERSION} WHERE id > ? ORDER BY id LIMIT ?`,
  ).all(after, limit).map(toVersion);
}

/** Reads the version with an id. */
export function rawVersion(
  database: Database,
  id: string,
): RawVersion | undefined {
  const row = database.prepare(`${SELECT_VERSION} WHERE id = ?`).get(id);
  return row === undefined ? undefined : toVersion(row);
}

/** The id of the version that has a number of a resource. */
export function versionIdAt(
  database: Database,
  resourceId: string,
  number: number,
): string | undefined {
  const row = database.prepare(
    `${SELECT_VERSION} WHERE resource_id = ? AND version_number = ?`,
  ).get(resourceId, number);
  return row === undefined ? undefined : textOf(row, "id");
}

/** The highest number of a resource's versions; 0 for none. */
export function lastVersionNumber(
  database: Database,
  resourceId: string,
): number {
  const row = database.prepare(LAST_NUMBER).get(resourceId);
  return row === undefined ? 0 : integerOf(row, "number");
}

/** Whether an execution that has not ended runs a version. */
export function isPinnedLive(database: Database, id: string): boolean {
  return PINNED_LIVE.some((sql) => database.prepare(sql).get(id) !== undefined);
}

/** Stores a version as it was, in the place of one with its id. */
export function insertRawVersion(database: Database, row: RawVersion): void {
  database.prepare(INSERT_VERSION).run(
    row.id,
    row.resourceId,
    row.resourceKind,
    row.number,
    row.snapshot,
    row.message,
    row.previousVersionId,
    row.createdAt,
    row.createdBy,
  );
}

/**
 * Gives the current version of a resource the highest number, where versions
 * that came from elsewhere have higher ones: the next change counts on.
 */
export function renumberCurrent(
  database: Database,
  kind: Kind,
  resourceId: string,
): void {
  const { table } = KINDS[kind];
  const row = database.prepare(
    `SELECT version_id, version_number FROM ${table} WHERE id = ?`,
  ).get(resourceId);
  const last = lastVersionNumber(database, resourceId);
  if (row === undefined || integerOf(row, "version_number") >= last) return;
  const number = last + 1;
  database.prepare(`UPDATE ${table} SET version_number = ? WHERE id = ?`)
    .run(number, resourceId);
  database.prepare(`
    UPDATE api_resource_versions SET version_number = ?1,
      snapshot = json_set(snapshot, '$.metadata.version.number', ?1)
    WHERE id = ?2`).run(number, textOf(row, "version_id"));
}

/** Lists conversations by id. */
export function sessionsAfter(
  database: Database,
  { after, limit }: After,
): readonly RawSession[] {
  return database.prepare(
    `${SELECT_SESSION} WHERE id > ? ORDER BY id LIMIT ?`,
  ).all(after, limit).map(toSession);
}

/** Reads the conversation with an id. */
export function rawSession(
  database: Database,
  id: string,
): RawSession | undefined {
  const row = database.prepare(`${SELECT_SESSION} WHERE id = ?`).get(id);
  return row === undefined ? undefined : toSession(row);
}

/** Stores a conversation as it was, in the place of one with its id. */
export function insertRawSession(database: Database, row: RawSession): void {
  database.prepare(INSERT_SESSION).run(
    row.id,
    row.versionNumber,
    ...SESSION_COLUMNS.map((column) => row.columns[column]),
  );
}

/** Lists artifacts of all executions by id. */
export function artifactsAfter(
  database: Database,
  { after, limit }: After,
): readonly ArtifactRecord[] {
  return database.prepare(SELECT_ARTIFACTS).all(after, limit).map((row) => ({
    id: textOf(row, "id"),
    executionId: textOf(row, "execution_id"),
    name: textOf(row, "name"),
    contentType: textOf(row, "content_type"),
    sizeBytes: integerOf(row, "size_bytes"),
    sha256: textOf(row, "sha256"),
    createdAtMs: integerOf(row, "created_at_ms"),
  }));
}

/** Stores an artifact whose bytes come by themselves. */
export function insertArtifact(
  database: Database,
  artifact: ArtifactRecord,
): void {
  database.prepare(INSERT_ARTIFACT).run(
    artifact.id,
    artifact.executionId,
    artifact.name,
    artifact.contentType,
    artifact.sizeBytes,
    artifact.sha256,
    artifact.createdAtMs,
  );
}

/** Lists the contents of skills that no skill has now, by their hashes. */
export function earlierSkillContents(
  database: Database,
  { after, limit }: After,
): readonly string[] {
  return database.prepare(SKILL_CONTENTS).all(after, limit)
    .map((row) => textOf(row, "content_hash"));
}

/** Stores bytes whose SHA-256 is known to be this one. */
export function insertValue(
  database: Database,
  sha256: string,
  bytes: Uint8Array<ArrayBuffer>,
): void {
  database.prepare(INSERT_VALUE).run(sha256, bytes.length, bytes);
}

/** Says whether a value is stored. */
export function hasValue(database: Database, sha256: string): boolean {
  return database.prepare(HAS_VALUE).get(sha256) !== undefined;
}

function toVersion(row: SqlRow): RawVersion {
  return {
    id: textOf(row, "id"),
    resourceId: textOf(row, "resource_id"),
    resourceKind: textOf(row, "resource_kind"),
    number: integerOf(row, "version_number"),
    snapshot: textOf(row, "snapshot"),
    message: textOf(row, "message"),
    previousVersionId: textOf(row, "previous_version_id"),
    createdAt: textOf(row, "created_at"),
    createdBy: textOf(row, "created_by"),
  };
}

function toSession(row: SqlRow): RawSession {
  const columns = SESSION_COLUMNS.map((name) => [name, textOf(row, name)]);
  return {
    id: textOf(row, "id"),
    versionNumber: integerOf(row, "version_number"),
    columns: Object.fromEntries(columns),
  };
}
