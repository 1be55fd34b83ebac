/**
 * Resources in the order of exports: by slug, a page in memory at a time.
 *
 * @module
 */

import { textOf } from "./columns.ts";
import type { Database } from "./driver.ts";
import {
  type ResourceKind,
  type ResourceRow,
  select,
  toResourceRow,
} from "./resources.ts";
import { type NamedSchedule, scheduleOf } from "./schedules.ts";

/** Rows in memory at once. */
const PAGE_SIZE = 200;

/** Gives all resources of a kind by their slugs. */
export function* resourcesBySlug(
  database: Database,
  kind: ResourceKind,
): Generator<ResourceRow, void> {
  const sql = `${select(kind)} WHERE slug > ? ORDER BY slug LIMIT ?`;
  let after = "";
  while (true) {
    const rows = database.prepare(sql).all(after, PAGE_SIZE);
    for (const row of rows) yield toResourceRow(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_SIZE) return;
    after = textOf(last, "slug");
  }
}

const SCHEDULED = `
  SELECT w.slug, w.id FROM workflows AS w
  JOIN schedules AS s ON s.workflow_id = w.id
  WHERE w.slug > ? ORDER BY w.slug LIMIT ?`;

/** Gives all schedules by the slugs of their workflows. */
export function* schedulesBySlug(
  database: Database,
): Generator<NamedSchedule, void> {
  let after = "";
  while (true) {
    const rows = database.prepare(SCHEDULED).all(after, PAGE_SIZE);
    for (const row of rows) {
      const schedule = scheduleOf(database, textOf(row, "id"));
      if (schedule !== undefined) yield schedule;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_SIZE) return;
    after = textOf(last, "slug");
  }
}
