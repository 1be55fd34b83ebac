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
import { messageOf, StigmerError } from "../model/error.ts";
import { copyPages } from "./_ffi_backup.ts";
import {
  type Connection,
  openConnection,
  STATEMENTS_MAX,
} from "./_ffi_connection.ts";
import { loadSqlite, unfit } from "./_ffi_library.ts";
import { FfiStatement } from "./_ffi_statement.ts";
import type { Database, Driver, Statement } from "./driver.ts";

/** As many are kept before it matters which one was used last. */
const STATEMENTS_ORDERED_MIN = 192;

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
 * FAILED_PRECONDITION when it cannot be used.
 */
export async function loadFfiDriver(
  host: Host,
  library?: string,
): Promise<Driver> {
  const loaded = await loadSqlite(host, library);
  const driver: Driver = {
    name: "ffi",
    library: loaded.path,
    open: (path, options) =>
      new FfiDatabase(driver, openConnection(loaded, { path, ...options })),
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

class FfiDatabase implements Database {
  readonly driver: Driver;
  readonly path: string;
  readonly #connection: Connection;
  readonly #statements: Map<string, FfiStatement> = new Map();

  constructor(driver: Driver, connection: Connection) {
    this.driver = driver;
    this.path = connection.path;
    this.#connection = connection;
  }

  prepare(sql: string): Statement {
    const kept = this.#statements.get(sql);
    if (kept !== undefined) {
      // With room for many more, none goes for a while: their order is nothing.
      if (this.#statements.size > STATEMENTS_ORDERED_MIN) {
        this.#statements.delete(sql);
        this.#statements.set(sql, kept);
      }
      return kept;
    }
    const made = new FfiStatement(this.#connection, sql);
    this.#statements.set(sql, made);
    if (this.#statements.size > STATEMENTS_MAX) this.#forgetOldest();
    return made;
  }

  execute(sql: string): void {
    this.#connection.execute(sql);
  }

  transaction<T>(work: () => T): T {
    if (this.#connection.isTransaction) return work();
    this.prepare("BEGIN IMMEDIATE").run();
    try {
      const result = work();
      if (result instanceof Promise) throw asynchronousTransaction();
      this.prepare("COMMIT").run();
      return result;
    } catch (error) {
      // A full disk has rolled back already, and a second ROLLBACK fails.
      if (this.#connection.isTransaction) this.prepare("ROLLBACK").run();
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #forgetOldest(): void {
    for (const [sql, statement] of this.#statements) {
      this.#statements.delete(sql);
      statement.release();
      return;
    }
  }
}

function asynchronousTransaction(): StigmerError {
  return new StigmerError(
    "INTERNAL",
    "Cannot run an asynchronous function in a transaction",
  );
}
