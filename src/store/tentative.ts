/**
 * A transaction that may be taken back although nothing went wrong.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { Database } from "./driver.ts";

/** What a tentative transaction gives, and whether it stays. */
export interface Tentative<T> {
  readonly keep: boolean;
  readonly value: T;
}

/**
 * Runs a function in a transaction of its own, and rolls back when it says so.
 *
 * It may not be called inside another transaction, which could not be rolled
 * back in part.
 */
export function tentatively<T>(
  database: Database,
  work: () => Tentative<T>,
): T {
  const rollBack = new StigmerError("ABORTED", "Taken back on purpose");
  const values: T[] = [];
  try {
    database.transaction(() => {
      const { keep, value } = work();
      values.push(value);
      if (!keep) throw rollBack;
    });
  } catch (error) {
    if (error !== rollBack) throw error;
  }
  const [value] = values;
  if (value === undefined) {
    throw new StigmerError("INTERNAL", "A transaction gave nothing");
  }
  return value;
}
