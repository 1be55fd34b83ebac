/**
 * Opens the database of a home folder: makes it when it is not there, refuses
 * what is not Stigmer's without touching it, and migrates it.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";
import type { Database, Driver } from "./driver.ts";
import { holdFile, standardDriver, type WithDriver } from "./drivers.ts";
import { APPLICATION_ID, migrate } from "./migrate.ts";
import { type Migration, MIGRATIONS } from "./migrations.ts";
import { fileError } from "./file_error.ts";
import { sqliteCode } from "./sqlite_error.ts";
import { giveBackPages } from "./vacuum.ts";

/** How a store is opened. */
export interface OpenStoreOptions extends WithDriver {
  readonly host: Host;
  /** How long a statement waits for another process's lock; default 5 s. */
  readonly busyTimeoutMs?: number;
  /** The migrations to bring it to; default all of this release. */
  readonly migrations?: readonly Migration[];
}

/** An open store. */
export interface Store extends Disposable {
  readonly database: Database;
  /** Path of its file. */
  readonly path: string;
  /** The newest migration applied. */
  readonly schemaVersion: number;
  /** Name and version of what stores it, as `SQLite 3.53.0`. */
  readonly engine: string;
  /** What opened it. */
  readonly driver: Driver;
  /** Size of the database in bytes. */
  sizeBytes(): number;
  /** Reads all of it and says "ok", or what is wrong, a line each. */
  checkIntegrity(): string;
  /** Closes it; a second call is fine. */
  close(): void;
}

/** SQLite's result code for a file that it cannot open. */
const CANNOT_OPEN_CODE = 14;
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/**
 * Opens the store in a database file.
 *
 * @throws {StigmerError} with path and way out: FAILED_PRECONDITION for a file
 * that is another application's, no database, of a newer release, read-only or
 * open in this process by another driver; DATA_LOSS for a corrupt one;
 * RESOURCE_EXHAUSTED for a full disk; PERMISSION_DENIED; INVALID_ARGUMENT for a
 * folder. Nothing is changed then.
 */
export function openStore(path: string, options: OpenStoreOptions): Store {
  prepareFile(path, options.host);
  const driver = options.driver ?? standardDriver();
  using opening = new DisposableStack();
  const hold = opening.use(holdFile(options.host, path, driver));
  const database = driver.open(path, {
    ...(options.busyTimeoutMs === undefined
      ? {}
      : { busyTimeoutMs: options.busyTimeoutMs }),
  });
  try {
    refuseForeign(database);
    setPragmas(database);
    const schemaVersion = migrate(database, {
      migrations: options.migrations ?? MIGRATIONS,
      clock: options.host.clock,
    });
    const store = storeOf(database, schemaVersion, hold);
    opening.move();
    return store;
  } catch (error) {
    database.close();
    throw sqliteCode(error) === CANNOT_OPEN_CODE
      ? reasonOf(path, options.host, error)
      : error;
  }
}

/**
 * Finds out why SQLite could not open a file that is there: in a place that
 * cannot be written it fails at the index of its log, without a reason. The
 * system gives one to whoever tries to make that file.
 */
function reasonOf(path: string, host: Host, error: unknown): unknown {
  try {
    host.files.createNew(`${path}-shm`, { mode: FILE_MODE });
    return error;
  } catch (reason) {
    return fileError(path, reason);
  }
}

function storeOf(
  database: Database,
  schemaVersion: number,
  hold: Disposable,
): Store {
  let open = true;
  function close(): void {
    if (!open) return;
    open = false;
    giveBackPages(database);
    database.close();
    hold[Symbol.dispose]();
  }
  return {
    database,
    path: database.path,
    schemaVersion,
    driver: database.driver,
    get engine() {
      const row = database.prepare("SELECT sqlite_version() AS version").get();
      return `SQLite ${row?.version}`;
    },
    checkIntegrity: () =>
      database.prepare("PRAGMA integrity_check").all()
        .map((row) => String(row.integrity_check)).join("\n"),
    sizeBytes: () =>
      pragma(database, "page_count") * pragma(database, "page_size"),
    close,
    [Symbol.dispose]: close,
  };
}

/** Makes the file before SQLite does, which would give it mode 0644. */
function prepareFile(path: string, host: Host): void {
  try {
    const info = host.files.stat(path);
    if (info === undefined) {
      makeDirectoryOf(path, host);
      host.files.createNew(path, { mode: FILE_MODE });
    } else if (info.kind !== "file") {
      throw notAFile(path, info.kind);
    }
  } catch (error) {
    throw fileError(path, error);
  }
}

function makeDirectoryOf(path: string, host: Host): void {
  const folder = path.replace(/[^/\\]*$/, "").replace(/(?<=.)[/\\]+$/, "");
  if (folder === "" || host.files.stat(folder) !== undefined) return;
  host.files.makeDirectory(folder, { mode: DIRECTORY_MODE });
}

/**
 * Leaves files alone that Stigmer did not make, an empty one excepted.
 *
 * The schema is looked at first: another process may be making the database
 * right now, which gives it schema and application id at once.
 */
function refuseForeign(database: Database): void {
  const count = database.prepare("SELECT count(*) AS count FROM sqlite_schema")
    .get();
  if (Number(count?.count) === 0) return;
  if (pragma(database, "application_id") === APPLICATION_ID) return;
  throw new StigmerError(
    "FAILED_PRECONDITION",
    `Cannot open database "${database.path}": it is an SQLite database of ` +
      "another application",
    { hints: ["Choose another --home, or move the file away"] },
  );
}

/**
 * Sets what belongs to the file or the connection.
 *
 * `auto_vacuum` only takes while the file is empty. The journal mode is asked
 * for only when it is another one, as setting it takes an exclusive lock.
 */
function setPragmas(database: Database): void {
  if (textPragma(database, "journal_mode") !== "wal") {
    database.execute("PRAGMA auto_vacuum = INCREMENTAL");
    database.execute("PRAGMA journal_mode = WAL");
  }
  database.execute("PRAGMA synchronous = FULL");
}

function pragma(database: Database, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function textPragma(database: Database, name: string): string {
  return String(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function notAFile(path: string, kind: string): StigmerError {
  const what = kind === "directory" ? "a folder" : "no regular file";
  return new StigmerError(
    "INVALID_ARGUMENT",
    `Cannot open database "${path}": it is ${what}`,
    { hints: ["Name the database file itself, or choose another --home"] },
  );
}
