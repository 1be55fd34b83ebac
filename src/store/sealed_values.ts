/**
 * Sealed values: who may use which under what name. Nothing here can open
 * them.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import { parseExecutionId } from "../model/id.ts";
import { bytesOf, integerOf, textOf } from "./columns.ts";
import {
  type DataKeyRow,
  dropUnusedDataKey,
  retireDataKeys,
} from "./data_keys.ts";
import type { Database, SqlRow } from "./driver.ts";
import { timeText } from "./time.ts";

/** A sealed value as it is kept. */
export interface SealedRow {
  /** The environment or execution that may use it. */
  readonly ownerId: string;
  /** The name under which it may. */
  readonly alias: string;
  /** Whose it was when it was sealed, its name and count then. */
  readonly originId: string;
  readonly name: string;
  readonly version: number;
  readonly dataKeyId: string;
  readonly sealed: Uint8Array<ArrayBuffer>;
}

/** A sealed value with its data key as it was at that moment. */
export interface SealedValue extends SealedRow {
  /** Absent where the database is damaged. */
  readonly dataKey: DataKeyRow | undefined;
}

/** How much is sealed. */
export interface SealedCounts {
  readonly environmentCount: number;
  /** Secrets of environments. */
  readonly secretCount: number;
  readonly executionCount: number;
  readonly dataKeyCount: number;
}

const SELECT = `
  SELECT s.owner_id, s.alias, s.origin_id, s.name, s.version, s.data_key_id,
    s.sealed, k.owner_id AS key_owner_id, k.key_id, k.wrapped
  FROM sealed_values AS s LEFT JOIN data_keys AS k ON k.id = s.data_key_id
  WHERE s.owner_id = ?`;
const OF_OWNER = `${SELECT} ORDER BY s.alias`;
const ONE = `${SELECT} AND s.alias = ?`;
const NAMES = `
  SELECT alias FROM sealed_values WHERE owner_id = ? ORDER BY alias`;
const VERSION = `
  SELECT version FROM sealed_values WHERE owner_id = ? AND alias = ?`;
const DATA_KEY = `
  SELECT data_key_id FROM sealed_values WHERE owner_id = ? AND alias = ?`;
const ORIGIN = `
  SELECT origin_id, name FROM sealed_values WHERE owner_id = ? AND alias = ?`;
const PUT = `
  INSERT INTO sealed_values (owner_id, alias, origin_id, name, version,
    data_key_id, sealed, updated_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (owner_id, alias) DO UPDATE SET
    origin_id = excluded.origin_id, name = excluded.name,
    version = excluded.version, data_key_id = excluded.data_key_id,
    sealed = excluded.sealed, updated_at = excluded.updated_at`;
const COPY = `
  INSERT INTO sealed_values (owner_id, alias, origin_id, name, version,
    data_key_id, sealed, updated_at)
  SELECT ?2, alias, origin_id, name, version, data_key_id, sealed, updated_at
  FROM sealed_values WHERE owner_id = ?1 AND alias = ?3
  ON CONFLICT (owner_id, alias) DO UPDATE SET
    origin_id = excluded.origin_id, name = excluded.name,
    version = excluded.version, data_key_id = excluded.data_key_id,
    sealed = excluded.sealed, updated_at = excluded.updated_at`;
const DELETE = `
  DELETE FROM sealed_values WHERE owner_id = ? RETURNING data_key_id`;
const DELETE_ONE = `
  DELETE FROM sealed_values WHERE owner_id = ? AND alias = ?
  RETURNING data_key_id`;
const COUNT = `
  SELECT count(DISTINCT owner_id) FILTER (WHERE owner_id LIKE 'env-%')
      AS environments,
    count(*) FILTER (WHERE owner_id LIKE 'env-%') AS secrets,
    count(DISTINCT owner_id) FILTER (WHERE owner_id LIKE 'aex-%'
      OR owner_id LIKE 'wex-%') AS executions,
    (SELECT count(*) FROM data_keys) AS data_keys
  FROM sealed_values`;

/**
 * The sealed values of an owner, by name; all of them unless names are given.
 * A name that it has not is left out.
 */
export function sealedOf(
  database: Database,
  ownerId: string,
  aliases?: readonly string[],
): readonly SealedValue[] {
  if (aliases === undefined) {
    return database.prepare(OF_OWNER).all(ownerId).map(toValue);
  }
  return aliases.flatMap((alias) =>
    database.prepare(ONE).all(ownerId, alias).map(toValue)
  );
}

/** The names under which an owner has sealed values. */
export function sealedNames(
  database: Database,
  ownerId: string,
): readonly string[] {
  return database.prepare(NAMES).all(ownerId).map((row) =>
    textOf(row, "alias")
  );
}

/**
 * Whether a name still has the very value that it had. Versions do not tell:
 * what is deleted and set anew has one that was there before.
 */
