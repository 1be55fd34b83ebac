/**
 * The functions of SQLite that the FFI driver calls, as C declares them.
 *
 * Addresses are `usize`, which the caller has as a bigint: values of type
 * `pointer` could not be made or read without leave to call every library
 * there is. For the same reason memory is read by `memmove`, which SQLite's
 * library brings along, and not by Deno's own views.
 *
 * @module
 */

/** What says whether the others can be called at all. */
export const VERSION_FUNCTIONS = {
  sqlite3_libversion_number: { parameters: [], result: "i32" },
  sqlite3_threadsafe: { parameters: [], result: "i32" },
} as const;

/** Of the C library: what brings SQLite's memory over. */
export const MEMORY_FUNCTIONS = {
  memmove: { parameters: ["buffer", "usize", "usize"], result: "void" },
  strlen: { parameters: ["usize"], result: "usize" },
} as const;

/** SQLite itself. */
export const SQLITE_FUNCTIONS = {
  sqlite3_open_v2: {
    parameters: ["buffer", "buffer", "i32", "usize"],
    result: "i32",
  },
  sqlite3_close_v2: { parameters: ["usize"], result: "i32" },
  sqlite3_extended_result_codes: {
    parameters: ["usize", "i32"],
    result: "i32",
  },
  sqlite3_busy_timeout: { parameters: ["usize", "i32"], result: "i32" },
  sqlite3_extended_errcode: { parameters: ["usize"], result: "i32" },
  sqlite3_errmsg: { parameters: ["usize"], result: "usize" },
  sqlite3_errstr: { parameters: ["i32"], result: "usize" },
  sqlite3_get_autocommit: { parameters: ["usize"], result: "i32" },
  sqlite3_changes: { parameters: ["usize"], result: "i32" },
  sqlite3_exec: {
    parameters: ["usize", "buffer", "usize", "usize", "usize"],
    result: "i32",
  },
  sqlite3_prepare_v3: {
    parameters: ["usize", "buffer", "i32", "u32", "buffer", "usize"],
    result: "i32",
  },
  sqlite3_finalize: { parameters: ["usize"], result: "i32" },
  sqlite3_reset: { parameters: ["usize"], result: "i32" },
  sqlite3_step: { parameters: ["usize"], result: "i32" },
  sqlite3_stmt_status: { parameters: ["usize", "i32", "i32"], result: "i32" },
  sqlite3_clear_bindings: { parameters: ["usize"], result: "i32" },
  sqlite3_bind_parameter_count: { parameters: ["usize"], result: "i32" },
  sqlite3_bind_null: { parameters: ["usize", "i32"], result: "i32" },
  sqlite3_bind_int: { parameters: ["usize", "i32", "i32"], result: "i32" },
  sqlite3_bind_int64: { parameters: ["usize", "i32", "i64"], result: "i32" },
  sqlite3_bind_double: { parameters: ["usize", "i32", "f64"], result: "i32" },
  sqlite3_bind_text: {
    parameters: ["usize", "i32", "buffer", "i32", "isize"],
    result: "i32",
  },
  sqlite3_bind_blob: {
    parameters: ["usize", "i32", "buffer", "i32", "isize"],
    result: "i32",
  },
  sqlite3_bind_zeroblob: { parameters: ["usize", "i32", "i32"], result: "i32" },
  sqlite3_column_count: { parameters: ["usize"], result: "i32" },
  sqlite3_column_name: { parameters: ["usize", "i32"], result: "usize" },
  sqlite3_column_type: { parameters: ["usize", "i32"], result: "i32" },
  sqlite3_column_double: { parameters: ["usize", "i32"], result: "f64" },
  sqlite3_column_text: { parameters: ["usize", "i32"], result: "usize" },
  sqlite3_column_blob: { parameters: ["usize", "i32"], result: "usize" },
  sqlite3_column_bytes: { parameters: ["usize", "i32"], result: "i32" },
  sqlite3_backup_init: {
    parameters: ["usize", "buffer", "usize", "buffer"],
    result: "usize",
  },
  sqlite3_backup_step: { parameters: ["usize", "i32"], result: "i32" },
  sqlite3_backup_finish: { parameters: ["usize"], result: "i32" },
} as const;

/** SQLite's functions, to be called. */
export type SqliteFunctions = Deno.StaticForeignLibraryInterface<
  typeof SQLITE_FUNCTIONS
>;

/** Those of the C library. */
export type MemoryFunctions = Deno.StaticForeignLibraryInterface<
  typeof MEMORY_FUNCTIONS
>;

/** Result codes that are no errors, or that are made here. */
export const CODE = {
  ok: 0,
  error: 1,
  noMemory: 7,
  tooBig: 18,
  misuse: 21,
  row: 100,
  done: 101,
} as const;

/** No address. */
export const NULL = 0n;
