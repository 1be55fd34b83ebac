/**
 * The rows of what is asked of runs that someone owns.
 *
 * @module
 */

import { parseExecutionId } from "../model/id.ts";
import type { Json } from "../model/json.ts";
import type { RunRequest, RunRequestType } from "../model/run.ts";
import { changed } from "./changes.ts";
import type { Database, SqlRow } from "./driver.ts";

const INSERT = `
  INSERT INTO run_requests (run, type, name, data, time_ms)
  VALUES (?, ?, ?, ?, ?) RETURNING id`;
const OPEN = `
  SELECT q.id, q.type, q.name, q.data, r.execution_id
  FROM run_requests AS q CROSS JOIN runs AS r ON r.number = q.run
  WHERE r.owner = ? AND q.sequence IS NULL ORDER BY q.id`;
const OPEN_OF_RUN = `
  SELECT q.id, q.type, q.name, q.data, r.execution_id
  FROM run_requests AS q CROSS JOIN runs AS r ON r.number = q.run
  WHERE r.owner = ? AND q.run = ? AND q.sequence IS NULL ORDER BY q.id`;
const OPEN_SIGNAL = `
  SELECT data FROM run_requests
  WHERE run = ? AND type = 'SIGNAL' AND name = ? AND sequence IS NULL
  ORDER BY id LIMIT 1`;
const ANY_OPEN =
  "SELECT 1 AS one FROM run_requests WHERE sequence IS NULL LIMIT 1";
const CLOSE = "UPDATE run_requests SET sequence = ? WHERE id = ?";
const DROP =
  "UPDATE run_requests SET sequence = 0 WHERE run = ? AND sequence IS NULL";

/** Leaves a request for the owner of a run; gives its id. */
export function addRequest(
  database: Database,
  run: number,
  request: {
    readonly type: RunRequestType;
    readonly name: string;
    readonly data: Json;
    readonly nowMs: number;
  },
): number {
  const row = database.prepare(INSERT).get(
    run,
    request.type,
    request.name,
    JSON.stringify(request.data),
    request.nowMs,
  );
  changed(database);
  return Number(row?.id);
}

/**
 * The sequence number that a request got; `undefined` until its owner saw it,
 * 0 when the run ended before.
 */
export function requestSequence(
  database: Database,
  requestId: number,
): number | undefined {
  const row = database.prepare("SELECT sequence FROM run_requests WHERE id = ?")
    .get(requestId);
  return typeof row?.sequence === "number" ? row.sequence : undefined;
}

/**
 * Requests to runs of a worker, or to one of them, that it has not taken yet,
 * oldest first.
 */
export function openRequests(
  database: Database,
  owner: number,
  run?: number,
): readonly RunRequest[] {
  if (run !== undefined) {
    return database.prepare(OPEN_OF_RUN).all(owner, run).flatMap(toRequest);
  }
  if (database.prepare(ANY_OPEN).get() === undefined) return [];
  return database.prepare(OPEN).all(owner).flatMap(toRequest);
}

/** What the first signal of a name carries that its owner has not taken yet. */
export function openSignal(
  database: Database,
  run: number,
  name: string,
): Json | undefined {
  const row = database.prepare(OPEN_SIGNAL).get(run, name);
  return row === undefined ? undefined : JSON.parse(String(row.data));
}

/** Notes that a request became the event with that sequence number. */
export function closeRequest(
  database: Database,
  requestId: number,
  sequence: number,
): void {
  database.prepare(CLOSE).run(sequence, requestId);
}

/** Closes what was asked of a run that has ended; sequence 0 says: too late. */
export function dropRequests(database: Database, run: number): void {
  database.prepare(DROP).run(run);
}

function toRequest(row: SqlRow): RunRequest[] {
  const executionId = parseExecutionId(String(row.execution_id));
  const type = parseRequestType(String(row.type));
  if (executionId === undefined || type === undefined) return [];
  return [{
    id: Number(row.id),
    executionId,
    type,
    name: String(row.name),
    data: JSON.parse(String(row.data)),
  }];
}

function parseRequestType(text: string): RunRequestType | undefined {
  switch (text) {
    case "CANCEL":
    case "PAUSE":
    case "RESUME":
    case "SIGNAL":
    case "CHILD_ENDED":
      return text;
  }
  return undefined;
}
