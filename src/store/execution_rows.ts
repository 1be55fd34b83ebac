/**
 * The rows of executions: how they are read and written.
 *
 * The status column is proto-JSON of `ExecutionStatus`, but for a large
 * output, which is `outputValue` with the SHA-256 of a stored value. The input
 * stands only once, in the first event of the journal.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { ExecutionKind, ExecutionRecord } from "../model/execution.ts";
import { failureFromJson, failureToJson } from "../model/failure.ts";
import { parseExecutionId } from "../model/id.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import type { PhaseName } from "../model/phase.ts";
import type { RunStatus } from "../model/run.ts";
import { usageFromJson, usageToJson } from "../model/usage.ts";
import type { Database, SqlRow, SqlValue } from "./driver.ts";
import { timeMs, timeText as newTimeText } from "./time.ts";
import { keepValue, keptValueOf, readValue } from "./values.ts";

/** The table of each kind. */
export const TABLES: Readonly<Record<ExecutionKind, string>> = {
  AgentExecution: "agent_executions",
  WorkflowExecution: "workflow_executions",
};
/** The column with the instance, of each kind. */
export const INSTANCE_COLUMNS: Readonly<Record<ExecutionKind, string>> = {
  AgentExecution: "agent_instance_id",
  WorkflowExecution: "workflow_instance_id",
};
/** Both kinds. */
export const KINDS: readonly ExecutionKind[] = [
  "AgentExecution",
  "WorkflowExecution",
];

/** A condition that holds for executions that have not ended. */
export const LIVE = "phase IN ('PENDING', 'RUNNING', 'WAITING', 'PAUSED')";

let lastTimeMs = NaN;
let lastTimeText = "";

/** Writes a time; many rows of one turn have the same. */
export function timeText(ms: number): string {
  if (ms !== lastTimeMs) {
    lastTimeText = newTimeText(ms);
    lastTimeMs = ms;
  }
  return lastTimeText;
}

/** The start of a query for executions of a kind, as `e`. */
export function selectFrom(kind: ExecutionKind): string {
  return `
    SELECT e.id, e.name, e.labels, e.spec, e.status, e.created_at,
      e.updated_at, e.created_by, j.data, j.value, r.seal_mark,
      r.journal_removed_at_ms,
      (SELECT max(sequence) FROM journal WHERE run = r.number) AS sequence,
      (SELECT sum(size_bytes) FROM stored_values WHERE sha256 IN
        (j.value, json_extract(e.status, '$.outputValue'))) AS value_bytes
    FROM ${TABLES[kind]} AS e
    LEFT JOIN runs AS r ON r.execution_id = e.id
    LEFT JOIN journal AS j ON j.run = r.number AND j.sequence = 1`;
}

/** Reads an execution from a row of {@linkcode selectFrom}. */
export function toRecord(
  database: Database,
  row: SqlRow,
  kind: ExecutionKind,
): ExecutionRecord {
  const id = parseExecutionId(String(row.id));
  if (id === undefined) throw corrupt(database, row);
  const stored: JsonObject = JSON.parse(String(row.spec));
  const statusJson: JsonObject = JSON.parse(String(row.status));
  const input = readValue(database, keptValueOf(row));
  const output = outputOf(database, statusJson);
  const key = member(stored, "idempotencyKey");
  const parentId = parseExecutionId(
    String(member(stored, "parentExecutionId") ?? ""),
  );
  return {
    id,
    kind,
    name: String(row.name),
    labels: JSON.parse(String(row.labels)),
    spec: { ...stored, input },
    input,
    createdBy: String(row.created_by),
    createdAtMs: timeMs(String(row.created_at)),
    updatedAtMs: timeMs(String(row.updated_at)),
    lastSequence: Number(row.sequence ?? 0),
    ...toStatus(statusJson),
    ...(output === undefined ? {} : { output }),
    ...(typeof key === "string" ? { idempotencyKey: key } : {}),
    ...(row.seal_mark ? { sealMark: String(row.seal_mark) } : {}),
    ...(typeof row.journal_removed_at_ms === "number"
      ? { journalRemovedAtMs: row.journal_removed_at_ms }
      : {}),
    ...(parentId === undefined ? {} : {
      parent: {
        executionId: parentId,
        path: String(member(stored, "parentPath") ?? ""),
      },
    }),
  };
}

function outputOf(database: Database, status: JsonObject): Json | undefined {
  const value = member(status, "outputValue");
  if (typeof value === "string") {
    return readValue(database, { data: null, value });
  }
  return member(status, "output");
}

/** Writes a status for its column. */
export function statusText(database: Database, status: RunStatus): string {
  const json: Record<string, Json> = { phase: status.phase };
  if (status.output !== undefined) {
    const { value } = keepValue(database, status.output);
    if (value === null) json.output = status.output;
    else json.outputValue = value;
  }
  if (status.failure !== undefined) json.error = failureToJson(status.failure);
  if (status.startedAtMs !== undefined) {
    json.startedAt = timeText(status.startedAtMs);
  }
  if (status.completedAtMs !== undefined) {
    json.completedAt = timeText(status.completedAtMs);
  }
  if (status.waitingFor !== undefined) json.waitingFor = status.waitingFor;
  if (status.dueAtMs !== undefined) json.dueAt = timeText(status.dueAtMs);
  if (status.usage !== undefined) json.usage = usageToJson(status.usage);
  return JSON.stringify(json);
}

/** Reads a status from its column, without its output. */
export function toStatus(json: JsonObject): RunStatus {
  const error = member(json, "error");
  const started = timeMember(json, "startedAt");
  const completed = timeMember(json, "completedAt");
  const due = timeMember(json, "dueAt");
  const waitingFor = member(json, "waitingFor");
  const usage = member(json, "usage");
  return {
    phase: parsePhase(member(json, "phase")),
    ...(isJsonObject(error) ? { failure: failureFromJson(error) } : {}),
    ...(started === undefined ? {} : { startedAtMs: started }),
    ...(completed === undefined ? {} : { completedAtMs: completed }),
    ...(due === undefined ? {} : { dueAtMs: due }),
    ...(typeof waitingFor === "string" ? { waitingFor } : {}),
    ...(isJsonObject(usage) ? { usage: usageFromJson(usage) } : {}),
  };
}

function timeMember(json: JsonObject, key: string): number | undefined {
  const text = member(json, key);
  return typeof text === "string" ? timeMs(text) : undefined;
}

/** Reads a phase. */
export function parsePhase(value: SqlValue | Json | undefined): PhaseName {
  switch (value) {
    case "PENDING":
    case "RUNNING":
    case "WAITING":
    case "PAUSED":
    case "COMPLETED":
    case "FAILED":
    case "CANCELLED":
    case "SKIPPED":
      return value;
  }
  throw new StigmerError(
    "DATA_LOSS",
    `Cannot read the phase "${value}" of an execution`,
  );
}

function corrupt(database: Database, row: SqlRow): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot read execution "${row.id}" of database "${database.path}": ` +
      "its id is not one",
  );
}
