/**
 * The seam to SQLite: the few things that the store asks of a driver.
 *
 * `node_driver.ts` stands behind it; another one (FFI to a system library)
 * can, without a change elsewhere.
 *
 * @module
 */

/** A value as SQLite stores it. */
export type SqlValue =
  | null
  | number
  | bigint
  | string
  | Uint8Array<ArrayBuffer>;

/** A row by column name. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** A prepared statement, kept for the life of its database. */
export interface Statement {
  /** Runs it and says how many rows it changed. */
  run(...values: readonly SqlValue[]): { readonly changes: number };
  /** Its first row, or `undefined`. */
  get(...values: readonly SqlValue[]): SqlRow | undefined;
  /** All its rows. */
  all(...values: readonly SqlValue[]): readonly SqlRow[];
}

/** An open database. */
export interface Database extends Disposable {
  /** Path of its file. */
  readonly path: string;
  /** Prepares a statement, or returns the one prepared before. */
  prepare(sql: string): Statement;
  /** Runs statements without values, as a migration. */
  execute(sql: string): void;
  /**
   * Runs a function inside `BEGIN IMMEDIATE … COMMIT`, and rolls back when it
   * throws. Inside another transaction it is part of that one.
   */
  transaction<T>(work: () => T): T;
  /** Closes it; a second call is fine. */
  close(): void;
}
