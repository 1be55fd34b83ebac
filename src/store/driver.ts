/**
 * The seam to SQLite: the few things that the store asks of a driver.
 *
 * `node_driver.ts` and `ffi_driver.ts` stand behind it; `drivers.ts` chooses.
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
  /**
   * What opened it. Whatever else opens the same file in this process must be
   * the same: when one of two SQLite libraries closes a file, the system frees
   * the locks of the other.
   */
  readonly driver: Driver;
  /** Prepares a statement, or returns the one prepared before. */
  prepare(sql: string): Statement;
  /** Runs statements without values, as a migration. */
  execute(sql: string): void;
  /**
   * Runs a function inside `BEGIN IMMEDIATE … COMMIT`, and rolls back when it
   * throws. Inside another transaction it is part of that one.
   */
  transaction<T>(work: () => T): T;
  /**
   * The same without a wait for the disk. Other processes see it at once, and
   * the death of this one takes nothing back; a power cut may, unless something
   * was committed after it. For what only says who is here.
   */
  unsynced<T>(work: () => T): T;
  /** Closes it; a second call is fine. */
  close(): void;
}

/** How a database is opened. */
export interface OpenDatabaseOptions {
  /**
   * How long a statement waits for another process's lock, which blocks the
   * event loop; default 5 s.
   */
  readonly busyTimeoutMs?: number;
  /** Whether nothing may be written; default false. */
  readonly readonly?: boolean;
}

/** The drivers there are: SQLite inside Deno, and a library of the system. */
export const DRIVER_NAMES = ["node", "ffi"] as const;

/** The name of a driver. */
export type DriverName = typeof DRIVER_NAMES[number];

/** What opens databases. */
export interface Driver {
  readonly name: DriverName;
  /** Path of the library that it calls; absent where SQLite is built in. */
  readonly library?: string;
  /**
   * Opens a database file, and makes it when it is not there.
   *
   * It sets no pragma but foreign keys and the busy timeout: `open.ts` decides
   * on the others.
   *
   * @throws {StigmerError} when SQLite cannot open it.
   */
  open(path: string, options?: OpenDatabaseOptions): Database;
  /**
   * Copies all pages of a database, as they are at one moment, into a file
   * that is empty; others may write meanwhile.
   *
   * @throws {StigmerError} when SQLite cannot.
   */
  copy(from: string, to: string, pause: () => Promise<void>): Promise<void>;
}