export function isSameSealed(
  before: SealedRow,
  now: SealedRow | undefined,
): boolean {
  return now !== undefined && before.alias === now.alias &&
    before.version === now.version && before.dataKeyId === now.dataKeyId &&
    before.sealed.length === now.sealed.length &&
    before.sealed.every((byte, at) => byte === now.sealed[at]);
}

/** The count of the value that a name has now; 0 for none. */
export function sealedVersion(
  database: Database,
  ownerId: string,
  alias: string,
): number {
  const row = database.prepare(VERSION).get(ownerId, alias);
  return row === undefined ? 0 : integerOf(row, "version");
}

/** Counts what is sealed. */
export function countSealed(database: Database): SealedCounts {
  const row = database.prepare(COUNT).get() ?? {};
  return {
    environmentCount: integerOf(row, "environments"),
    secretCount: integerOf(row, "secrets"),
    executionCount: integerOf(row, "executions"),
    dataKeyCount: integerOf(row, "data_keys"),
  };
}

/** Stores a sealed value over the one of its name. */
export function putSealed(
  database: Database,
  row: SealedRow,
  options: { readonly nowMs: number },
): void {
  database.prepare(PUT).run(
    row.ownerId,
    row.alias,
    row.originId,
    row.name,
    row.version,
    row.dataKeyId,
    row.sealed,
    timeText(options.nowMs),
  );
}

/**
 * Whether a value stands where it was put: under its own name, and with an
 * environment as its own. Only executions are handed values of others.
 */
export function isInPlace(
  { ownerId, originId, alias, name }: Pick<
    SealedRow,
    "ownerId" | "originId" | "alias" | "name"
  >,
): boolean {
  const isHanded = parseExecutionId(ownerId) !== undefined;
  return alias === name && (ownerId === originId || isHanded);
}

/**
 * Hands sealed values of one owner to another as they are: whoever may use
 * them opens them as what they were sealed as.
 *
 * @throws {StigmerError} ABORTED when one of them is gone, DATA_LOSS when one
 * is that of another owner or name.
 */
export function copySealed(
  database: Database,
  options: {
    readonly from: string;
    readonly to: string;
    readonly names: readonly string[];
  },
): void {
  const { from, to, names } = options;
  for (const name of names) {
    const row = database.prepare(ORIGIN).get(from, name);
    if (row === undefined) throw goneMeanwhile(from, name);
    if (!isInPlace(placeOf(row, { ownerId: from, alias: name }))) {
      throw elsewhere(from, name);
    }
    const before = database.prepare(DATA_KEY).get(to, name);
    database.prepare(COPY).run(from, to, name);
    if (before === undefined) continue;
    dropUnusedDataKey(database, textOf(before, "data_key_id"));
  }
}

/**
 * Deletes the sealed values of an owner, all of them unless names are given,
 * and the data keys that nothing is sealed under any more.
 */
export function deleteSealed(
  database: Database,
  ownerId: string,
  names?: readonly string[],
): void {
  const rows = names === undefined
    ? database.prepare(DELETE).all(ownerId)
    : names.flatMap((name) => database.prepare(DELETE_ONE).all(ownerId, name));
  const dataKeyIds = new Set(rows.map((row) => textOf(row, "data_key_id")));
  for (const id of dataKeyIds) dropUnusedDataKey(database, id);
  // Executions may still use what an owner handed them that is gone now.
  if (names === undefined) retireDataKeys(database, ownerId);
}

function toValue(row: SqlRow): SealedValue {
  const dataKeyId = textOf(row, "data_key_id");
  return {
    ownerId: textOf(row, "owner_id"),
    alias: textOf(row, "alias"),
    originId: textOf(row, "origin_id"),
    name: textOf(row, "name"),
    version: integerOf(row, "version"),
    dataKeyId,
    sealed: bytesOf(row, "sealed"),
    dataKey: row.key_id === null ? undefined : {
      id: dataKeyId,
      ownerId: textOf(row, "key_owner_id"),
      keyId: textOf(row, "key_id"),
      wrapped: bytesOf(row, "wrapped"),
    },
  };
}

function placeOf(
  row: SqlRow,
  at: Pick<SealedRow, "ownerId" | "alias">,
): Pick<SealedRow, "ownerId" | "originId" | "alias" | "name"> {
  return {
    ...at,
    originId: textOf(row, "origin_id"),
    name: textOf(row, "name"),
  };
}

function elsewhere(ownerId: string, name: string): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot hand on secret "${name}" of "${ownerId}": its row was changed, ` +
      "or belongs elsewhere",
    { hints: ["Restore the database from a backup, or set the secret anew"] },
  );
}

function goneMeanwhile(ownerId: string, name: string): StigmerError {
  return new StigmerError(
    "ABORTED",
    `Cannot hand on secret "${name}" of "${ownerId}": it was deleted meanwhile`,
    { hints: ["Try again"] },
  );
}
