/**
 * Files that executions leave behind; their bytes are stored once.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import type { ExecutionId } from "../model/id.ts";
import { ARTIFACT_SIZE_BYTES_MAX } from "../model/limits.ts";
import type { Database, SqlRow } from "./driver.ts";
import { type Page, readPage, toPage } from "./page.ts";
import { keepBytes, readBytes } from "./values.ts";

/** An artifact without its bytes. */
export interface ArtifactRecord {
  /** `art-<lower-case ULID>`. */
  readonly id: string;
  readonly executionId: string;
  /** Unique within the execution. */
  readonly name: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly createdAtMs: number;
}

/** Characters of an artifact's name at the most. */
export const ARTIFACT_NAME_LENGTH_MAX = 255;

const DEFAULT_CONTENT_TYPE = "application/octet-stream";
const COLUMNS =
  "id, execution_id, name, content_type, size_bytes, sha256, created_at_ms";
const UPSERT = `
  INSERT INTO artifacts (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (execution_id, name) DO UPDATE SET
    content_type = excluded.content_type, size_bytes = excluded.size_bytes,
    sha256 = excluded.sha256, created_at_ms = excluded.created_at_ms
  RETURNING ${COLUMNS}`;
const BY_ID = `SELECT ${COLUMNS} FROM artifacts WHERE id = ?`;
const BY_NAME =
  `SELECT ${COLUMNS} FROM artifacts WHERE execution_id = ? AND name = ?`;
const LIST = `
  SELECT ${COLUMNS} FROM artifacts
  WHERE execution_id = ? AND name > ? ORDER BY name LIMIT ?`;

/**
 * Keeps a file of an execution; the same name again replaces it and keeps its
 * id.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a bad name or too many bytes.
 */
export function storeArtifact(
  database: Database,
  artifact: {
    readonly id: string;
    readonly executionId: ExecutionId;
    readonly name: string;
    readonly contentType: string;
    readonly content: Uint8Array<ArrayBuffer>;
    readonly nowMs: number;
  },
): ArtifactRecord {
  checkArtifactName(artifact.name);
  checkSize(artifact.name, artifact.content.length);
  return database.transaction(() => {
    const sha256 = keepBytes(database, artifact.content);
    const row = database.prepare(UPSERT).get(
      artifact.id,
      artifact.executionId,
      artifact.name,
      artifact.contentType || DEFAULT_CONTENT_TYPE,
      artifact.content.length,
      sha256,
      artifact.nowMs,
    );
    return toRecord(row ?? {});
  });
}

/** Finds an artifact by its id, or by execution and name. */
export function getArtifact(
  database: Database,
  key: { readonly id: string } | {
    readonly executionId: string;
    readonly name: string;
  },
): ArtifactRecord | undefined {
  const row = "id" in key
    ? database.prepare(BY_ID).get(key.id)
    : database.prepare(BY_NAME).get(key.executionId, key.name);
  return row === undefined ? undefined : toRecord(row);
}

/** Reads the bytes of an artifact. */
export function readArtifact(
  database: Database,
  artifact: ArtifactRecord,
): Uint8Array<ArrayBuffer> {
  return readBytes(database, artifact.sha256) ?? new Uint8Array();
}

/** Lists the artifacts of an execution by name. */
export function listArtifacts(
  database: Database,
  executionId: string,
  page: { readonly size: number; readonly token: string },
): Page<ArtifactRecord> {
  const scope = ["artifacts", executionId];
  const start = readPage({ ...page, scope }, 1);
  const rows = database.prepare(LIST)
    .all(executionId, start.after?.[0] ?? "", start.size + 1)
    .map(toRecord);
  return toPage(rows, { start, scope, keyOf: (it) => [it.name] });
}

/**
 * Refuses a name that leads out of the folder an artifact is written into.
 *
 * @throws {StigmerError} INVALID_ARGUMENT.
 */
export function checkArtifactName(name: string): void {
  const parts = name.split(/[/\\]/);
  const leadsOut = parts.some((it) => it === ".." || it === "." || it === "") ||
    /^[a-z]:/i.test(name) || /\p{Cc}/u.test(name);
  if (leadsOut || name.length > ARTIFACT_NAME_LENGTH_MAX) {
    throw invalidArgument(
      `Cannot store artifact "${name}": a name is relative, without "..", and ` +
        `1 to ${ARTIFACT_NAME_LENGTH_MAX} characters long`,
    );
  }
}

function checkSize(name: string, sizeBytes: number): void {
  if (sizeBytes <= ARTIFACT_SIZE_BYTES_MAX) return;
  throw invalidArgument(
    `Cannot store artifact "${name}" of ${sizeBytes} bytes, ` +
      `${ARTIFACT_SIZE_BYTES_MAX} are allowed`,
  );
}

function toRecord(row: SqlRow): ArtifactRecord {
  return {
    id: String(row.id),
    executionId: String(row.execution_id),
    name: String(row.name),
    contentType: String(row.content_type),
    sizeBytes: Number(row.size_bytes),
    sha256: String(row.sha256),
    createdAtMs: Number(row.created_at_ms),
  };
}
