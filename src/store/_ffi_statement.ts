/**
 * A statement of the FFI driver: prepared when it is first used, let go and
 * prepared again as its database sees fit.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import { bindValue, toCString } from "./_ffi_binding.ts";
import {
  type AddressOut,
  type Connection,
  withoutNul,
} from "./_ffi_connection.ts";
import { misuse } from "./_ffi_error.ts";
import { CODE, NULL, type SqliteFunctions } from "./_ffi_functions.ts";
import { readCString } from "./_ffi_library.ts";
import { type Columns, readRow, RowError } from "./_ffi_row.ts";
import type { SqlRow, SqlValue, Statement } from "./driver.ts";
import { fromSqliteError } from "./sqlite_error.ts";

/** `SQLITE_PREPARE_PERSISTENT`: it is kept and used again. */
const PREPARE_PERSISTENT = 1;
/** `SQLITE_STMTSTATUS_REPREPARE`: how often the schema had changed. */
const STATUS_REPREPARE = 5;

/** A statement of a connection. */
export class FfiStatement implements Statement {
  readonly #connection: Connection;
  readonly #sqlite: SqliteFunctions;
  readonly #sql: string;
  /** What SQLite reads while the statement runs. */
  readonly #held: Uint8Array<ArrayBuffer>[] = [];
  #handle = NULL;
  #count = 0;
  #columns: Columns = { names: [], hasTwins: false };
  #columnsOf = -1;

  /** @throws {StigmerError} When it cannot be prepared. */
  constructor(connection: Connection, sql: string) {
    this.#connection = connection;
    this.#sqlite = connection.library.sqlite;
    this.#sql = sql;
    this.#prepare();
  }

  run(...values: readonly SqlValue[]): { readonly changes: number } {
    const handle = this.#bound(values);
    try {
      let code = this.#sqlite.sqlite3_step(handle);
      while (code === CODE.row) code = this.#sqlite.sqlite3_step(handle);
      if (code !== CODE.done) throw this.#connection.errorOf(code);
      const changes = this.#sqlite.sqlite3_changes(this.#connection.handle);
      return { changes };
    } finally {
      this.#rest(handle);
    }
  }

  get(...values: readonly SqlValue[]): SqlRow | undefined {
    const handle = this.#bound(values);
    try {
      const code = this.#sqlite.sqlite3_step(handle);
      if (code === CODE.row) return this.#row(handle);
      if (code !== CODE.done) throw this.#connection.errorOf(code);
      return undefined;
    } finally {
      this.#rest(handle);
    }
  }

  all(...values: readonly SqlValue[]): readonly SqlRow[] {
    const handle = this.#bound(values);
    const rows: SqlRow[] = [];
    try {
      let code = this.#sqlite.sqlite3_step(handle);
      while (code === CODE.row) {
        rows.push(this.#row(handle));
        code = this.#sqlite.sqlite3_step(handle);
      }
      if (code !== CODE.done) throw this.#connection.errorOf(code);
      return rows;
    } finally {
      this.#rest(handle);
    }
  }

  /** Lets go of what SQLite keeps for it; whoever still uses it gets it anew. */
  release(): void {
    const handle = this.#handle;
    this.#handle = NULL;
    this.#connection.prepared.delete(this);
    if (handle !== NULL) this.#sqlite.sqlite3_finalize(handle);
  }

  #prepare(): void {
    const { path, handle } = this.#connection;
    const text = toCString(withoutNul(path, this.#sql));
    const out: AddressOut = new BigUint64Array(1);
    this.#connection.check(
      this.#sqlite.sqlite3_prepare_v3(
        handle,
        text,
        text.length,
        PREPARE_PERSISTENT,
        new Uint8Array(out.buffer),
        NULL,
      ),
    );
    this.#handle = out[0] ?? NULL;
    if (this.#handle === NULL) throw misuse(path, "there is no statement");
    this.#count = this.#sqlite.sqlite3_bind_parameter_count(this.#handle);
    this.#columnsOf = -1;
    this.#connection.keep(this);
  }

  /** Gives the statement its values, and its address. */
  #bound(values: readonly SqlValue[]): bigint {
    // Nothing may be called on what a closed connection has taken along.
    if (!this.#connection.isOpen) {
      throw misuse(this.#connection.path, "statement has been finalized");
    }
    if (values.length !== this.#count) {
      throw new StigmerError(
        "INTERNAL",
        `Cannot run "${this.#sql}": it takes ${this.#count} values, ` +
          `${values.length} given`,
      );
    }
    if (this.#handle === NULL) this.#prepare();
    const handle = this.#handle;
    try {
      for (let i = 0; i < values.length; i++) {
        const to = { handle, place: i + 1 };
        const code = bindValue(this.#sqlite, to, values[i], this.#held);
        if (code !== CODE.ok) throw this.#connection.errorOf(code);
      }
    } catch (error) {
      this.#rest(handle);
      throw error;
    }
    return handle;
  }

  /** Makes it ready for the next time, whatever became of this one. */
  #rest(handle: bigint): void {
    this.#sqlite.sqlite3_reset(handle);
    if (this.#held.length === 0) return;
    // Before they go: their addresses mean nothing any more.
    this.#sqlite.sqlite3_clear_bindings(handle);
    this.#held.length = 0;
  }

  #row(handle: bigint): SqlRow {
    const { library, path } = this.#connection;
    try {
      return readRow(library, handle, this.#columnsNow(handle));
    } catch (error) {
      throw error instanceof RowError
        ? this.#connection.errorOf(error.code)
        : fromSqliteError(path, error);
    }
  }

  /** Its columns, which a change of the schema may change. */
  #columnsNow(handle: bigint): Columns {
    const prepared = this.#sqlite.sqlite3_stmt_status(
      handle,
      STATUS_REPREPARE,
      0,
    );
    if (prepared === this.#columnsOf) return this.#columns;
    const { library } = this.#connection;
    const names = Array.from(
      { length: this.#sqlite.sqlite3_column_count(handle) },
      (_, i) =>
        readCString(library, this.#sqlite.sqlite3_column_name(handle, i)),
    );
    this.#columns = { names, hasTwins: new Set(names).size < names.length };
    this.#columnsOf = prepared;
    return this.#columns;
  }
}
