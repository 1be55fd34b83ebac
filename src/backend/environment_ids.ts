/**
 * The environments that an execution was made with, as far as they are applied.
 *
 * @module
 */

import {
  isJsonArray,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import type { Database } from "../store/driver.ts";
import { resourceById } from "../store/resources.ts";

/** Ids of those of its instance, then of its own, each in order. */
export function environmentIdsOf(
  database: Database,
  { kind, spec }: Pick<ExecutionRecord, "kind" | "spec">,
): readonly string[] {
  const instanceKind = kind === "AgentExecution"
    ? "AgentInstance"
    : "WorkflowInstance";
  const instanceId = member(spec, "instanceId");
  const instance = typeof instanceId === "string" && instanceId !== ""
    ? resourceById(database, instanceKind, instanceId)
    : undefined;
  return [...idsOf(instance?.spec), ...idsOf(spec)];
}

function idsOf(spec: JsonObject | undefined): readonly string[] {
  const ids: Json = spec === undefined
    ? null
    : member(spec, "environmentIds") ?? null;
  return isJsonArray(ids) ? ids.map(String) : [];
}
