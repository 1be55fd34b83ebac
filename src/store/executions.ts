/**
 * Executions: the rows of `agent_executions` and `workflow_executions`
 * together with their runs.
 *
 * The status column is proto-JSON of `ExecutionStatus`, but for a large
 * output, which is `outputValue` with the SHA-256 of a stored value. The input
 * stands only once, in the first event of the journal.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type {
  ExecutionKind,
  ExecutionRecord,
  NewExecution,
} from "../model/execution.ts";
import { failureFromJson, failureToJson } from "../model/failure.ts";
import { type ExecutionId, parseExecutionId } from "../model/id.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";
import type { PhaseName } from "../model/phase.ts";
import { JOURNAL_FORMAT, type RunStatus } from "../model/run.ts";
import type { Database, SqlRow, SqlValue } from "./driver.ts";
import { changed } from "./changes.ts";
import { insertContext } from "./contexts.ts";
import { type Page, type PageQuery, readPage, toPage } from "./page.ts";
import { timeMs, timeText as newTimeText } from "./time.ts";
import { keepValue, keptValueOf, readValue } from "./values.ts";

/** What came of storing an execution. */
export interface InsertedExecution {
  /** Of the new execution, or of the one with the same idempotency key. */
  readonly executionId: ExecutionId;
  /** False when an execution with this idempotency key was there. */
  readonly inserted: boolean;
  /** Number of its run. */
  readonly run: number;
}

/** Which executions a list shows. */
export interface ExecutionFilter {
  readonly kind?: ExecutionKind;
  /** Id of the agent or workflow. */
  readonly resourceId?: string;
  readonly sessionId?: string;
  readonly parentExecutionId?: string;
  readonly instanceId?: string;
  /** Any of these; empty or absent means all. */
  readonly phases?: readonly PhaseName[];
  /** Created at this time or later. */
  readonly createdAfterMs?: number;
  /** Created before this time. */
  readonly createdBeforeMs?: number;
}

/** Bytes of large inputs and outputs on one page; past them it ends early. */
const PAGE_VALUE_BYTES_MAX = 2 * VALUE_SIZE_BYTES_MAX;

const TABLES: Readonly<Record<ExecutionKind, string>> = {
  AgentExecution: "agent_executions",
  WorkflowExecution: "workflow_executions",
};
const INSTANCE_COLUMNS: Readonly<Record<ExecutionKind, string>> = {
  AgentExecution: "agent_instance_id",
  WorkflowExecution: "workflow_instance_id",
};
const KINDS: readonly ExecutionKind[] = ["AgentExecution", "WorkflowExecution"];

const INSERT_RUN = `
  INSERT INTO runs (execution_id, owner, epoch, due_at_ms)
  VALUES (?, ?, ?, ?) RETURNING number`;
const INSERT_CREATED = `
  INSERT INTO journal
    (run, sequence, format, time_ms, type, path, name, attempt, data, value)
  VALUES (?, 1, ${JOURNAL_FORMAT}, ?, 'EXECUTION_CREATED', '', '', 0, ?, ?)`;

let lastTimeMs = NaN;
let lastTimeText = "";

/** Writes a time; many rows of one turn have the same. */
function timeText(ms: number): string {
  if (ms !== lastTimeMs) {
    lastTimeText = newTimeText(ms);
    lastTimeMs = ms;
  }
  return lastTimeText;
}

/** Says which kind of execution an id is of. */
export function executionKindOf(executionId: ExecutionId): ExecutionKind {
  return executionId.startsWith("aex-")
    ? "AgentExecution"
    : "WorkflowExecution";
}

/**
 * Stores an execution as PENDING with the first event of its journal; any
 * worker can claim it, unless an owner is named.
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
      return { executionId: known, inserted: false, run };
    }
    const run = insertRows(database, execution, options);
    changed(database);
    return { executionId: execution.id, inserted: true, run };
  });
}

function insertRows(
  database: Database,
  execution: NewExecution,
  options: { readonly nowMs: number; readonly owner?: number },
): number {
  const { nowMs, owner } = options;
  const now = timeText(nowMs);
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
  const run = Number(
    database.prepare(INSERT_RUN).get(
      execution.id,
      owner ?? null,
      owner === undefined ? 0 : 1,
      owner === undefined ? nowMs : null,
    )?.number,
  );
  insertContext(database, execution.id, {
    variables: execution.variables ?? {},
    nowMs,
  });
  const { data, value } = keepValue(database, execution.input);
  database.prepare(INSERT_CREATED).run(run, nowMs, data, value);
  return run;
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
 * Lists executions of both kinds, newest first.
 *
 * A page ends early when it carries very large values, and goes on on the
 * next one.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a bad size or token.
 */
export function listExecutions(
  database: Database,
  filter: ExecutionFilter,
  page: { readonly size: number; readonly token: string },
): Page<ExecutionRecord> {
  const query: PageQuery = { ...page, scope: filterScope(filter) };
  const start = readPage(query, 2);
  const found: Found[] = [];
  for (const part of partsOf(filter)) {
    const { where, values } = conditions(part, start.after);
    const rows = database.prepare(`${selectFrom(part.kind)} ${where}
      ORDER BY e.created_at DESC, e.id DESC LIMIT ?`)
      .all(...values, start.size + 1);
    for (const row of rows) found.push({ row, kind: part.kind });
  }
  found.sort((a, b) => order(keyOf(b), keyOf(a)));
  const rows = found.slice(0, start.size + 1);
  const size = Math.min(start.size, affordable(rows));
  const cut = toPage(rows, {
    start: { ...start, size },
    scope: query.scope,
    keyOf,
  });
  return {
    items: cut.items.map((it) => toRecord(database, it.row, it.kind)),
    nextToken: cut.nextToken,
  };
}

