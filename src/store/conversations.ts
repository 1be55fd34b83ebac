/**
 * Conversations: what was said in a session and in those that it goes on from.
 *
 * A fork has no copy of what was said before it: it says up to which execution
 * of the other session it goes on, so that what is kept is kept once.
 *
 * @module
 */

import type { ExecutionRecord } from "../model/execution.ts";
import { idTimeMs } from "../model/id.ts";
import { member } from "../model/json.ts";
import type { PhaseName } from "../model/phase.ts";
import { type ModelUsage, sumUsage, usageFromJson } from "../model/usage.ts";
import type { Database, SqlRow, SqlValue } from "./driver.ts";
import {
  LIVE,
  parsePhase,
  selectFrom,
  timeText,
  toRecord,
} from "./execution_rows.ts";
import { resourceById } from "./resources.ts";
import { timeMs } from "./time.ts";

/** Sessions that go on from one another, at the most. */
export const FORK_DEPTH_MAX = 64;
/** Executions read at once. */
const BATCH = 50;
const SUMS = `
  SELECT updated_at, json_extract(status, '$.usage') AS usage
  FROM agent_executions WHERE session_id = ?`;

/** A part of a conversation: executions of one session, from its begin on. */
export interface Stretch {
  readonly sessionId: string;
  /** The last execution of it; absent for all. */
  readonly upTo?: string;
}

/** Where an execution stands in its session. */
type Position = readonly [createdAt: string, id: string];

/** Where a part ends. */
interface End {
  readonly sign: "<" | "<=";
  readonly at: Position;
}

/** The parts of a conversation, the newest first: its own, then its origins'. */
export function stretchesOf(
  database: Database,
  sessionId: string,
): readonly Stretch[] {
  const stretches: Stretch[] = [{ sessionId }];
  let id = sessionId;
  while (stretches.length <= FORK_DEPTH_MAX) {
    const spec = resourceById(database, "Session", id)?.spec ?? {};
    const origin = member(spec, "forkedFromSessionId");
    const upTo = member(spec, "forkedAfterExecutionId");
    if (typeof origin !== "string" || typeof upTo !== "string") break;
    stretches.push({ sessionId: origin, upTo });
    id = origin;
  }
  return stretches;
}

/** Executions of a conversation that ended well, the newest first. */
export function* completedIn(
  database: Database,
  stretches: readonly Stretch[],
  options: {
    /** The execution that they were before; absent for all. */
    readonly before?: string;
  } = {},
): Generator<ExecutionRecord, void, void> {
  for (const [i, { sessionId, upTo }] of stretches.entries()) {
    let end = endAt(database, "<=", upTo);
    if (i === 0) end = endAt(database, "<", options.before) ?? end;
    for (;;) {
      const { cut, values } = cutOf(end);
      const rows: readonly SqlRow[] = database.prepare(`
        ${selectFrom("AgentExecution")}
        WHERE e.session_id = ? AND e.phase = 'COMPLETED' ${cut}
        ORDER BY e.created_at DESC, e.id DESC LIMIT ${BATCH}`)
        .all(sessionId, ...values);
      for (const row of rows) yield toRecord(database, row, "AgentExecution");
      const last = rows.at(-1);
      if (last === undefined || rows.length < BATCH) break;
      end = { sign: "<", at: [String(last.created_at), String(last.id)] };
    }
  }
}

/** An execution of a session, as a fork looks at it. */
export interface Standing {
  readonly id: string;
  readonly phase: PhaseName;
}

/** The first execution of a session that has not ended, up to one of them. */
export function firstLiveIn(
  database: Database,
  sessionId: string,
  upTo?: string,
): Standing | undefined {
  const { cut, values } = cutOf(endAt(database, "<=", upTo));
  return standingOf(
    database.prepare(`
      SELECT e.id, e.phase FROM agent_executions AS e
      WHERE e.session_id = ? AND e.${LIVE} ${cut}
      ORDER BY e.created_at, e.id LIMIT 1`).get(sessionId, ...values),
  );
}

/** The newest execution of a session, before one of them or of all. */
export function newestIn(
  database: Database,
  sessionId: string,
  before?: string,
): Standing | undefined {
  const { cut, values } = cutOf(endAt(database, "<", before));
  return standingOf(
    database.prepare(`
      SELECT e.id, e.phase FROM agent_executions AS e
      WHERE e.session_id = ? ${cut}
      ORDER BY e.created_at DESC, e.id DESC LIMIT 1`)
      .get(sessionId, ...values),
  );
}

/** Finds an execution of a part of a conversation, by its id or its name. */
export function findIn(
  database: Database,
  { sessionId, upTo }: Stretch,
  word: string,
): Standing | undefined {
  const { cut, values } = cutOf(endAt(database, "<=", upTo));
  return standingOf(
    database.prepare(`
      SELECT e.id, e.phase FROM agent_executions AS e
      WHERE e.session_id = ? AND (e.id = ? OR e.name = ?) ${cut}
      ORDER BY e.id = ? DESC, e.created_at DESC, e.id DESC LIMIT 1`)
      .get(sessionId, word, word, ...values, word),
  );
}

/** What happened in a session, all in all. */
export interface SessionSums {
  readonly executionCount: number;
  readonly usage: ModelUsage;
  /** When one of its executions last moved; absent when it has none. */
  readonly lastActivityAtMs?: number;
}

/** Adds up what the executions of a session did. */
export function sumsOf(database: Database, sessionId: string): SessionSums {
  const rows = database.prepare(SUMS).all(sessionId);
  const used = rows.map((row) =>
    usageFromJson(row.usage === null ? {} : JSON.parse(String(row.usage)))
  );
  const last = rows.reduce(
    (newest, row) =>
      String(row.updated_at) > newest ? String(row.updated_at) : newest,
    "",
  );
  return {
    executionCount: rows.length,
    usage: sumUsage(used),
    ...(last === "" ? {} : { lastActivityAtMs: timeMs(last) }),
  };
}

function standingOf(row: SqlRow | undefined): Standing | undefined {
  return row === undefined
    ? undefined
    : { id: String(row.id), phase: parsePhase(row.phase) };
}

function cutOf(
  end: End | undefined,
): { readonly cut: string; readonly values: readonly SqlValue[] } {
  return end === undefined
    ? { cut: "", values: [] }
    : { cut: `AND (e.created_at, e.id) ${end.sign} (?, ?)`, values: end.at };
}

/** The end of a part at an execution; absent for the whole. */
function endAt(
  database: Database,
  sign: End["sign"],
  id: string | undefined,
): End | undefined {
  return id === undefined ? undefined : { sign, at: positionOf(database, id) };
}

/** Where an execution stands; one that is gone stood where its id says. */
function positionOf(database: Database, id: string): Position {
  const row = database.prepare(
    "SELECT created_at FROM agent_executions WHERE id = ?",
  ).get(id);
  return [String(row?.created_at ?? timeText(idTimeMs(id))), id];
}
