/**
 * The audit of secrets: who opened which for what. Names, never values.
 *
 * @module
 */

import { integerOf, textOf } from "./columns.ts";
import type { Database, SqlRow } from "./driver.ts";
import { listNewestFirst } from "./newest_first.ts";
import type { Page } from "./page.ts";

/** What a secret was opened for. */
export type SecretPurpose = "use" | "mask" | "reveal" | "export";

/** Every purpose. */
export const SECRET_PURPOSES: readonly SecretPurpose[] = [
  "use",
  "mask",
  "reveal",
  "export",
];

/** One opening of a secret. */
export interface SecretAccess {
  readonly timeMs: number;
  readonly identity: string;
  readonly name: string;
  /** Id of the environment or the execution that it was sealed for, or `process`. */
  readonly origin: string;
  /** Empty when a person read it. */
  readonly executionId: string;
  /** The task; empty when it was opened only to be masked. */
  readonly path: string;
  readonly purpose: SecretPurpose;
}

/** Which openings are listed. */
export interface AccessFilter {
  readonly executionId?: string;
  readonly origin?: string;
  readonly name?: string;
  readonly purpose?: SecretPurpose;
  readonly sinceMs?: number;
}

const COLUMNS = "time_ms, identity, name, origin, execution_id, path, purpose";
const INSERT = `
  INSERT INTO secret_accesses (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`;

/** Notes openings, all of them or none. */
export function insertAccesses(
  database: Database,
  accesses: readonly SecretAccess[],
): void {
  if (accesses.length === 0) return;
  database.transaction(() => {
    for (const it of accesses) {
      database.prepare(INSERT).run(
        it.timeMs,
        it.identity,
        it.name,
        it.origin,
        it.executionId,
        it.path,
        it.purpose,
      );
    }
  });
}

/** Lists openings, newest first. */
export function listAccesses(
  database: Database,
  filter: AccessFilter,
  page: { readonly size: number; readonly token: string },
): Page<SecretAccess> {
  const { items, nextToken } = listNewestFirst(database, {
    table: "secret_accesses",
    columns: COLUMNS,
    scope: ["secret-accesses", { ...filter }],
    conditions: [
      ["execution_id = ?", filter.executionId],
      ["origin = ?", filter.origin],
      ["name = ?", filter.name],
      ["purpose = ?", filter.purpose],
      ["time_ms >= ?", filter.sinceMs],
    ],
    page,
  });
  return { items: items.map(toAccess), nextToken };
}

function toAccess(row: SqlRow): SecretAccess {
  return {
    timeMs: integerOf(row, "time_ms"),
    identity: textOf(row, "identity"),
    name: textOf(row, "name"),
    origin: textOf(row, "origin"),
    executionId: textOf(row, "execution_id"),
    path: textOf(row, "path"),
    purpose: purposeOf(textOf(row, "purpose")),
  };
}

function purposeOf(text: string): SecretPurpose {
  return SECRET_PURPOSES.find((it) => it === text) ?? "use";
}
