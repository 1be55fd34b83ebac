/**
 * Lists of executions: both kinds in one order, newest first, by key.
 *
 * @module
 */

import type { ExecutionKind, ExecutionRecord } from "../model/execution.ts";
import type { Json } from "../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";
import type { PhaseName } from "../model/phase.ts";
import type { Database, SqlRow, SqlValue } from "./driver.ts";
import {
  INSTANCE_COLUMNS,
  KINDS,
  parsePhase,
  selectFrom,
  TABLES,
  timeText,
  toRecord,
} from "./execution_rows.ts";
import { labelCondition } from "./label_condition.ts";
import { type Page, type PageQuery, readPage, toPage } from "./page.ts";

/** Which executions a list shows. */
export interface ExecutionFilter {
  readonly kind?: ExecutionKind;
  /** Id of the agent or workflow. */
  readonly resourceId?: string;
  readonly sessionId?: string;
  readonly parentExecutionId?: string;
  /** Only those that no other one started. */
  readonly isTopLevel?: boolean;
  readonly instanceId?: string;
  /** Any of these; empty or absent means all. */
  readonly phases?: readonly PhaseName[];
  /** Created at this time or later. */
  readonly createdAfterMs?: number;
  /** Created before this time. */
  readonly createdBeforeMs?: number;
  /** Only those that carry all of these. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Bytes of large inputs and outputs on one page; past them it ends early. */
const PAGE_VALUE_BYTES_MAX = 2 * VALUE_SIZE_BYTES_MAX;

interface Found {
  readonly row: SqlRow;
  readonly kind: ExecutionKind;
}

/** One index range of a list: a kind, and a phase where phases are asked for. */
interface Part extends ExecutionFilter {
  readonly kind: ExecutionKind;
  readonly phase?: PhaseName;
}

/**
 * Lists executions of both kinds, newest first.
 *
 * A page ends early when it carries very large values, and goes on on the
 * next one.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a bad size or token.
 */
export function listExecutions(
  database: Database,
  filter: ExecutionFilter,
  page: { readonly size: number; readonly token: string },
): Page<ExecutionRecord> {
  const query: PageQuery = { ...page, scope: filterScope(filter) };
  const start = readPage(query, 2);
  const found: Found[] = [];
  for (const part of partsOf(filter)) {
    const { where, values } = conditions(part, start.after);
    const rows = database.prepare(`${selectFrom(part.kind)} ${where}
      ORDER BY e.created_at DESC, e.id DESC LIMIT ?`)
      .all(...values, start.size + 1);
    for (const row of rows) found.push({ row, kind: part.kind });
  }
  found.sort((a, b) => order(keyOf(b), keyOf(a)));
  const rows = found.slice(0, start.size + 1);
  const size = Math.min(start.size, affordable(rows));
  const cut = toPage(rows, {
    start: { ...start, size },
    scope: query.scope,
    keyOf,
  });
  return {
    items: cut.items.map((it) => toRecord(database, it.row, it.kind)),
    nextToken: cut.nextToken,
  };
}

/** Counts executions by phase. */
export function countExecutions(
  database: Database,
): Readonly<Partial<Record<PhaseName, number>>> {
  const counts: Partial<Record<PhaseName, number>> = {};
  for (const kind of KINDS) {
    const rows = database.prepare(
      `SELECT phase, count(*) AS count FROM ${TABLES[kind]} GROUP BY phase`,
    ).all();
    for (const row of rows) {
      const phase = parsePhase(row.phase);
      counts[phase] = (counts[phase] ?? 0) + Number(row.count);
    }
  }
  return counts;
}

function partsOf(filter: ExecutionFilter): Part[] {
  const kinds = filter.kind === undefined ? KINDS : [filter.kind];
  const phases = new Set(filter.phases ?? []);
  return kinds.filter((kind) =>
    kind === "AgentExecution" || filter.sessionId === undefined
  ).flatMap((kind): Part[] =>
    phases.size === 0
      ? [{ ...filter, kind }]
      : [...phases].map((phase) => ({ ...filter, kind, phase }))
  );
}

function conditions(
  part: Part,
  after: readonly string[] | undefined,
): { where: string; values: SqlValue[] } {
  const terms: string[] = [];
  const values: SqlValue[] = [];
  const add = (term: string, value: SqlValue | undefined): void => {
    if (value === undefined) return;
    terms.push(term);
    values.push(value);
  };
  const time = (ms: number | undefined) =>
    ms === undefined ? undefined : timeText(ms);
  add("e.phase = ?", part.phase);
  add("e.resource_id = ?", part.resourceId);
  add(`e.${INSTANCE_COLUMNS[part.kind]} = ?`, part.instanceId);
  add("e.session_id = ?", part.sessionId);
  add("e.parent_execution_id = ?", part.parentExecutionId);
  if (part.isTopLevel === true) terms.push("e.parent_execution_id IS NULL");
  add("e.created_at >= ?", time(part.createdAfterMs));
  add("e.created_at < ?", time(part.createdBeforeMs));
  for (const label of Object.entries(part.labels ?? {})) {
    const condition = labelCondition(label, "e.labels");
    terms.push(condition.sql);
    values.push(...condition.values);
  }
  if (after !== undefined) {
    terms.push("(e.created_at, e.id) < (?, ?)");
    values.push(...after);
  }
  const where = terms.length === 0 ? "" : `WHERE ${terms.join(" AND ")}`;
  return { where, values };
}

function filterScope(filter: ExecutionFilter): Json {
  return [
    "executions",
    filter.kind ?? null,
    filter.resourceId ?? null,
    filter.sessionId ?? null,
    filter.parentExecutionId ?? null,
    filter.instanceId ?? null,
    [...new Set(filter.phases ?? [])].sort(),
    filter.createdAfterMs ?? null,
    filter.createdBeforeMs ?? null,
    filter.labels ?? {},
    filter.isTopLevel ?? false,
  ];
}

function keyOf({ row }: Found): readonly [string, string] {
  return [String(row.created_at), String(row.id)];
}

function order(
  a: readonly [string, string],
  b: readonly [string, string],
): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0;
}

/** How many of some rows fit on a page with their large values; at least one. */
function affordable(rows: readonly Found[]): number {
  let sizeBytes = 0;
  for (const [count, { row }] of rows.entries()) {
    sizeBytes += Number(row.value_bytes ?? 0);
    if (sizeBytes > PAGE_VALUE_BYTES_MAX && count > 0) return count;
  }
  return rows.length;
}
