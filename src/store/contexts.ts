/**
 * The merged variables of executions, kept with their runs as they were when
 * each was created: what runs again after a crash runs with the same.
 *
 * @module
 */

import type { ExecutionId } from "../model/id.ts";
import { objectOf } from "./columns.ts";
import type { Database } from "./driver.ts";

const SELECT = "SELECT variables FROM runs WHERE execution_id = ?";

/** Writes variables for a run; none are no text. */
export function variablesText(
  variables: Readonly<Record<string, string>>,
): string | null {
  return Object.keys(variables).length === 0 ? null : JSON.stringify(variables);
}

/** Reads the variables of an execution. */
export function readContext(
  database: Database,
  executionId: ExecutionId,
): Readonly<Record<string, string>> {
  const row = database.prepare(SELECT).get(executionId);
  if (row === undefined || row.variables === null) return {};
  return Object.fromEntries(
    Object.entries(objectOf(row, "variables"))
      .map(([name, it]) => [name, String(it)]),
  );
}
