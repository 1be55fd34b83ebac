/**
 * Lists of resources: newest first, page by page, with filters.
 *
 * @module
 */

import type { Database } from "./driver.ts";
import { type Condition, labelCondition } from "./label_condition.ts";
import { type Page, readPage, toPage } from "./page.ts";
import {
  type ResourceKind,
  type ResourceRow,
  select,
  toResourceRow,
} from "./resources.ts";
import { timeText } from "./time.ts";

/** Which resources are listed, and which page of them. */
export interface ResourceListQuery {
  readonly pageSize: number;
  readonly pageToken: string;
  /** Only those that carry all of these labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Only those of this template, by id; instances and sessions only. */
  readonly templateId?: string;
}

/** How a kind names the template that it belongs to. */
const TEMPLATE_CONDITIONS: Readonly<Partial<Record<ResourceKind, string>>> = {
  AgentInstance: "agent_id = ?",
  WorkflowInstance: "workflow_id = ?",
  Session:
    "agent_instance_id IN (SELECT id FROM agent_instances WHERE agent_id = ?)",
};

/** Key columns of a list. */
const KEY_LENGTH = 2;

/**
 * Lists resources, newest first.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a bad page size or token.
 */
export function listResources(
  database: Database,
  kind: ResourceKind,
  query: ResourceListQuery,
): Page<ResourceRow> {
  const labels = query.labels ?? {};
  const scope = [kind, query.templateId ?? "", labels];
  const start = readPage(
    { size: query.pageSize, token: query.pageToken, scope },
    KEY_LENGTH,
  );
  const conditions = [
    ...afterCondition(start.after),
    ...templateCondition(kind, query.templateId),
    ...Object.entries(labels).map((it) => labelCondition(it, "labels")),
  ];
  const where = conditions.length === 0
    ? ""
    : `WHERE ${conditions.map((it) => it.sql).join(" AND ")}`;
  const sql = `${
    select(kind)
  } ${where} ORDER BY created_at DESC, id DESC LIMIT ?`;
  const rows = database.prepare(sql)
    .all(...conditions.flatMap((it) => it.values), start.size + 1)
    .map(toResourceRow);
  return toPage(rows, {
    start,
    scope,
    keyOf: (row) => [timeText(row.createdAtMs), row.id],
  });
}

function afterCondition(after: readonly string[] | undefined): Condition[] {
  return after === undefined
    ? []
    : [{ sql: "(created_at, id) < (?, ?)", values: after }];
}

function templateCondition(
  kind: ResourceKind,
  templateId: string | undefined,
): Condition[] {
  const sql = TEMPLATE_CONDITIONS[kind];
  if (sql === undefined || templateId === undefined) return [];
  return [{ sql, values: [templateId] }];
}
