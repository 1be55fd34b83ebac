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

/** A commit of journal events at which a process is killed. */
export interface CommitKill {
  /** Right before the commit, so that its events are lost, or right after. */
  readonly when: "before" | "after";
  /** The number of the commit that holds events, from 1. */
  readonly commit: number;
}

/** Looks at what the store does, and ends this process at one commit. */
export function deathAt({ when, commit }: CommitKill): StatementWatch {
  let events = 0;
  let commits = 0;
  let isLast = false;
  return {
    before(sql) {
      if (/^\s*INSERT INTO journal\b/.test(sql)) events++;
      if (sql === "ROLLBACK") events = 0;
      if (sql !== "COMMIT" || events === 0) return;
      events = 0;
      isLast = ++commits === commit;
      if (isLast && when === "before") die();
    },
    after() {
      if (isLast) die();
    },
  };
}

/** Ends this process as `kill -9` does: nothing of it is tidied up. */
export function die(): never {
  Deno.kill(Deno.pid, "SIGKILL");
  throw new Error("it lives");
}
