/**
 * The merged variables of executions, kept as they were when each was
 * created: what runs again after a crash runs with the same.
 *
 * @module
 */

import type { ExecutionId } from "../model/id.ts";
import { isJsonObject, member } from "../model/json.ts";
import { objectOf } from "./columns.ts";
import type { Database } from "./driver.ts";
import { timeText } from "./time.ts";

const INSERT = `
  INSERT INTO execution_contexts
    (id, name, slug, spec, status, created_at, updated_at)
  VALUES (?, ?, ?, ?, '{}', ?, ?)`;
const SELECT = "SELECT spec FROM execution_contexts WHERE execution_id = ?";

/** Stores the variables of an execution; none cost no row. */
export function insertContext(
  database: Database,
  executionId: ExecutionId,
  options: {
    readonly variables: Readonly<Record<string, string>>;
    readonly nowMs: number;
  },
): void {
  const { variables } = options;
  if (Object.keys(variables).length === 0) return;
  const now = timeText(options.nowMs);
  // The same ULID as the execution's: one context an execution.
  const id = `ctx-${executionId.slice("wex-".length)}`;
  const spec = JSON.stringify({ executionId, variables });
  database.prepare(INSERT).run(id, executionId, id, spec, now, now);
}

/** Reads the variables of an execution. */
export function readContext(
  database: Database,
  executionId: ExecutionId,
): Readonly<Record<string, string>> {
  const row = database.prepare(SELECT).get(executionId);
  if (row === undefined) return {};
  const variables = member(objectOf(row, "spec"), "variables");
  if (!isJsonObject(variables)) return {};
  return Object.fromEntries(
    Object.entries(variables).map(([name, it]) => [name, String(it)]),
  );
}