/** Counts executions by phase. */
export function countExecutions(
  database: Database,
): Readonly<Partial<Record<PhaseName, number>>> {
  const counts: Partial<Record<PhaseName, number>> = {};
  for (const kind of KINDS) {
    const rows = database.prepare(
      `SELECT phase, count(*) AS count FROM ${TABLES[kind]} GROUP BY phase`,
    ).all();
    for (const row of rows) {
      const phase = parsePhase(row.phase);
      counts[phase] = (counts[phase] ?? 0) + Number(row.count);
    }
  }
  return counts;
}

/** Writes how an execution stands; whether it may, the caller knows. */
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
}

function statusText(database: Database, status: RunStatus): string {
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
  return JSON.stringify(json);
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

function toStatus(json: JsonObject): RunStatus {
  const error = member(json, "error");
  const started = timeMember(json, "startedAt");
  const completed = timeMember(json, "completedAt");
  const due = timeMember(json, "dueAt");
  const waitingFor = member(json, "waitingFor");
  return {
    phase: parsePhase(member(json, "phase")),
    ...(isJsonObject(error) ? { failure: failureFromJson(error) } : {}),
    ...(started === undefined ? {} : { startedAtMs: started }),
    ...(completed === undefined ? {} : { completedAtMs: completed }),
    ...(due === undefined ? {} : { dueAtMs: due }),
    ...(typeof waitingFor === "string" ? { waitingFor } : {}),
  };
}

function timeMember(json: JsonObject, key: string): number | undefined {
  const text = member(json, key);
  return typeof text === "string" ? timeMs(text) : undefined;
}

interface Found {
  readonly row: SqlRow;
  readonly kind: ExecutionKind;
}

/** One index range of a list: a kind, and a phase where phases are asked for. */
interface Part extends ExecutionFilter {
  readonly kind: ExecutionKind;
  readonly phase?: PhaseName;
}

function partsOf(filter: ExecutionFilter): Part[] {
  const kinds = filter.kind === undefined ? KINDS : [filter.kind];
  const phases = new Set(filter.phases ?? []);
  return kinds.filter((kind) =>
    kind === "AgentExecution" || filter.sessionId === undefined
  ).flatMap((kind): Part[] =>
    phases.size === 0
      ? [{ ...filter, kind }]
      : [...phases].map((phase) => ({ ...filter, kind, phase }))
  );
}

function conditions(
  part: Part,
  after: readonly string[] | undefined,
): { where: string; values: SqlValue[] } {
  const terms: string[] = [];
  const values: SqlValue[] = [];
  const add = (term: string, value: SqlValue | undefined): void => {
    if (value === undefined) return;
    terms.push(term);
    values.push(value);
  };
  const time = (ms: number | undefined) =>
    ms === undefined ? undefined : timeText(ms);
  add("e.phase = ?", part.phase);
  add("e.resource_id = ?", part.resourceId);
  add(`e.${INSTANCE_COLUMNS[part.kind]} = ?`, part.instanceId);
  add("e.session_id = ?", part.sessionId);
  add("e.parent_execution_id = ?", part.parentExecutionId);
  add("e.created_at >= ?", time(part.createdAfterMs));
  add("e.created_at < ?", time(part.createdBeforeMs));
  if (after !== undefined) {
    terms.push("(e.created_at, e.id) < (?, ?)");
    values.push(...after);
  }
  const where = terms.length === 0 ? "" : `WHERE ${terms.join(" AND ")}`;
  return { where, values };
}

function filterScope(filter: ExecutionFilter): Json {
  return [
    "executions",
    filter.kind ?? null,
    filter.resourceId ?? null,
    filter.sessionId ?? null,
    filter.parentExecutionId ?? null,
    filter.instanceId ?? null,
    [...new Set(filter.phases ?? [])].sort(),
    filter.createdAfterMs ?? null,
    filter.createdBeforeMs ?? null,
  ];
}

function keyOf({ row }: Found): readonly [string, string] {
  return [String(row.created_at), String(row.id)];
}

function order(
  a: readonly [string, string],
  b: readonly [string, string],
): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0;
}

/** How many of some rows fit on a page with their large values; at least one. */
function affordable(rows: readonly Found[]): number {
  let sizeBytes = 0;
  for (const [count, { row }] of rows.entries()) {
    sizeBytes += Number(row.value_bytes ?? 0);
    if (sizeBytes > PAGE_VALUE_BYTES_MAX && count > 0) return count;
  }
  return rows.length;
}

function selectFrom(kind: ExecutionKind): string {
  return `
    SELECT e.id, e.name, e.labels, e.spec, e.status, e.created_at,
      e.updated_at, e.created_by, j.data, j.value,
      (SELECT max(sequence) FROM journal WHERE run = r.number) AS sequence,
      (SELECT sum(size_bytes) FROM stored_values WHERE sha256 IN
        (j.value, json_extract(e.status, '$.outputValue'))) AS value_bytes
    FROM ${TABLES[kind]} AS e
    LEFT JOIN runs AS r ON r.execution_id = e.id
    LEFT JOIN journal AS j ON j.run = r.number AND j.sequence = 1`;
}

function toRecord(
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

function parsePhase(value: SqlValue | Json | undefined): PhaseName {
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
