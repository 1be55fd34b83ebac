/**
 * Who refers to a resource: what keeps it from being deleted.
 *
 * @module
 */

import { type Kind, KINDS, type ManifestKind } from "../model/kind.ts";
import { textOf } from "./columns.ts";
import type { Database } from "./driver.ts";
import { LIVE } from "./execution_rows.ts";

/** One that refers to a resource. */
export interface Referrer {
  readonly kind: Kind;
  /** Its slug; of an execution, its id. */
  readonly name: string;
}

/** Referrers named in an error at the most. */
const REFERRERS_MAX = 5;

const LISTS_ENVIRONMENT = `EXISTS (
  SELECT 1 FROM json_each(spec, '$.environmentIds') AS environment
  WHERE environment.value = ?)`;

const PINS_SERVER = `EXISTS (
  SELECT 1 FROM json_each(spec, '$.mcpServers') AS pin
  WHERE json_extract(pin.value, '$.resourceId') = ?)`;

/** A query for those of one kind that refer to an id; binds id and limit. */
interface ReferrerQuery {
  readonly kind: Kind;
  readonly sql: string;
}

const QUERIES: Readonly<
  Record<ManifestKind | "Session", readonly ReferrerQuery[]>
> = {
  Environment: [
    { kind: "AgentInstance", sql: listsEnvironment("agent_instances") },
    { kind: "WorkflowInstance", sql: listsEnvironment("workflow_instances") },
    liveExecutions("AgentExecution", LISTS_ENVIRONMENT),
    liveExecutions("WorkflowExecution", LISTS_ENVIRONMENT),
  ],
  McpServer: [
    {
      kind: "Agent",
      sql: `SELECT slug FROM agents WHERE EXISTS (
        SELECT 1 FROM json_each(spec, '$.mcpServers') AS server
        WHERE json_extract(server.value, '$.server') = ?)`,
    },
    liveExecutions("AgentExecution", PINS_SERVER),
    liveExecutions("WorkflowExecution", PINS_SERVER),
  ],
  Agent: [
    {
      kind: "AgentInstance",
      sql: "SELECT slug FROM agent_instances WHERE agent_id = ?",
    },
    {
      kind: "Agent",
      sql: `SELECT slug FROM agents WHERE EXISTS (
        SELECT 1 FROM json_each(spec, '$.subAgents') AS sub
        WHERE json_extract(sub.value, '$.agent') = ?)`,
    },
    liveExecutions("AgentExecution", "resource_id = ?"),
  ],
  AgentInstance: [
    { kind: "Agent", sql: defaultOf("agents") },
    {
      kind: "Session",
      sql: "SELECT slug FROM sessions WHERE agent_instance_id = ?",
    },
    liveExecutions("AgentExecution", "agent_instance_id = ?"),
  ],
  Workflow: [
    {
      kind: "WorkflowInstance",
      sql: "SELECT slug FROM workflow_instances WHERE workflow_id = ?",
    },
    liveExecutions("WorkflowExecution", "resource_id = ?"),
  ],
  WorkflowInstance: [
    { kind: "Workflow", sql: defaultOf("workflows") },
    liveExecutions("WorkflowExecution", "workflow_instance_id = ?"),
  ],
  Session: [
    liveExecutions("AgentExecution", "session_id = ?"),
    {
      kind: "Session",
      sql: `SELECT slug FROM sessions
        WHERE json_extract(spec, '$.forkedFromSessionId') = ?`,
    },
  ],
};

/**
 * Finds who refers to a resource, a few of them.
 *
 * @param kinds The kinds of referrer that count; default all.
 */
export function findReferrers(
  database: Database,
  kind: ManifestKind | "Session",
  id: string,
  kinds?: readonly Kind[],
): readonly Referrer[] {
  const found: Referrer[] = [];
  for (const query of QUERIES[kind]) {
    const room = REFERRERS_MAX - found.length;
    if (kinds !== undefined && !kinds.includes(query.kind)) continue;
    if (room === 0) break;
    for (const row of database.prepare(`${query.sql} LIMIT ?`).all(id, room)) {
      found.push({ kind: query.kind, name: textOf(row, "slug") });
    }
  }
  return found;
}

/** Deletes the sessions of an agent instance; their executions stay. */
export function deleteSessionsOf(database: Database, instanceId: string): void {
  database.prepare("DELETE FROM sessions WHERE agent_instance_id = ?")
    .run(instanceId);
}

function listsEnvironment(table: string): string {
  return `SELECT slug FROM ${table} WHERE ${LISTS_ENVIRONMENT}`;
}

function liveExecutions(kind: Kind, condition: string): ReferrerQuery {
  return {
    kind,
    sql: `SELECT id AS slug FROM ${KINDS[kind].table}
      WHERE ${condition} AND ${LIVE}`,
  };
}

function defaultOf(table: string): string {
  return `SELECT slug FROM ${table}
    WHERE json_extract(status, '$.defaultInstanceId') = ?`;
}
