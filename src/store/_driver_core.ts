/**
 * What both drivers do alike: they keep statements prepared, and run
 * transactions.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { Database, Driver, Statement } from "./driver.ts";

/** Statements kept prepared at the most; the least recently used one goes. */
export const STATEMENTS_MAX = 256;
/** Wait for another process's lock, when the caller does not say. */
export const BUSY_TIMEOUT_MS_DEFAULT = 5000;

/** What stands in quotes or is said to the reader. */
const QUOTED_REGEXP =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--.*|\/\*[^]*?\*\//g;
/** A parameter that has a name; where it is missing, a driver binds NULL. */
const NAME_REGEXP = /(?<![\w$])[:@$]\w+/;

/** A connection of a driver. */
export interface Handle<S extends Statement> {
  readonly driver: Driver;
  readonly path: string;
  /** Prepares a statement, each time anew. */
  prepare(sql: string): S;
  /** Lets go of one that is not kept any more. */
  release(statement: S): void;
  execute(sql: string): void;
  /** Whether a transaction is open. */
  isTransaction(): boolean;
  /** Closes it; it is called once. */
  close(): void;
}

/** A database over the connection of a driver. */
export class HandledDatabase<S extends Statement> implements Database {
  readonly driver: Driver;
  readonly path: string;
  readonly #handle: Handle<S>;
  readonly #statements: Map<string, S> = new Map();
  #open = true;

  /** Takes over a connection that is open. */
  constructor(handle: Handle<S>) {
    this.driver = handle.driver;
    this.path = handle.path;
    this.#handle = handle;
  }

  prepare(sql: string): Statement {
    const statement = this.#statements.get(sql) ?? this.#prepared(sql);
    // The one that was used last stands last.
    this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > STATEMENTS_MAX) this.#forgetOldest();
    return statement;
  }

  execute(sql: string): void {
    this.#handle.execute(sql);
  }

  transaction<T>(work: () => T): T {
    if (this.#handle.isTransaction()) return work();
    this.prepare("BEGIN IMMEDIATE").run();
    try {
      const result = work();
      if (result instanceof Promise) throw asynchronousTransaction();
      this.prepare("COMMIT").run();
      return result;
    } catch (error) {
      // A full disk has rolled back already, and a second ROLLBACK fails.
      if (this.#handle.isTransaction()) this.prepare("ROLLBACK").run();
      throw error;
    }
  }

  unsynced<T>(work: () => T): T {
    // The level cannot be changed inside of a transaction. It is when the
    // statement is prepared, and so never by one that was before.
    if (this.#handle.isTransaction()) return work();
    this.execute("PRAGMA synchronous = NORMAL");
    try {
      return this.transaction(work);
    } finally {
      this.execute("PRAGMA synchronous = FULL");
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#statements.clear();
    this.#handle.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #prepared(sql: string): S {
    const [name] = NAME_REGEXP.exec(bareSql(sql)) ?? [];
    if (name === undefined) return this.#handle.prepare(sql);
    throw new StigmerError(
      "INTERNAL",
      `Cannot prepare "${sql}": parameter ${name} has a name, write ? instead`,
    );
  }

  #forgetOldest(): void {
    for (const [sql, statement] of this.#statements) {
      this.#statements.delete(sql);
      this.#handle.release(statement);
      return;
    }
  }
}

/** A statement without what stands in quotes or in comments. */
export function bareSql(sql: string): string {
  return sql.replaceAll(QUOTED_REGEXP, " ");
}

function asynchronousTransaction(): StigmerError {
  return new StigmerError(
    "INTERNAL",
    "Cannot run an asynchronous function in a transaction",
  );
}
