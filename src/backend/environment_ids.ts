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
import { getExecution } from "../store/executions.ts";
import { resourceById } from "../store/resources.ts";
import { LINEAGE_DEPTH_MAX, starterOf } from "./lineage.ts";

/** What says which environments an execution was made with. */
type Bound = Pick<ExecutionRecord, "kind" | "parent" | "spec">;

/** Ids of those of its instance, then of those it was given, in order. */
export function environmentIdsOf(
  database: Database,
  execution: Bound,
): readonly string[] {
  return [
    ...instanceIds(database, execution),
    ...givenEnvironmentIds(database, execution),
  ];
}

/**
 * Ids of those that an execution was given besides: its own, and for one that
 * was started by another all of that one's.
 */
export function givenEnvironmentIds(
  database: Database,
  execution: Bound,
): readonly string[] {
  const ids: string[] = [];
  let at = execution;
  for (let depth = 0; depth < LINEAGE_DEPTH_MAX; depth++) {
    const id = starterOf(at);
    const starter = id === undefined ? undefined : getExecution(database, id);
    if (starter === undefined) break;
    ids.push(...instanceIds(database, starter));
    at = starter;
  }
  return [...ids, ...idsOf(at.spec)];
}

function instanceIds(
  database: Database,
  { kind, spec }: Bound,
): readonly string[] {
  const instanceKind = kind === "AgentExecution"
    ? "AgentInstance"
    : "WorkflowInstance";
  const instanceId = member(spec, "instanceId");
  const instance = typeof instanceId === "string" && instanceId !== ""
    ? resourceById(database, instanceKind, instanceId)
    : undefined;
  return idsOf(instance?.spec);
}

function idsOf(spec: JsonObject | undefined): readonly string[] {
  const ids: Json = spec === undefined
    ? null
    : member(spec, "environmentIds") ?? null;
  return isJsonArray(ids) ? ids.map(String) : [];
}
