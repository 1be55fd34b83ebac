/**
 * What may go by a condition alone: events, audits, and what is spent.
 *
 * @module
 */

import type { Database } from "./driver.ts";
import { LIVE } from "./execution_rows.ts";
import type { PlanOptions } from "./garbage_plan.ts";
import { IDEMPOTENCY_KEPT_MS } from "./idempotency.ts";
import { timeText } from "./time.ts";

/** Rows of a table that a condition finds. */
export interface DoomedRange {
  readonly table: RangeTable;
  readonly count: number;
  readonly where: string;
  readonly values: readonly (string | number)[];
}

/** Tables whose rows go by a condition alone. */
export type RangeTable =
  | "events"
  | "secret_accesses"
  | "audit_events"
  | "idempotency_keys"
  | "imports"
  | "tokens"
  | "data_keys"
  | "tool_pins";

const DAY_MS = 86_400_000;
/** How long a staged import waits to be committed. */
const IMPORT_MS: number = 7 * DAY_MS;
/** How long a token that is out of force is listed. */
const TOKEN_MS: number = 30 * DAY_MS;
/** How long the tools of a server that a workflow computes are remembered. */
const COMPUTED_PIN_MS: number = 90 * DAY_MS;
/** Tools of such servers that are remembered at the most. */
const COMPUTED_PINS_MAX = 10_000;

const RETIRED_KEYS = `retired = 1 AND NOT EXISTS (
  SELECT 1 FROM sealed_values AS s WHERE s.data_key_id = data_keys.id)`;
/** How the key of such a server ends. */
const COMPUTED = `server GLOB '* #${"[0-9a-f]".repeat(16)}'`;
// A workflow may come by any number of servers.
const SPARE_PINS = `${COMPUTED} AND (used_at < ? OR (server, tool) NOT IN (
  SELECT server, tool FROM tool_pins WHERE ${COMPUTED}
  ORDER BY used_at DESC, server, tool LIMIT ?))`;
// A run that has not ended may yet listen for what came since it began, and a
// schedule on events looks at all of them.
const EVENTS_NEEDED = `
  SELECT min(sequence) AS sequence FROM (
    SELECT min(r.events_after) AS sequence FROM runs AS r
    JOIN workflow_executions AS e ON e.id = r.execution_id WHERE e.${LIVE}
    UNION ALL SELECT min(event_sequence) FROM schedules WHERE type = 'ON')`;

/** Finds and counts the rows that may go. */
export function planRanges(
  database: Database,
  { rule, nowMs }: PlanOptions,
): readonly DoomedRange[] {
  const { eventsMs, auditMs } = rule;
  const ranges: Omit<DoomedRange, "count">[] = [
    {
      table: "idempotency_keys",
      where: "created_at < ?",
      values: [timeText(nowMs - IDEMPOTENCY_KEPT_MS)],
    },
    {
      table: "imports",
      where: "updated_at < ?",
      values: [timeText(nowMs - IMPORT_MS)],
    },
    {
      table: "tokens",
      where: "coalesce(revoked_at, expires_at) < ?",
      values: [timeText(nowMs - TOKEN_MS)],
    },
    { table: "data_keys", where: RETIRED_KEYS, values: [] },
    {
      table: "tool_pins",
      where: SPARE_PINS,
      values: [timeText(nowMs - COMPUTED_PIN_MS), COMPUTED_PINS_MAX],
    },
  ];
  if (eventsMs !== undefined) {
    const needed = database.prepare(EVENTS_NEEDED).get()?.sequence;
    ranges.push({
      table: "events",
      where: "received_at_ms < ? AND sequence <= ?",
      values: [
        nowMs - eventsMs,
        typeof needed === "number" ? needed : Number.MAX_SAFE_INTEGER,
      ],
    });
  }
  if (auditMs !== undefined) {
    const values = [nowMs - auditMs];
    ranges.push({ table: "secret_accesses", where: "time_ms < ?", values });
    ranges.push({ table: "audit_events", where: "time_ms < ?", values });
  }
  return ranges.map((range) => {
    const row = database.prepare(
      `SELECT count(*) AS count FROM ${range.table} WHERE ${range.where}`,
    ).get(...range.values);
    return { ...range, count: Number(row?.count) };
  });
}
