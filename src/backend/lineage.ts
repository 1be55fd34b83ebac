/**
 * The executions on the way from the first one to another, with the tasks that
 * started them.
 *
 * @module
 */

import type { LineageStep } from "../llm/cassette.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { type ExecutionId, parseExecutionId } from "../model/id.ts";
import { member } from "../model/json.ts";
import { getExecution } from "../store/executions.ts";
import type { Store } from "../store/open.ts";

/** Executions above one another at the most; fewer may be started. */
export const LINEAGE_DEPTH_MAX = 64;

/** The execution that started one, whether it waits for it or not. */
export function starterOf(
  { parent, spec }: Pick<ExecutionRecord, "parent" | "spec">,
): ExecutionId | undefined {
  if (parent !== undefined) return parent.executionId;
  return parseExecutionId(String(member(spec, "startedByExecutionId") ?? ""));
}

/**
 * Makes what tells the lineage of an execution; what was left to itself by
 * whoever started it has none, and neither has what is gone.
 */
export function lineageOf(
  { database }: Pick<Store, "database">,
): (executionId: string) => readonly LineageStep[] | undefined {
  return (executionId) => {
    const steps: LineageStep[] = [];
    let id: ExecutionId | undefined = parseExecutionId(executionId);
    for (let depth = 0; depth < LINEAGE_DEPTH_MAX; depth++) {
      const record = id === undefined ? undefined : getExecution(database, id);
      if (record === undefined) return undefined;
      const { parent } = record;
      steps.unshift({ executionId: record.id, path: parent?.path ?? "" });
      if (parent === undefined) return isLeftAlone(record) ? undefined : steps;
      id = parent.executionId;
    }
    return undefined;
  };
}

function isLeftAlone({ spec }: ExecutionRecord): boolean {
  const starter = member(spec, "startedByExecutionId");
  return typeof starter === "string" && starter !== "";
}
