/**
 * The driver over `node:sqlite`, the SQLite inside Deno.
 *
 * It closes the traps of that module at one place: the busy timeout that is 0,
 * numbers that bind as REAL, missing values that bind as NULL, text that is
 * cut at NUL, and errors without a code.
 *
 * @module
 */

import { backup, DatabaseSync, type StatementSync } from "node:sqlite";
import { StigmerError } from "../model/error.ts";
import {
  bareSql,
  BUSY_TIMEOUT_MS_DEFAULT,
  type Handle,
  HandledDatabase,
} from "./_driver_core.ts";
import type {
  Database,
  Driver,
  OpenDatabaseOptions,
  SqlRow,
  SqlValue,
  Statement,
} from "./driver.ts";
import { fromSqliteError } from "./sqlite_error.ts";

/** All pages of a copy in one step. */
const ALL_PAGES = -1;

/** SQLite inside Deno. */
export const NODE_DRIVER: Driver = {
  name: "node",
  open: openNodeDatabase,
  copy: copyPages,
};

/**
 * Opens a database file, and makes it when it is not there.
 *
 * It sets no pragma but foreign keys and the busy timeout: `open.ts` decides
 * on the others.
 *
 * @throws {StigmerError} when SQLite cannot open it.
 */
export function openNodeDatabase(
  path: string,
  options: OpenDatabaseOptions = {},
): Database {
  return guarded(path, () => {
    const handle = new DatabaseSync(path, {
      readOnly: options.readonly ?? false,
      timeout: options.busyTimeoutMs ?? BUSY_TIMEOUT_MS_DEFAULT,
      enableForeignKeyConstraints: true,
    });
    return new HandledDatabase(handleOf(path, handle));
  });
}

async function copyPages(from: string, to: string): Promise<void> {
  try {
    const source = new DatabaseSync(from, {
      readOnly: true,
      timeout: BUSY_TIMEOUT_MS_DEFAULT,
    });
    try {
      // What it sees stands still, so that the copy is never begun anew.
      source.exec("BEGIN");
      source.prepare("SELECT count(*) FROM sqlite_schema").get();
      await backup(source, to, { rate: ALL_PAGES });
    } finally {
      source.close();
    }
  } catch (error) {
    throw fromSqliteError(from, error);
  }
}

function handleOf(path: string, database: DatabaseSync): Handle<Statement> {
  return {
    driver: NODE_DRIVER,
    path,
    prepare: (sql) =>
      guarded(path, () => statementOf(path, sql, database.prepare(sql))),
    // The collector takes it.
    release() {},
    execute: (sql) => guarded(path, () => database.exec(sql)),
    isTransaction: () => database.isTransaction,
    close: () => database.close(),
  };
}

function statementOf(
  path: string,
  sql: string,
  handle: StatementSync,
): Statement {
  const count = countParameters(sql);
  const bound = (values: readonly SqlValue[]): SqlValue[] => {
    if (values.length !== count) {
      throw new StigmerError(
        "INTERNAL",
        `Cannot run "${sql}": it takes ${count} values, ${values.length} given`,
      );
    }
    return values.map(toBinding);
  };
  return {
    run(...values) {
      const given = bound(values);
      try {
        return { changes: Number(handle.run(...given).changes) };
      } catch (error) {
        throw fromSqliteError(path, error);
      }
    },
    get(...values) {
      const given = bound(values);
      try {
        return toRow(handle.get(...given));
      } catch (error) {
        throw fromSqliteError(path, error);
      }
    },
    all(...values) {
      const given = bound(values);
      try {
        // Rows are not copied to be typed: the driver gives nothing but values.
        return handle.all(...given) as unknown as SqlRow[];
      } catch (error) {
        throw fromSqliteError(path, error);
      }
    },
  };
}

/** The driver's types lag behind what it gives: rows of SQLite values. */
function toRow(row: unknown): SqlRow | undefined {
  return row as SqlRow | undefined;
}

/**
 * Makes a value safe to bind.
 *
 * An integer goes in as one: as a number it would be bound as REAL, which
 * `json_set` and untyped columns keep as `2.0`.
 */
function toBinding(value: SqlValue): SqlValue {
  switch (typeof value) {
    case "number":
      if (Number.isSafeInteger(value)) return BigInt(value);
      if (!Number.isNaN(value)) return value;
      break;
    case "string":
      if (!value.includes("\0")) return value;
      throw new StigmerError(
        "INVALID_ARGUMENT",
        "Cannot store a text with a NUL character, leave it out",
      );
    case "bigint":
      return value;
    case "object":
      if (value === null || value instanceof Uint8Array) return value;
  }
  throw new StigmerError(
    "INTERNAL",
    `Cannot bind a value of type ${typeof value} to a statement`,
  );
}

/** Counts the `?` and `?n` of a statement; the driver binds missing ones as NULL. */
function countParameters(sql: string): number {
  let count = 0;
  for (const [, number] of bareSql(sql).matchAll(/\?(\d*)/g)) {
    count = number ? Math.max(count, Number(number)) : count + 1;
  }
  return count;
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fromSqliteError(path, error);
  }
}
