/**
 * Finds workflows by the words that stand in their text.
 *
 * @module
 */

import type { Database } from "./driver.ts";
import { type ResourceRow, select, toResourceRow } from "./resources.ts";

/**
 * Lists the workflows whose spec has one of the words as a whole text value.
 *
 * It is a first look: whether the word means what the caller seeks, only the
 * checked workflow says.
 */
export function workflowsThatMention(
  database: Database,
  words: readonly string[],
): readonly ResourceRow[] {
  const mentions = words.map(() => "instr(spec, ?) > 0").join(" OR ");
  const sql = `${select("Workflow")} WHERE ${mentions} ORDER BY slug`;
  return database.prepare(sql)
    .all(...words.map((it) => JSON.stringify(it))).map(toResourceRow);
}
