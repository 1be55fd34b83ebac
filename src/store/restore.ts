/**
 * What a restore asks of databases: whether a file may be one, what it is, who
 * has the one open that it replaces, and that this is one file alone.
 *
 * @module
 */

import type { WorkerRecord } from "../model/run.ts";
import type { Database } from "./driver.ts";
import { standardDriver, type WithDriver } from "./drivers.ts";
import { listWorkers } from "./leases.ts";
import { APPLICATION_ID } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";

/** How long others have to let go of a database. */
const BUSY_TIMEOUT_MS = 1000;
/** Bytes of the start of a file that say whether it is Stigmer's. */
export const HEAD_BYTES = 100;

const MAGIC = "SQLite format 3\0";
const APPLICATION_ID_AT = 68;
/** What makes a database worth asking before it is replaced. */
const CONTENTS = [
  "agents",
  "workflows",
  "environments",
  "mcp_servers",
  "skills",
  "agent_executions",
  "workflow_executions",
  "vault_keys",
] as const;

/** Whether a file that starts so may be a database of Stigmer's. */
export function isStigmerHead(head: Uint8Array<ArrayBuffer>): boolean {
  if (head.length < HEAD_BYTES) return false;
  const magic = new TextDecoder().decode(head.subarray(0, MAGIC.length));
  const id = new DataView(head.buffer, head.byteOffset)
    .getInt32(APPLICATION_ID_AT);
  return magic === MAGIC && id === APPLICATION_ID;
}

/** The newest schema that this release knows. */
export function newestSchema(): number {
  return MIGRATIONS.at(-1)?.version ?? 0;
}

/** What a database says of itself before it is replaced. */
export interface Replaced {
  /** Whether there is anything in it. */
  readonly holdsSomething: boolean;
  readonly workers: readonly WorkerRecord[];
}

/**
 * Looks into the database that is to be replaced, and leaves beside it what
 * was there before.
 *
 * @param options.hasLog Whether its log is beside it.
 * @returns `undefined` where it cannot be read.
 */
export function lookAtReplaced(
  path: string,
  { hasLog, driver }: WithDriver & { readonly hasLog: boolean },
): Replaced | undefined {
  try {
    // Who may only read makes a log where there is none, and cannot remove it;
    // who may write would bring one that is there into the file.
    using database = (driver ?? standardDriver()).open(path, {
      readonly: hasLog,
    });
    database.prepare("PRAGMA query_only = ON").run();
    return {
      holdsSomething: CONTENTS.some((table) => hasRow(database, table)),
      workers: listWorkers(database),
    };
  } catch {
    return undefined;
  }
}

function hasRow(database: Database, table: string): boolean {
  const known = database.prepare(
    "SELECT 1 AS one FROM sqlite_schema WHERE type = 'table' AND name = ?",
  ).get(table);
  if (known === undefined) return false;
  const row = database.prepare(`SELECT 1 AS one FROM ${table} LIMIT 1`).get();
  return row !== undefined;
}

/**
 * Brings what stands in the log of a database into its file, so that this is
 * all there is. It works only while nobody else has it open.
 *
 * @throws {StigmerError} UNAVAILABLE while somebody has, and whatever SQLite
 * says of one that is damaged.
 */
export function settleDatabase(
  path: string,
  { driver }: WithDriver = {},
): void {
  using database = (driver ?? standardDriver()).open(path, {
    busyTimeoutMs: BUSY_TIMEOUT_MS,
  });
  database.prepare("PRAGMA journal_mode = DELETE").get();
}
