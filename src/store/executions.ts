/**
 * Executions: the rows of `agent_executions` and `workflow_executions`
 * together with their runs.
 *
 * @module
 */

import type {
  ExecutionKind,
  ExecutionRecord,
  NewExecution,
} from "../model/execution.ts";
import { StigmerError } from "../model/error.ts";
import { type ExecutionId, parseExecutionId } from "../model/id.ts";
import type { JsonObject } from "../model/json.ts";
import { isTerminal, type PhaseName } from "../model/phase.ts";
import { JOURNAL_FORMAT, type RunStatus } from "../model/run.ts";
import { changed } from "./changes.ts";
import { variablesText } from "./contexts.ts";
import type { Database } from "./driver.ts";
import {
  KINDS,
  parsePhase,
  selectFrom,
  statusText,
  TABLES,
  timeText,
  toRecord,
  toStatus,
} from "./execution_rows.ts";
import { leaveLine, placeIn } from "./lines.ts";
import { keepValue } from "./values.ts";

export {
  countExecutions,
  type ExecutionFilter,
  listExecutions,
} from "./execution_list.ts";

/** What came of storing an execution. */
export interface InsertedExecution {
  /** Of the new execution, or of the one with the same idempotency key. */
  readonly executionId: ExecutionId;
  /** False when an execution with this idempotency key was there. */
  readonly inserted: boolean;
  /** Number of its run. */
  readonly run: number;
  /** Whether it waits for another one of its session: then nobody owns it. */
  readonly isHeld: boolean;
}

const INSERT_RUN = `
  INSERT INTO runs
    (execution_id, owner, epoch, due_at_ms, events_after, variables, seal_mark,
     line, served_by)
  VALUES (?1, (SELECT number FROM workers WHERE number = ?2), ?3, ?4,
    coalesce((SELECT max(sequence) FROM events), 0), ?5, ?6, ?7, ?8)
  RETURNING number, owner`;
const INSERT_CREATED = `
  INSERT INTO journal
    (run, sequence, format, time_ms, type, path, name, attempt, data, value)
  VALUES (?, 1, ${JOURNAL_FORMAT}, ?, 'EXECUTION_CREATED', '', '', 0, ?, ?)`;

/** Says which kind of execution an id is of. */
export function executionKindOf(executionId: ExecutionId): ExecutionKind {
  return executionId.startsWith("aex-")
    ? "AgentExecution"
    : "WorkflowExecution";
}

/**
 * Stores an execution as PENDING with the first event of its journal; any
 * worker can claim it, unless an owner is named. One whose session has another
 * one that has not ended is nobody's until its turn comes.
 */
export function insertExecution(
  database: Database,
  execution: NewExecution,
  options: { readonly nowMs: number; readonly owner?: number },
): InsertedExecution {
  return database.transaction(() => {
    const known = execution.idempotencyKey === undefined
      ? undefined
      : findByIdempotencyKey(database, execution.idempotencyKey);
    if (known !== undefined) {
      const run = runNumber(database, known) ?? 0;
      return { executionId: known, inserted: false, run, isHeld: false };
    }
    const stored = insertRows(database, execution, options);
    changed(database);
    return { executionId: execution.id, inserted: true, ...stored };
  });
}

function insertRows(
  database: Database,
  execution: NewExecution,
  options: { readonly nowMs: number; readonly owner?: number },
): Pick<InsertedExecution, "run" | "isHeld"> {
  const { nowMs } = options;
  const line = lineOf(execution);
  const { isHeld, createdAtMs } = line === ""
    ? { isHeld: false, createdAtMs: nowMs }
    : placeIn(database, line, nowMs);
  const owner = isHeld ? undefined : options.owner;
  const now = timeText(createdAtMs);
  database.prepare(`
    INSERT INTO ${TABLES[execution.kind]}
      (id, name, labels, spec, status, created_at, updated_at, created_by,
       updated_by)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`).run(
    execution.id,
    execution.name,
    JSON.stringify(execution.labels),
    JSON.stringify(storedSpec(execution)),
    '{"phase":"PENDING"}',
    now,
    now,
    execution.createdBy,
    execution.createdBy,
  );
  const row = database.prepare(INSERT_RUN).get(
    execution.id,
    owner ?? null,
    owner === undefined ? 0 : 1,
    owner === undefined && !isHeld ? nowMs : null,
    variablesText(execution.variables ?? {}),
    execution.sealMark ?? "",
    line === "" ? null : line,
    execution.servedBy ?? "",
  );
  // Nobody would ever free what a worker has that others took for dead.
  if (owner !== undefined && row?.owner !== owner) throw ownerGone(execution);
  const run = Number(row?.number);
  const { data, value } = keepValue(database, execution.input);
  database.prepare(INSERT_CREATED).run(run, nowMs, data, value);
  return { run, isHeld };
}

