/**
 * What executions run with, as it was when each was created. The merged
 * variables stay with the run: its journal is read with them also after its
 * end. The secrets are its context, which is deleted in the transaction that
 * ends it.
 *
 * @module
 */

import type { ExecutionId } from "../model/id.ts";
import { member } from "../model/json.ts";
import {
  referencesFromJson,
  referencesToJson,
  type SecretReference,
} from "../model/secret_reference.ts";
import { objectOf, textOf } from "./columns.ts";
import type { Database } from "./driver.ts";
import { LIVE } from "./execution_rows.ts";
import { copySealed, deleteSealed } from "./sealed_values.ts";
import { timeText } from "./time.ts";

const SELECT = "SELECT variables FROM runs WHERE execution_id = ?";
const INSERT = `
  INSERT INTO execution_contexts
    (id, name, slug, spec, status, created_at, updated_at)
  VALUES (?, ?, ?, ?, '{}', ?, ?)`;
const SELECT_CONTEXT =
  "SELECT spec FROM execution_contexts WHERE execution_id = ?";
const DELETE = "DELETE FROM execution_contexts WHERE execution_id = ?";
/** Contexts of what has ended, or is not there. */
const STALE = `
  SELECT c.execution_id FROM execution_contexts AS c
  WHERE NOT EXISTS (
    SELECT 1 FROM workflow_executions AS e WHERE e.id = c.execution_id
      AND e.${LIVE})
  AND NOT EXISTS (
    SELECT 1 FROM agent_executions AS e WHERE e.id = c.execution_id
      AND e.${LIVE})
  LIMIT ?`;
/** Contexts that are swept at once. */
const SWEPT_MAX = 1000;

/** What an execution is handed, besides what is sealed for itself. */
export interface NewContext {
  /** Owners of sealed values that are handed on, with their names. */
  readonly copies: ReadonlyMap<string, readonly string[]>;
  readonly references: Readonly<Record<string, SecretReference>>;
}

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

/**
 * Stores the context of an execution that has secrets; belongs into the
 * transaction that stores the execution.
 *
 * @throws {StigmerError} ABORTED when one that is handed on is gone.
 */
export function insertContext(
  database: Database,
  executionId: ExecutionId,
  options: NewContext & { readonly nowMs: number },
): void {
  const { copies, references, nowMs } = options;
  const now = timeText(nowMs);
  // The same ULID as the execution's: one context an execution.
  const id = `ctx-${executionId.slice("wex-".length)}`;
  const spec = JSON.stringify({
    executionId,
    secretReferences: referencesToJson(references),
  });
  database.prepare(INSERT).run(id, executionId, id, spec, now, now);
  for (const [from, names] of copies) {
    copySealed(database, { from, to: executionId, names });
  }
}

/** Reads where the secrets of an execution are that are not kept here. */
export function readReferences(
  database: Database,
  executionId: ExecutionId,
): Readonly<Record<string, SecretReference>> {
  const row = database.prepare(SELECT_CONTEXT).get(executionId);
  if (row === undefined) return {};
  return referencesFromJson(
    member(objectOf(row, "spec"), "secretReferences") ?? null,
  );
}

/** Deletes the context of an execution that ends, with all it may open. */
export function deleteContext(database: Database, executionId: string): void {
  const { changes } = database.prepare(DELETE).run(executionId);
  if (changes > 0) deleteSealed(database, executionId);
}

/**
 * Deletes the contexts of executions that have ended. There are none, unless
 * something else wrote to the database.
 *
 * @returns How many there were.
 */
export function sweepContexts(database: Database): number {
  // Nobody waits for a lock where there is nothing to do.
  if (database.prepare(STALE).get(1) === undefined) return 0;
  return database.transaction(() => {
    const rows = database.prepare(STALE).all(SWEPT_MAX);
    for (const row of rows) {
      deleteContext(database, textOf(row, "execution_id"));
    }
    return rows.length;
  });
}
