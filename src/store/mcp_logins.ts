/**
 * Logins to tool servers: those that there are, and those that were begun.
 * What is secret of them is sealed under the ids that stand here.
 *
 * @module
 */

import { textListOf, textOf } from "./columns.ts";
import type { Database, SqlRow } from "./driver.ts";
import { deleteSealed } from "./sealed_values.ts";
import { timeMs, timeText } from "./time.ts";

/** A login as it is kept. */
export interface LoginRow {
  /** How the server is reached, in words, and as which client. */
  readonly server: string;
  /** Whose sealed values its tokens are. */
  readonly ownerId: string;
  readonly scopes: readonly string[];
  /** When its access ends; absent where that is not known. */
  readonly expiresAtMs?: number;
  /** Whether it is renewed by itself then. */
  readonly isRenewable: boolean;
  /** Whether it is good for nothing any more. */
  readonly hasEnded: boolean;
  readonly updatedAtMs: number;
  readonly updatedBy: string;
}

/** A login that was begun. */
export interface BegunLoginRow {
  readonly id: string;
  readonly server: string;
  /** Who began it, and may end it. */
  readonly identity: string;
  readonly createdAtMs: number;
}

/** How long a login that was begun can be ended. */
const BEGUN_MS_MAX: number = 10 * 60_000;
const FIND = "SELECT * FROM mcp_logins WHERE server = ?";
const BY_OWNER = "SELECT * FROM mcp_logins WHERE owner_id = ?";
const PUT = `
  INSERT INTO mcp_logins (server, owner_id, scopes, expires_at, renewable,
    ended, updated_at, updated_by)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (server) DO UPDATE SET scopes = excluded.scopes,
    expires_at = excluded.expires_at, renewable = excluded.renewable,
    ended = excluded.ended, updated_at = excluded.updated_at,
    updated_by = excluded.updated_by`;
const DELETE = "DELETE FROM mcp_logins WHERE server = ? RETURNING owner_id";
const BEGIN = `
  INSERT INTO mcp_logins_begun (id, server, identity, created_at)
  VALUES (?, ?, ?, ?)`;
const BEGUN = "SELECT * FROM mcp_logins_begun WHERE id = ?";
const COUNT_BEGUN = `
  SELECT count(*) AS count FROM mcp_logins_begun WHERE identity = ?`;
const END = "DELETE FROM mcp_logins_begun WHERE id = ? RETURNING id";
const END_OLD = `
  DELETE FROM mcp_logins_begun WHERE created_at <= ? RETURNING id`;

/** Finds the login to a server. */
export function findLogin(
  database: Database,
  server: string,
): LoginRow | undefined {
  const row = database.prepare(FIND).get(server);
  return row === undefined ? undefined : toLogin(row);
}

/** Finds the login whose sealed values an owner has. */
export function loginOfOwner(
  database: Database,
  ownerId: string,
): LoginRow | undefined {
  const row = database.prepare(BY_OWNER).get(ownerId);
  return row === undefined ? undefined : toLogin(row);
}

/** Stores a login; the one of the same server keeps its owner. */
export function putLogin(database: Database, row: LoginRow): void {
  const { expiresAtMs } = row;
  database.prepare(PUT).run(
    row.server,
    row.ownerId,
    JSON.stringify(row.scopes),
    expiresAtMs === undefined ? null : timeText(expiresAtMs),
    Number(row.isRenewable),
    Number(row.hasEnded),
    timeText(row.updatedAtMs),
    row.updatedBy,
  );
}

/** Deletes a login with all that is sealed of it; says whether it was there. */
export function deleteLogin(database: Database, server: string): boolean {
  const row = database.prepare(DELETE).get(server);
  if (row === undefined) return false;
  deleteSealed(database, textOf(row, "owner_id"));
  return true;
}

/** Stores a login that was begun. */
export function insertBegun(database: Database, row: BegunLoginRow): void {
  database.prepare(BEGIN).run(
    row.id,
    row.server,
    row.identity,
    timeText(row.createdAtMs),
  );
}

/** Finds a login that was begun. */
export function findBegun(
  database: Database,
  id: string,
): BegunLoginRow | undefined {
  const row = database.prepare(BEGUN).get(id);
  return row === undefined ? undefined : {
    id: textOf(row, "id"),
    server: textOf(row, "server"),
    identity: textOf(row, "identity"),
    createdAtMs: timeMs(textOf(row, "created_at")),
  };
}

/** Counts the logins that somebody began and did not end. */
export function countBegun(database: Database, identity: string): number {
  return Number(database.prepare(COUNT_BEGUN).get(identity)?.count ?? 0);
}

/** Ends a login that was begun; only one of several who try it does. */
export function endBegun(database: Database, id: string): boolean {
  const row = database.prepare(END).get(id);
  if (row === undefined) return false;
  deleteSealed(database, id);
  return true;
}

/** Forgets those that were begun too long ago to be ended. */
export function endOldBegun(database: Database, nowMs: number): void {
  const untilMs = nowMs - BEGUN_MS_MAX;
  database.transaction(() => {
    for (const row of database.prepare(END_OLD).all(timeText(untilMs))) {
      deleteSealed(database, textOf(row, "id"));
    }
  });
}

function toLogin(row: SqlRow): LoginRow {
  const expiresAt = row.expires_at;
  return {
    server: textOf(row, "server"),
    ownerId: textOf(row, "owner_id"),
    scopes: textListOf(row, "scopes"),
    ...(typeof expiresAt === "string"
      ? { expiresAtMs: timeMs(expiresAt) }
      : {}),
    isRenewable: row.renewable === 1,
    hasEnded: row.ended === 1,
    updatedAtMs: timeMs(textOf(row, "updated_at")),
    updatedBy: textOf(row, "updated_by"),
  };
}
