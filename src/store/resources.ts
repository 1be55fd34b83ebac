/**
 * Resources as rows: one table a kind, all with the same columns.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import { idPrefix } from "../model/id.ts";
import type { JsonObject } from "../model/json.ts";
import { type Kind, KINDS, type ManifestKind } from "../model/kind.ts";
import {
  integerOf,
  objectOf,
  textListOf,
  textMapOf,
  textOf,
} from "./columns.ts";
import type { Database, SqlRow } from "./driver.ts";
import { timeMs, timeText } from "./time.ts";

/** The kinds that this room keeps as resources; executions have their own. */
export type ResourceKind = ManifestKind | "Session" | "Skill";

/** Which state of a resource a row is. */
export interface ResourceVersionMark {
  readonly id: string;
  /** Counts from 1 within the resource. */
  readonly number: number;
  readonly message: string;
  /** Empty on the first. */
  readonly previousVersionId: string;
}

/** A resource as its table keeps it. */
export interface ResourceRow {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly version: ResourceVersionMark;
  /** Proto-JSON of the kind's spec. */
  readonly spec: JsonObject;
  /** Proto-JSON of the kind's status without its audit. */
  readonly status: JsonObject;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly createdBy: string;
  readonly updatedBy: string;
}

/** Namesakes named in an error at the most. */
const CANDIDATES_MAX = 5;
const COLUMNS = `id, name, slug, labels, annotations, tags, version_id,
  version_number, version_message, previous_version_id, spec, status,
  created_at, updated_at, created_by, updated_by`;

/** Stores a new resource. */
export function insertResource(
  database: Database,
  kind: ResourceKind,
  row: ResourceRow,
): void {
  const sql = `INSERT INTO ${KINDS[kind].table} (${COLUMNS})
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
  database.prepare(sql).run(
    row.id,
    row.name,
    row.slug,
    JSON.stringify(row.labels),
    JSON.stringify(row.annotations),
    JSON.stringify(row.tags),
    row.version.id,
    row.version.number,
    row.version.message,
    row.version.previousVersionId,
    JSON.stringify(row.spec),
    JSON.stringify(row.status),
    timeText(row.createdAtMs),
    timeText(row.updatedAtMs),
    row.createdBy,
    row.updatedBy,
  );
}

/** Replaces a resource; its id, slug and creation stay. */
export function updateResource(
  database: Database,
  kind: ResourceKind,
  row: ResourceRow,
): void {
  const sql = `UPDATE ${KINDS[kind].table} SET
    name = ?, labels = ?, annotations = ?, tags = ?, version_id = ?,
    version_number = ?, version_message = ?, previous_version_id = ?,
    spec = ?, status = ?, updated_at = ?, updated_by = ? WHERE id = ?`;
  database.prepare(sql).run(
    row.name,
    JSON.stringify(row.labels),
    JSON.stringify(row.annotations),
    JSON.stringify(row.tags),
    row.version.id,
    row.version.number,
    row.version.message,
    row.version.previousVersionId,
    JSON.stringify(row.spec),
    JSON.stringify(row.status),
    timeText(row.updatedAtMs),
    row.updatedBy,
    row.id,
  );
}

/** Deletes a resource; its versions stay. */
export function deleteResource(
  database: Database,
  kind: ResourceKind,
  id: string,
): void {
  database.prepare(`DELETE FROM ${KINDS[kind].table} WHERE id = ?`).run(id);
}

/** Reads the resource with an id. */
export function resourceById(
  database: Database,
  kind: ResourceKind,
  id: string,
): ResourceRow | undefined {
  return readOne(database, `${select(kind)} WHERE id = ?`, id);
}

/** Reads the resource with a slug. */
export function resourceBySlug(
  database: Database,
  kind: ResourceKind,
  slug: string,
): ResourceRow | undefined {
  return readOne(database, `${select(kind)} WHERE slug = ?`, slug);
}

/**
 * Finds the resource that a word means: by id, then slug, then name.
 *
 * @throws {StigmerError} INVALID_ARGUMENT when several have that name.
 */
export function findResource(
  database: Database,
  kind: ResourceKind,
  word: string,
): ResourceRow | undefined {
  if (idPrefix(word) === KINDS[kind].prefix) {
    const row = resourceById(database, kind, word);
    if (row !== undefined) return row;
  }
  return resourceBySlug(database, kind, word) ??
    resourceByName(database, kind, word);
}

/** Lists the slugs and names of a kind, for "did you mean". */
export function knownNames(
  database: Database,
  kind: ResourceKind,
): readonly string[] {
  const sql = `SELECT slug AS word FROM ${KINDS[kind].table}
    UNION SELECT name FROM ${KINDS[kind].table}`;
  return database.prepare(sql).all().map((row) => textOf(row, "word"));
}

/** Counts the rows of a kind. */
export function countKind(database: Database, kind: Kind): number {
  const sql = `SELECT count(*) AS count FROM ${KINDS[kind].table}`;
  const row = database.prepare(sql).get();
  return row === undefined ? 0 : integerOf(row, "count");
}

/** Gives the start of a query that {@linkcode toResourceRow} can read. */
export function select(kind: ResourceKind): string {
  return `SELECT ${COLUMNS} FROM ${KINDS[kind].table}`;
}

/** Reads a row that has all columns of a resource. */
export function toResourceRow(row: SqlRow): ResourceRow {
  return {
    id: textOf(row, "id"),
    name: textOf(row, "name"),
    slug: textOf(row, "slug"),
    labels: textMapOf(row, "labels"),
    annotations: textMapOf(row, "annotations"),
    tags: textListOf(row, "tags"),
    version: {
      id: textOf(row, "version_id"),
      number: integerOf(row, "version_number"),
      message: textOf(row, "version_message"),
      previousVersionId: textOf(row, "previous_version_id"),
    },
    spec: objectOf(row, "spec"),
    status: objectOf(row, "status"),
    createdAtMs: timeMs(textOf(row, "created_at")),
    updatedAtMs: timeMs(textOf(row, "updated_at")),
    createdBy: textOf(row, "created_by"),
    updatedBy: textOf(row, "updated_by"),
  };
}

function resourceByName(
  database: Database,
  kind: ResourceKind,
  name: string,
): ResourceRow | undefined {
  const sql = `${select(kind)} WHERE name = ? ORDER BY slug LIMIT ?`;
  const rows = database.prepare(sql).all(name, CANDIDATES_MAX);
  const [first, second] = rows;
  if (first === undefined) return undefined;
  if (second === undefined) return toResourceRow(first);
  throw ambiguousName(kind, name, rows.map(toResourceRow));
}

function ambiguousName(
  kind: ResourceKind,
  name: string,
  rows: readonly ResourceRow[],
): Error {
  const slugs = rows.map((row) => `"${row.slug}"`).join(", ");
  return invalidArgument(
    `Cannot choose between ${KINDS[kind].plural} with the name "${name}": ` +
      `${slugs}, use a slug or an id`,
  );
}

function readOne(
  database: Database,
  sql: string,
  value: string,
): ResourceRow | undefined {
  const row = database.prepare(sql).get(value);
  return row === undefined ? undefined : toResourceRow(row);
}
