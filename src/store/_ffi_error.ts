/**
 * SQLite's own words for what went wrong, with its result code, as
 * `sqlite_error.ts` reads them.
 *
 * @module
 */

import type { StigmerError } from "../model/error.ts";
import { CODE, NULL } from "./_ffi_functions.ts";
import { readCString, type SqliteLibrary } from "./_ffi_library.ts";
import { fromSqliteError } from "./sqlite_error.ts";

class SqliteError extends Error {
  override readonly name = "SqliteError";
  readonly errcode: number;

  constructor(message: string, errcode: number) {
    super(message);
    this.errcode = errcode;
  }
}

/**
 * Makes the error of a call that has just failed.
 *
 * @param options.handle The connection, which knows more than the code.
 */
export function sqliteError(
  library: SqliteLibrary,
  options: {
    readonly path: string;
    readonly handle: bigint;
    readonly code: number;
  },
): StigmerError {
  const { path, handle, code } = options;
  const { sqlite } = library;
  // Of a misuse a connection knows nothing: its words are those of before.
  const extended = handle === NULL || code === CODE.misuse
    ? code
    : sqlite.sqlite3_extended_errcode(handle);
  const isOfThis = handle !== NULL && (extended & 0xff) === (code & 0xff) &&
    code !== CODE.misuse;
  const text = readCString(
    library,
    isOfThis ? sqlite.sqlite3_errmsg(handle) : sqlite.sqlite3_errstr(code),
  );
  return fromSqliteError(
    path,
    new SqliteError(text, isOfThis ? extended : code),
  );
}

/** Makes the error of a misuse that SQLite was not asked about. */
export function misuse(path: string, message: string): StigmerError {
  return fromSqliteError(path, new Error(message));
}
