/**
 * A connection of the FFI driver: opened, asked and closed.
 *
 * @module
 */

import type { StigmerError } from "../model/error.ts";
import { BUSY_TIMEOUT_MS_DEFAULT, STATEMENTS_MAX } from "./_driver_core.ts";
import { toCString } from "./_ffi_binding.ts";
import { misuse, sqliteError } from "./_ffi_error.ts";
import { CODE, NULL } from "./_ffi_functions.ts";
import type { SqliteLibrary } from "./_ffi_library.ts";
import type { OpenDatabaseOptions } from "./driver.ts";

/** `SQLITE_OPEN_…`: how a file is opened. */
const OPEN_READONLY = 0x1;
const OPEN_READWRITE = 0x2;
const OPEN_CREATE = 0x4;
/** No lock of its own: only one thread ever uses a connection. */
const OPEN_NOMUTEX = 0x8000;

/** What is prepared, and can be let go. */
export interface Prepared {
  release(): void;
}

/** An address that a function writes. */
export type AddressOut = BigUint64Array<ArrayBuffer>;

/** A connection, open until it is closed. */
export class Connection {
  readonly library: SqliteLibrary;
  readonly path: string;
  /** What is prepared, in the order of that: gone before the connection is. */
  readonly prepared: Set<Prepared> = new Set();
  #handle: bigint;

  constructor(library: SqliteLibrary, path: string, handle: bigint) {
    this.library = library;
    this.path = path;
    this.#handle = handle;
  }

  /** Whether {@linkcode close} was not called yet. */
  get isOpen(): boolean {
    return this.#handle !== NULL;
  }

  /**
   * Its address.
   *
   * @throws {StigmerError} When it is closed.
   */
  get handle(): bigint {
    if (this.#handle === NULL) throw misuse(this.path, "database is not open");
    return this.#handle;
  }

  /** Whether a transaction is open. */
  get isTransaction(): boolean {
    return this.library.sqlite.sqlite3_get_autocommit(this.handle) === 0;
  }

  /** Takes in what was prepared; the one of longest ago goes for too many. */
  keep(made: Prepared): void {
    this.prepared.add(made);
    if (this.prepared.size <= STATEMENTS_MAX) return;
    for (const oldest of this.prepared) return oldest.release();
  }

  /** Runs statements without values, one after another. */
  execute(sql: string): void {
    const text = toCString(withoutNul(this.path, sql));
    this.check(
      this.library.sqlite.sqlite3_exec(this.handle, text, NULL, NULL, NULL),
    );
  }

  /** @throws {StigmerError} When a call failed. */
  check(code: number): void {
    if (code !== CODE.ok) throw this.errorOf(code);
  }

  /** Makes the error of the call that has just failed. */
  errorOf(code: number): StigmerError {
    const { library, path } = this;
    return sqliteError(library, { path, handle: this.#handle, code });
  }

  /** Closes it and all its statements; a second call is fine. */
  close(): void {
    for (const it of this.prepared) it.release();
    const handle = this.#handle;
    this.#handle = NULL;
    if (handle !== NULL) this.library.sqlite.sqlite3_close_v2(handle);
  }
}

/**
 * Opens a connection to a database file.
 *
 * @throws {StigmerError} When SQLite cannot.
 */
export function openConnection(
  library: SqliteLibrary,
  { path, readonly = false, busyTimeoutMs = BUSY_TIMEOUT_MS_DEFAULT }:
    & OpenDatabaseOptions
    & { readonly path: string },
): Connection {
  const { sqlite } = library;
  const flags = readonly ? OPEN_READONLY : OPEN_READWRITE | OPEN_CREATE;
  const out: AddressOut = new BigUint64Array(1);
  const code = sqlite.sqlite3_open_v2(
    toCString(withoutNul(path, path)),
    new Uint8Array(out.buffer),
    flags | OPEN_NOMUTEX,
    NULL,
  );
  const connection = new Connection(library, path, out[0] ?? NULL);
  try {
    connection.check(code);
    const { handle } = connection;
    connection.check(sqlite.sqlite3_extended_result_codes(handle, 1));
    connection.check(sqlite.sqlite3_busy_timeout(handle, busyTimeoutMs));
    connection.execute("PRAGMA foreign_keys = ON");
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Refuses what C would take for shorter than it is. */
export function withoutNul(path: string, text: string): string {
  if (!text.includes("\0")) return text;
  throw misuse(path, "a NUL character is in the statement or the path");
}
