/**
 * A driver whose statements can be watched, for tests that end a process at one
 * of them.
 *
 * @module
 */

import type { Database, Driver, Statement } from "../src/store/driver.ts";

/** What is told of each statement, right before and right after it ran. */
export interface StatementWatch {
  before(sql: string): void;
  after(sql: string): void;
}

/** A driver, and what sets the watch over all that it opens. */
export interface MortalDriver {
  readonly driver: Driver;
  watch(by: StatementWatch): void;
}

/** Puts a watch around a driver. */
export function mortalDriver(inner: Driver): MortalDriver {
  let watching: StatementWatch | undefined;
  const around = <T>(sql: string, run: () => T): T => {
    watching?.before(sql);
    const result = run();
    watching?.after(sql);
    return result;
  };
  const driver: Driver = {
    ...inner,
    open: (path, options) =>
      watched(inner.open(path, options), { driver, around }),
  };
  return { driver, watch: (by) => void (watching = by) };
}

function watched(
  database: Database,
  { driver, around }: {
    readonly driver: Driver;
    readonly around: <T>(sql: string, run: () => T) => T;
  },
): Database {
  // Its own statements are within the driver, out of sight: they are here.
  let depth = 0;
  const transaction = <T>(work: () => T): T => {
    if (depth > 0) return work();
    prepare("BEGIN IMMEDIATE").run();
    depth++;
    try {
      const result = work();
      prepare("COMMIT").run();
      return result;
    } catch (error) {
      prepare("ROLLBACK").run();
      throw error;
    } finally {
      depth--;
    }
  };
  const prepare = (sql: string): Statement => {
    const statement = database.prepare(sql);
    return {
      run: (...values) => around(sql, () => statement.run(...values)),
      get: (...values) => around(sql, () => statement.get(...values)),
      all: (...values) => around(sql, () => statement.all(...values)),
    };
  };
  return {
    path: database.path,
    driver,
    prepare,
    execute: (sql) => database.execute(sql),
    transaction,
    unsynced: transaction,
    close: () => database.close(),
    [Symbol.dispose]: () => database.close(),
  };
}
