/**
 * Executions and those that they started.
 *
 * @module
 */

import type { ExecutionRecord } from "../model/execution.ts";
import { type ExecutionId, parseExecutionId } from "../model/id.ts";
import { isTerminal } from "../model/phase.ts";
import {
  type ModelUsage,
  NO_USAGE,
  sumUsage,
  usageFromJson,
  usageToJson,
} from "../model/usage.ts";
import { changed } from "./changes.ts";
import type { Database } from "./driver.ts";
import { KINDS, LIVE, TABLES } from "./execution_rows.ts";
import { getExecution, readStatus, runNumber } from "./executions.ts";
import { ownerOf, wakeRun } from "./leases.ts";
import { addRequest } from "./run_requests.ts";

/** Executions above one another that are told what one used, at the most. */
const ANCESTORS_MAX = 32;

/**
 * Tells the parent of an ended child; it is woken when nobody owns it. One that
 * ended before it counts what the child used all the same.
 */
export function tellParent(
  database: Database,
  parent: { readonly executionId: ExecutionId; readonly path: string },
  options: { readonly childId: ExecutionId; readonly nowMs: number },
): void {
  const run = runNumber(database, parent.executionId);
  const phase = readStatus(database, parent.executionId)?.phase;
  if (run === undefined || phase === undefined) return;
  if (isTerminal(phase)) {
    const used = readStatus(database, options.childId)?.usage;
    if (used !== undefined) countLate(database, parent.executionId, used);
    return;
  }
  if (ownerOf(database, run) === undefined) {
    if (phase === "PAUSED") return;
    wakeRun(database, run, options.nowMs);
    changed(database);
    return;
  }
  addRequest(database, run, {
    type: "CHILD_ENDED",
    name: parent.path,
    data: options.childId,
    nowMs: options.nowMs,
  });
}

/**
 * Adds what one used that ended after those that it worked for. Whoever has not
 * ended adds it up at its own end.
 */
function countLate(
  database: Database,
  first: ExecutionId,
  used: ModelUsage,
): void {
  let id: ExecutionId | undefined = first;
  for (let i = 0; i < ANCESTORS_MAX && id !== undefined; i++) {
    const above: ExecutionRecord | undefined = getExecution(database, id);
    if (above === undefined || !isTerminal(above.phase)) return;
    const usage = sumUsage([above.usage ?? NO_USAGE, used]);
    database.prepare(`
      UPDATE ${TABLES[above.kind]}
      SET status = json_set(status, '$.usage', json(?)) WHERE id = ?`)
      .run(JSON.stringify(usageToJson(usage)), id);
    changed(database);
    id = above.parent?.executionId;
  }
}

/** Ids of the executions that one started and that have not ended. */
export function liveChildren(
  database: Database,
  parentExecutionId: ExecutionId,
): readonly ExecutionId[] {
  return KINDS.flatMap((kind) =>
    database.prepare(`
      SELECT id FROM ${TABLES[kind]}
      WHERE parent_execution_id = ?
        AND ${LIVE}
      ORDER BY created_at, id`).all(parentExecutionId)
  ).flatMap((row) => parseExecutionId(String(row.id)) ?? []);
}

/** What the executions that one started used, by their id; of those that ended. */
export function childUsages(
  database: Database,
  parentExecutionId: ExecutionId,
): ReadonlyMap<string, ModelUsage> {
  const rows = KINDS.flatMap((kind) =>
    database.prepare(`
      SELECT id, json_extract(status, '$.usage') AS usage
      FROM ${TABLES[kind]}
      WHERE parent_execution_id = ?
        AND NOT (${LIVE})
        AND json_extract(status, '$.usage') IS NOT NULL`)
      .all(parentExecutionId)
  );
  return new Map(rows.map(({ id, usage }) => [
    String(id),
    usageFromJson(JSON.parse(String(usage))),
  ]));
}
