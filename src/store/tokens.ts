/**
 * Access tokens by their hashes. Their texts are nowhere.
 *
 * @module
 */

import { parseRole, type Role } from "../model/role.ts";
import { StigmerError } from "../model/error.ts";
import { bytesOf, textOf } from "./columns.ts";
import type { Database, SqlRow } from "./driver.ts";
import { type Page, readPage, toPage } from "./page.ts";
import { timeMs, timeText } from "./time.ts";

/** A token as it is kept. */
export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly hash: Uint8Array<ArrayBuffer>;
  /** The first characters of its text. */
  readonly prefix: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  /** Absent means without end. */
  readonly expiresAtMs?: number;
  readonly lastUsedAtMs?: number;
  readonly revokedAtMs?: number;
}

const COLUMNS =
  "id, name, role, hash, prefix, created_at, created_by, expires_at, " +
  "last_used_at, revoked_at";
const IN_FORCE =
  "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)";
const INSERT = `
  INSERT INTO tokens (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const BY_HASH = `SELECT ${COLUMNS} FROM tokens WHERE hash = ?`;
const STANDING_BY_HASH =
  "SELECT id, expires_at, revoked_at FROM tokens WHERE hash = ?";
const BY_ID = `SELECT ${COLUMNS} FROM tokens WHERE id = ?`;
const IN_FORCE_BY_NAME = `
  SELECT ${COLUMNS} FROM tokens WHERE name = ? AND ${IN_FORCE}
  ORDER BY id DESC LIMIT 1`;
const NEWEST_BY_NAME = `
  SELECT ${COLUMNS} FROM tokens WHERE name = ? ORDER BY id DESC LIMIT 1`;
const REVOKE =
  "UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL";
const TOUCH = `
  UPDATE tokens SET last_used_at = ?
  WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)`;
const ANY_IN_FORCE = `
  SELECT 1 AS found FROM tokens WHERE (? = '' OR role = ?) AND ${IN_FORCE}
  LIMIT 1`;
const NAMES = `
  SELECT DISTINCT name FROM tokens WHERE ${IN_FORCE} ORDER BY name LIMIT ?`;

/** Stores a new token. */
export function insertToken(database: Database, token: TokenRow): void {
  database.prepare(INSERT).run(
    token.id,
    token.name,
    token.role,
    token.hash,
    token.prefix,
    timeText(token.createdAtMs),
    token.createdBy,
    timeOrNull(token.expiresAtMs),
    timeOrNull(token.lastUsedAtMs),
    timeOrNull(token.revokedAtMs),
  );
}

/** Finds the token that has a hash, in force or not. */
export function tokenByHash(
  database: Database,
  hash: Uint8Array<ArrayBuffer>,
): TokenRow | undefined {
  return rowOf(database.prepare(BY_HASH).get(hash));
}

/** Whether a token is in force, and until when. */
export type TokenStanding = Pick<
  TokenRow,
  "id" | "expiresAtMs" | "revokedAtMs"
>;

/** Reads of the token that has a hash what may change while it is used. */
export function tokenStanding(
  database: Database,
  hash: Uint8Array<ArrayBuffer>,
): TokenStanding | undefined {
  const row = database.prepare(STANDING_BY_HASH).get(hash);
  return row === undefined ? undefined : {
    id: textOf(row, "id"),
    ...timeColumn(row, "expires_at", "expiresAtMs"),
    ...timeColumn(row, "revoked_at", "revokedAtMs"),
  };
}

/** Finds a token by its id, in force or not. */
export function tokenById(
  database: Database,
  id: string,
): TokenRow | undefined {
  return rowOf(database.prepare(BY_ID).get(id));
}

/** Finds the token in force that has a name. */
export function tokenInForce(
  database: Database,
  name: string,
  nowMs: number,
): TokenRow | undefined {
  return rowOf(
    database.prepare(IN_FORCE_BY_NAME).get(name, timeText(nowMs)),
  );
}

/** Finds the newest token of a name, in force or not. */
export function newestToken(
  database: Database,
  name: string,
): TokenRow | undefined {
  return rowOf(database.prepare(NEWEST_BY_NAME).get(name));
}

/** Names of tokens in force, in their order. */
export function tokenNames(
  database: Database,
  options: { readonly nowMs: number; readonly limit: number },
): readonly string[] {
  return database.prepare(NAMES).all(timeText(options.nowMs), options.limit)
    .map((row) => textOf(row, "name"));
}

/** Says whether a token is in force, of one role or of any. */
export function hasTokenInForce(
  database: Database,
  options: { readonly nowMs: number; readonly role?: Role },
): boolean {
  const { nowMs, role = "" } = options;
  return database.prepare(ANY_IN_FORCE).get(role, role, timeText(nowMs)) !==
    undefined;
}

/** Revokes a token; says whether it was not yet. */
export function revokeToken(
  database: Database,
  id: string,
  nowMs: number,
): boolean {
  return database.prepare(REVOKE).run(timeText(nowMs), id).changes > 0;
}

/** Notes when tokens were last used; never goes back. */
export function touchTokens(
  database: Database,
  used: ReadonlyMap<string, number>,
): void {
  database.transaction(() => {
    for (const [id, usedAtMs] of used) {
      const time = timeText(usedAtMs);
      database.prepare(TOUCH).run(time, id, time);
    }
  });
}

/** Lists tokens, newest first. */
export function listTokens(
  database: Database,
  filter: { readonly includeEnded: boolean; readonly nowMs: number },
  page: { readonly size: number; readonly token: string },
): Page<TokenRow> {
  const { includeEnded, nowMs } = filter;
  const scope = ["tokens", includeEnded];
  const start = readPage({ ...page, scope }, 1);
  const after = start.after?.[0];
  const rows = database.prepare(`
    SELECT ${COLUMNS} FROM tokens
    WHERE ${includeEnded ? "?1 IS NOT NULL" : IN_FORCE.replace("?", "?1")}
    ${after === undefined ? "" : "AND id < ?3"} ORDER BY id DESC LIMIT ?2`)
    .all(
      timeText(nowMs),
      start.size + 1,
      ...(after === undefined ? [] : [after]),
    );
  const { items, nextToken } = toPage(rows, {
    start,
    scope,
    keyOf: (row) => [textOf(row, "id")],
  });
  return { items: items.map(toToken), nextToken };
}

function rowOf(row: SqlRow | undefined): TokenRow | undefined {
  return row === undefined ? undefined : toToken(row);
}

function toToken(row: SqlRow): TokenRow {
  return {
    id: textOf(row, "id"),
    name: textOf(row, "name"),
    role: roleOf(row),
    hash: bytesOf(row, "hash"),
    prefix: textOf(row, "prefix"),
    createdAtMs: timeMs(textOf(row, "created_at")),
    createdBy: textOf(row, "created_by"),
    ...timeColumn(row, "expires_at", "expiresAtMs"),
    ...timeColumn(row, "last_used_at", "lastUsedAtMs"),
    ...timeColumn(row, "revoked_at", "revokedAtMs"),
  };
}

/** A role that is none gives no rights: the schema lets none in. */
function roleOf(row: SqlRow): Role {
  const role = parseRole(textOf(row, "role"));
  if (role !== undefined) return role;
  throw new StigmerError(
    "DATA_LOSS",
    `Cannot read token "${textOf(row, "id")}": its role is none`,
  );
}

function timeColumn<Key extends string>(
  row: SqlRow,
  column: string,
  key: Key,
): { readonly [K in Key]?: number } {
  if (row[column] === null) return {};
  const found: { [K in Key]?: number } = {};
  found[key] = timeMs(textOf(row, column));
  return found;
}

function timeOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : timeText(ms);
}
