/**
 * The part of a list's query that asks for a label.
 *
 * @module
 */

import type { SqlValue } from "./driver.ts";

/** A condition and the values that it binds. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * Asks for one label. Looking for its text first is fast and lets almost
 * nothing through that the exact look at the JSON must refuse.
 *
 * @param column The column of the labels, as `labels` or `e.labels`.
 */
export function labelCondition(
  [key, value]: readonly [key: string, value: string],
  column: string,
): Condition {
  const text = `${JSON.stringify(key)}:${JSON.stringify(value)}`;
  return {
    sql: `instr(${column}, ?) > 0 AND EXISTS (
      SELECT 1 FROM json_each(${column}) AS label
      WHERE label.key = ? AND label.value = ?)`,
    values: [text, key, value],
  };
}
