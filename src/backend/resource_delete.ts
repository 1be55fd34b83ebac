/**
 * Deletes resources that nothing refers to any more.
 *
 * These functions belong inside a transaction.
 *
 * @module
 */

import { member } from "../model/json.ts";
import type { Kind, ManifestKind } from "../model/kind.ts";
import type { Database } from "../store/driver.ts";
import {
  deleteSessionsOf,
  findReferrers,
  type Referrer,
} from "../store/references.ts";
import {
  deleteResource,
  lookUp,
  resourceById,
  type ResourceRow,
} from "../store/resources.ts";
import { deleteSealed } from "../store/sealed_values.ts";
import { deleteSchedule } from "../store/schedules.ts";
import { workflowsThatMention } from "../store/workflow_text.ts";
import { requireResource, stillReferred } from "./resource_context.ts";
import { type Reference, usedByWorkflow } from "./resource_reference.ts";

/** Executions that have not ended keep what they run with. */
const EXECUTIONS: readonly Kind[] = ["AgentExecution", "WorkflowExecution"];

/**
 * Deletes a resource, and the default instance of a template with its
 * sessions.
 *
 * @returns The resource as it was.
 * @throws {StigmerError} FAILED_PRECONDITION naming who refers to it.
 */
export function deleteByName(
  database: Database,
  kind: ManifestKind,
  word: string,
): ResourceRow {
  const row = requireResource(database, kind, word);
  switch (kind) {
    case "Agent":
      deleteTemplate(database, { kind, instanceKind: "AgentInstance", row });
      break;
    case "Workflow":
      deleteTemplate(database, { kind, instanceKind: "WorkflowInstance", row });
      break;
    case "AgentInstance":
    case "WorkflowInstance":
      refuse(kind, row, findReferrers(database, kind, row.id));
      deleteResource(database, kind, row.id);
      break;
    case "McpServer":
      refuse(kind, row, [
        ...findReferrers(database, kind, row.id),
        ...workflowsThatUse(database, kind, row),
      ]);
      deleteResource(database, kind, row.id);
      break;
    case "Environment":
      refuse(kind, row, findReferrers(database, kind, row.id));
      deleteSealed(database, row.id);
      deleteResource(database, kind, row.id);
  }
  return row;
}

function deleteTemplate(
  database: Database,
  options: {
    readonly kind: "Agent" | "Workflow";
    readonly instanceKind: "AgentInstance" | "WorkflowInstance";
    readonly row: ResourceRow;
  },
): void {
  const { kind, instanceKind, row } = options;
  const instance = defaultInstance(database, instanceKind, row);
  const referrers = findReferrers(database, kind, row.id)
    .filter((it) => it.kind !== instanceKind || it.name !== instance?.slug);
  const users = workflowsThatUse(database, kind, row);
  refuse(kind, row, [...referrers, ...users]);
  if (instance !== undefined) {
    const { id } = instance;
    refuse(kind, row, findReferrers(database, instanceKind, id, EXECUTIONS));
    deleteSessionsOf(database, id);
    deleteResource(database, instanceKind, id);
  }
  if (kind === "Workflow") deleteSchedule(database, row.id);
  deleteResource(database, kind, row.id);
}

function defaultInstance(
  database: Database,
  kind: "AgentInstance" | "WorkflowInstance",
  template: ResourceRow,
): ResourceRow | undefined {
  const id = member(template.status, "defaultInstanceId");
  return typeof id === "string" ? resourceById(database, kind, id) : undefined;
}

/** Finds the other workflows with a task that names a resource. */
export function workflowsThatUse(
  database: Database,
  kind: "Agent" | "McpServer" | "Workflow",
  used: Pick<ResourceRow, "id" | "slug" | "name">,
): readonly Referrer[] {
  const words = [used.id, used.slug, used.name];
  return workflowsThatMention(database, words)
    .filter((workflow) =>
      workflow.id !== used.id &&
      usedByWorkflow(workflow.spec, workflow.name).some((it) =>
        it.kind === kind && words.includes(it.word) &&
        means(database, it, used)
      )
    )
    .map((workflow) => ({ kind: "Workflow", name: workflow.slug }));
}

function means(
  database: Database,
  { kind, word }: Reference,
  used: Pick<ResourceRow, "id">,
): boolean {
  const found = lookUp(database, kind, word);
  return found.kind === "found" && found.row.id === used.id;
}

function refuse(
  kind: ManifestKind,
  row: ResourceRow,
  referrers: readonly Referrer[],
): void {
  if (referrers.length > 0) throw stillReferred(kind, row.slug, referrers);
}
