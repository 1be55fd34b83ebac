/**
 * Resources as rows: one table a kind, all with the same columns.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
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
/** Resources whose names are compared with a mistyped one at the most. */
const KNOWN_NAMES_MAX = 2000;
/** What ids begin with; nothing else is looked for among them. */
const ID_START_REGEXP = /^[a-z]{3}-/;
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

/** Replaces a resource; its id and creation stay. */
export function updateResource(
  database: Database,
  kind: ResourceKind,
  row: ResourceRow,
): void {
  const sql = `UPDATE ${KINDS[kind].table} SET
    name = ?, slug = ?, labels = ?, annotations = ?, tags = ?, version_id = ?,
    version_number = ?, version_message = ?, previous_version_id = ?,
    spec = ?, status = ?, updated_at = ?, updated_by = ? WHERE id = ?`;
  database.prepare(sql).run(
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

/** What a word means. */
export type Lookup =
  | { readonly kind: "found"; readonly row: ResourceRow }
  | { readonly kind: "missing" }
  /** Several have that name: their slugs, some of them. */
  | { readonly kind: "ambiguous"; readonly slugs: readonly string[] };

/** Looks up what a word means: an id, else a slug, else a name. */
export function lookUp(
  database: Database,
  kind: ResourceKind,
  word: string,
): Lookup {
  const row =
    (ID_START_REGEXP.test(word) ? resourceById(database, kind, word) : null) ??
      resourceBySlug(database, kind, word);
  if (row !== undefined) return { kind: "found", row };
  const sql = `${select(kind)} WHERE name = ? ORDER BY slug LIMIT ?`;
  const rows = database.prepare(sql).all(word, CANDIDATES_MAX)
    .map(toResourceRow);
  const [first, second] = rows;
  if (first === undefined) return { kind: "missing" };
  if (second === undefined) return { kind: "found", row: first };
  return { kind: "ambiguous", slugs: rows.map((it) => it.slug) };
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
  const found = lookUp(database, kind, word);
  switch (found.kind) {
    case "found":
      return found.row;
    case "missing":
      return undefined;
    case "ambiguous":
      throw invalidArgument(ambiguousText(kind, word, found.slugs));
  }
}

/** Says that a name is that of several. */
export function ambiguousText(
  kind: ResourceKind,
  name: string,
  slugs: readonly string[],
): string {
  return `Several ${KINDS[kind].plural} have the name "${name}": ` +
    `${slugs.map((it) => `"${it}"`).join(", ")}, use a slug or an id`;
}

/** Lists slugs and names of a kind for "did you mean": the newest of them. */
export function knownNames(
  database: Database,
  kind: ResourceKind,
): readonly string[] {
  const sql = `SELECT slug, name FROM ${KINDS[kind].table}
    ORDER BY created_at DESC, id DESC LIMIT ?`;
  return database.prepare(sql).all(KNOWN_NAMES_MAX)
    .flatMap((row) => [textOf(row, "slug"), textOf(row, "name")]);
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

function readOne(
  database: Database,
  sql: string,
  value: string,
): ResourceRow | undefined {
  const row = database.prepare(sql).get(value);
  return row === undefined ? undefined : toResourceRow(row);
}
