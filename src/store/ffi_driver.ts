/**
 * The driver over a library of the system, called by FFI: the twin of
 * `node_driver.ts` for those who must use the SQLite of their system.
 *
 * A wrong address would end the process, so each is checked where it is made:
 * nothing is called on a statement or a connection that is closed, and what
 * SQLite reads later is held until then.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { invalidArgument, messageOf, StigmerError } from "../model/error.ts";
import { type Handle, HandledDatabase } from "./_driver_core.ts";
import { copyPages } from "./_ffi_backup.ts";
import { type Connection, openConnection } from "./_ffi_connection.ts";
import { loadSqlite, unfit } from "./_ffi_library.ts";
import { FfiStatement } from "./_ffi_statement.ts";
import type { Database, Driver } from "./driver.ts";

/** What a library may have been made without, and what gives a row with it. */
const NEEDED: readonly (readonly [what: string, sql: string])[] = [
  ["JSON", "SELECT json_set('{}', '$.a', 1), json_valid('{}')"],
  ["tables of JSON", "SELECT value FROM json_each('[1]')"],
  ["foreign keys", "PRAGMA foreign_keys"],
  ["write-ahead logs", "PRAGMA wal_autocheckpoint"],
  ["incremental vacuum", "PRAGMA auto_vacuum"],
];
const NEEDED_TABLE =
  "CREATE TABLE needed (a TEXT PRIMARY KEY, b TEXT GENERATED ALWAYS AS " +
  "(json_extract(a, '$.b')) STORED) STRICT, WITHOUT ROWID";

/**
 * Loads the library of the system, and checks that it will do.
 *
 * @param library Its path; without it, where the system has it.
 * @throws {StigmerError} PERMISSION_DENIED when this process may not call it;
 * INVALID_ARGUMENT when one that is given cannot be used, FAILED_PRECONDITION
 * when that of the system cannot.
 */
export async function loadFfiDriver(
  host: Host,
  library?: string,
): Promise<Driver> {
  try {
    return await loadFrom(host, library);
  } catch (error) {
    throw library === undefined ? error : asArgument(error);
  }
}

/** One that somebody named is a setting that cannot be what it is. */
function asArgument(error: unknown): unknown {
  if (!(error instanceof StigmerError)) return error;
  if (error.code !== "FAILED_PRECONDITION") return error;
  const { message, hints, cause } = error;
  return invalidArgument(message, { hints, cause });
}

async function loadFrom(
  host: Host,
  library: string | undefined,
): Promise<Driver> {
  const loaded = await loadSqlite(host, library);
  const driver: Driver = {
    name: "ffi",
    library: loaded.path,
    open: (path, options) =>
      new HandledDatabase(
        handleOf(driver, openConnection(loaded, { path, ...options })),
      ),
    copy: (from, to, pause) => copyPages(loaded, { from, to, pause }),
  };
  checkNeeded(driver, loaded.path);
  return driver;
}

/** Tries what the store cannot do without. */
function checkNeeded(driver: Driver, library: string): void {
  using database = driver.open(":memory:");
  for (const [what, sql] of NEEDED) {
    if (!givesRow(database, sql)) {
      throw unfit(library, `it was made without ${what}`);
    }
  }
  try {
    database.execute(NEEDED_TABLE);
  } catch (error) {
    throw unfit(library, messageOf(error), error);
  }
}

function givesRow(database: Database, sql: string): boolean {
  try {
    return database.prepare(sql).get() !== undefined;
  } catch {
    return false;
  }
}

function handleOf(
  driver: Driver,
  connection: Connection,
): Handle<FfiStatement> {
  return {
    driver,
    path: connection.path,
    prepare: (sql) => new FfiStatement(connection, sql),
    release: (statement) => statement.release(),
    execute: (sql) => connection.execute(sql),
    isTransaction: () => connection.isTransaction,
    close: () => connection.close(),
  };
}