/** The session in whose line an execution has its place; empty for none. */
function lineOf({ kind, spec }: NewExecution): string {
  const session = kind === "AgentExecution" ? spec["sessionId"] : "";
  return typeof session === "string" ? session : "";
}

function ownerGone({ id }: NewExecution): StigmerError {
  return new StigmerError(
    "ABORTED",
    `Cannot store execution "${id}": other processes took this one for dead`,
    { hints: ["Try again"] },
  );
}

/** The spec with what the record says apart, and without the input. */
function storedSpec(execution: NewExecution): JsonObject {
  const { input: _, ...spec } = execution.spec;
  return {
    ...spec,
    ...(execution.parent === undefined ? {} : {
      parentExecutionId: execution.parent.executionId,
      parentPath: execution.parent.path,
    }),
    ...(execution.idempotencyKey === undefined
      ? {}
      : { idempotencyKey: execution.idempotencyKey }),
  };
}

/** Finds the execution that was stored with an idempotency key. */
export function findByIdempotencyKey(
  database: Database,
  key: string,
): ExecutionId | undefined {
  for (const kind of KINDS) {
    const row = database.prepare(
      `SELECT id FROM ${TABLES[kind]} WHERE idempotency_key = ?`,
    ).get(key);
    if (row !== undefined) return parseExecutionId(String(row.id));
  }
  return undefined;
}

/** Reads an execution, or `undefined` when there is none. */
export function getExecution(
  database: Database,
  executionId: ExecutionId,
): ExecutionRecord | undefined {
  const kind = executionKindOf(executionId);
  const row = database.prepare(`${selectFrom(kind)} WHERE e.id = ?`)
    .get(executionId);
  return row === undefined ? undefined : toRecord(database, row, kind);
}

/** Number of the run of an execution, or `undefined` when there is none. */
export function runNumber(
  database: Database,
  executionId: ExecutionId,
): number | undefined {
  const row = database.prepare("SELECT number FROM runs WHERE execution_id = ?")
    .get(executionId);
  return row === undefined ? undefined : Number(row.number);
}

/** The phase of an execution, or `undefined` when there is none. */
export function phaseOf(
  database: Database,
  executionId: ExecutionId,
): PhaseName | undefined {
  const row = database.prepare(
    `SELECT phase FROM ${TABLES[executionKindOf(executionId)]} WHERE id = ?`,
  ).get(executionId);
  return row === undefined ? undefined : parsePhase(row.phase);
}

/**
 * Writes how an execution stands; whether it may, the caller knows. The end of
 * one is the turn of the next one in its session.
 */
export function writeStatus(
  database: Database,
  executionId: ExecutionId,
  options: { readonly status: RunStatus; readonly nowMs: number },
): void {
  const table = TABLES[executionKindOf(executionId)];
  database.prepare(
    `UPDATE ${table} SET status = ?, updated_at = ? WHERE id = ?`,
  ).run(
    statusText(database, options.status),
    timeText(options.nowMs),
    executionId,
  );
  if (
    isTerminal(options.status.phase) &&
    executionKindOf(executionId) === "AgentExecution"
  ) leaveLine(database, executionId, options.nowMs);
}

/** Reads how an execution stands, without its output. */
export function readStatus(
  database: Database,
  executionId: ExecutionId,
): RunStatus | undefined {
  const row = database.prepare(
    `SELECT status FROM ${TABLES[executionKindOf(executionId)]} WHERE id = ?`,
  ).get(executionId);
  return row === undefined
    ? undefined
    : toStatus(JSON.parse(String(row.status)));
}
