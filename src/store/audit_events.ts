/**
 * The audit: who was refused, and what those who keep a server must be able to
 * look up. Never a token's text, never a secret.
 *
 * @module
 */

import { UNTOLD_REFUSAL } from "../model/refusal.ts";
import { integerOf, textOf } from "./columns.ts";
import type { Database, SqlRow } from "./driver.ts";
import { listNewestFirst } from "./newest_first.ts";
import type { Page } from "./page.ts";

/** What the audit tells of. */
export type AuditAction =
  | "refuse"
  | "token.create"
  | "token.revoke"
  | "export"
  | "import"
  | "backup"
  | "retention"
  | "gc";

/** Every action. */
export const AUDIT_ACTIONS: readonly AuditAction[] = [
  "refuse",
  "token.create",
  "token.revoke",
  "export",
  "import",
  "backup",
  "retention",
  "gc",
];

/** Something that happened. */
export interface AuditEventRow {
  readonly timeMs: number;
  /** Empty when nobody knows. */
  readonly identity: string;
  readonly tokenId: string;
  readonly action: AuditAction;
  /** What was asked for: the name of an RPC, or of a token. */
  readonly subject: string;
  /** The code of the answer; `OK` when it went well. */
  readonly code: string;
  readonly detail: string;
  readonly remoteAddress: string;
  readonly requestId: string;
  /** How often the same happened within a minute. */
  readonly count: number;
}

/** Which events are listed. */
export interface AuditFilter {
  readonly identity?: string;
  readonly action?: AuditAction;
  readonly sinceMs?: number;
}

/** How long the same thing is one row that counts. */
const SAME_MS = 60_000;

const COLUMNS = "time_ms, identity, token_id, action, subject, code, detail, " +
  "remote_address, request_id, count";
const INSERT = `
  INSERT INTO audit_events (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const COUNT_ON = `
  UPDATE audit_events SET count = count + ?
  WHERE sequence = (
    SELECT sequence FROM audit_events
    WHERE time_ms > ? AND identity = ? AND token_id = ? AND action = ?
      AND subject = ? AND code = ? AND detail = ? AND remote_address = ?
    ORDER BY sequence DESC LIMIT 1)`;
const COUNT_SINCE = `
  SELECT count(*) AS count FROM audit_events
  WHERE time_ms > ? AND action = 'refuse'`;
const DELETE_OLDEST_REFUSALS = `
  DELETE FROM audit_events WHERE action = 'refuse' AND sequence <= (
    SELECT sequence FROM audit_events WHERE action = 'refuse'
    ORDER BY sequence DESC LIMIT 1 OFFSET ?)`;

/** Notes something that happened. */
export function insertAuditEvent(
  database: Database,
  event: AuditEventRow,
): void {
  database.prepare(INSERT).run(
    event.timeMs,
    event.identity,
    event.tokenId,
    event.action,
    event.subject,
    event.code,
    event.detail,
    event.remoteAddress,
    event.requestId,
    event.count,
  );
}

/**
 * Notes refusals: what happened within the last minute already counts on.
 *
 * @param rowsMax Rows of one minute at the most. Who is past them is told from
 * nobody: one row for each code counts the rest.
 */
export function insertRefusals(
  database: Database,
  refusals: readonly AuditEventRow[],
  rowsMax: number,
): void {
  database.transaction(() => {
    for (const it of refusals) {
      if (countsOn(database, it)) continue;
      const made = database.prepare(COUNT_SINCE).get(it.timeMs - SAME_MS);
      if (Number(made?.count) < rowsMax) {
        insertAuditEvent(database, it);
        continue;
      }
      const rest: AuditEventRow = { ...it, ...UNTOLD_REFUSAL };
      if (!countsOn(database, rest)) insertAuditEvent(database, rest);
    }
  });
}

/** Removes the oldest refusals past a number; nothing else goes. */
export function trimRefusals(database: Database, rowsMax: number): number {
  return database.prepare(DELETE_OLDEST_REFUSALS).run(rowsMax).changes;
}

function countsOn(database: Database, event: AuditEventRow): boolean {
  return database.prepare(COUNT_ON).run(
    event.count,
    event.timeMs - SAME_MS,
    event.identity,
    event.tokenId,
    event.action,
    event.subject,
    event.code,
    event.detail,
    event.remoteAddress,
  ).changes > 0;
}

/** Lists the audit, newest first. */
export function listAuditEvents(
  database: Database,
  filter: AuditFilter,
  page: { readonly size: number; readonly token: string },
): Page<AuditEventRow> {
  const { items, nextToken } = listNewestFirst(database, {
    table: "audit_events",
    columns: COLUMNS,
    scope: ["audit-events", { ...filter }],
    conditions: [
      ["identity = ?", filter.identity],
      ["action = ?", filter.action],
      ["time_ms >= ?", filter.sinceMs],
    ],
    page,
  });
  return { items: items.map(toEvent), nextToken };
}

function toEvent(row: SqlRow): AuditEventRow {
  return {
    timeMs: integerOf(row, "time_ms"),
    identity: textOf(row, "identity"),
    tokenId: textOf(row, "token_id"),
    action: actionOf(textOf(row, "action")),
    subject: textOf(row, "subject"),
    code: textOf(row, "code"),
    detail: textOf(row, "detail"),
    remoteAddress: textOf(row, "remote_address"),
    requestId: textOf(row, "request_id"),
    count: integerOf(row, "count"),
  };
}

function actionOf(text: string): AuditAction {
  return AUDIT_ACTIONS.find((it) => it === text) ?? "refuse";
}
