/**
 * What may go: found by reading alone, so that what would be removed and what
 * is removed are the same.
 *
 * An execution goes with all that it started, or not at all; what one that has
 * not ended needs stays.
 *
 * @module
 */

import { isTerminal } from "../model/phase.ts";
import type { RetentionRule } from "../model/retention.ts";
import { textOf } from "./columns.ts";
import { stretchesOf } from "./conversations.ts";
import type { Database, SqlRow } from "./driver.ts";
import { KINDS, LIVE, parsePhase, TABLES } from "./execution_rows.ts";
import { timeMs, timeText } from "./time.ts";

/** An execution that goes. */
export interface DoomedExecution {
  readonly id: string;
  /** Its run; absent where something else wrote to the database. */
  readonly run: number | undefined;
  /** The execution that its family goes with: all of it, or none. */
  readonly rootId: string;
}

/** An artifact that goes. */
export interface DoomedArtifact {
  readonly id: string;
  /** The execution that it goes with; absent for one of an execution that stays. */
  readonly execution?: DoomedExecution;
}

/** A journal that goes, but for its first and its last event. */
export interface DoomedJournal {
  readonly run: number;
  readonly lastSequence: number;
}

/** What may go of executions. */
export interface ExecutionPlan {
  /** Those that others started before who started them. */
  readonly executions: readonly DoomedExecution[];
  /** Of executions that stay. */
  readonly journals: readonly DoomedJournal[];
  /** Also those of executions that go. */
  readonly artifacts: readonly DoomedArtifact[];
}

/** How a plan is made. */
export interface PlanOptions {
  readonly rule: RetentionRule;
  readonly nowMs: number;
  /** Lets others have their turn; called between two reads. */
  readonly pause: () => Promise<void>;
  /** What is found at the most, about; the next collection goes on. */
  readonly foundMax?: number;
}

/** Executions of one read. */
const BATCH_MAX = 500;
/** Executions of a family, and what a collection finds of them, at the most. */
const EXECUTIONS_MAX = 200_000;
/** Retries of retries that are gone back. */
const RETRIES_MAX = 100;

const ARTIFACTS_OF = "SELECT id FROM artifacts WHERE execution_id = ?";
const RUN_OF = "SELECT number FROM runs WHERE execution_id = ?";
const LAST = "SELECT max(sequence) AS last FROM journal WHERE run = ?";
const BETWEEN = `
  SELECT 1 AS one FROM journal
  WHERE run = ? AND sequence > 1 AND sequence < ? LIMIT 1`;

/** Finds the executions, journals and artifacts that are past their time. */
export async function planExecutions(
  database: Database,
  options: PlanOptions,
): Promise<ExecutionPlan> {
  const { rule, nowMs, pause, foundMax = EXECUTIONS_MAX } = options;
  const plan = {
    executions: [] as DoomedExecution[],
    journals: [] as DoomedJournal[],
    artifacts: [] as DoomedArtifact[],
  };
  const shortestMs = Math.min(
    rule.executionsMs ?? Infinity,
    rule.journalsMs ?? Infinity,
    rule.artifactsMs ?? Infinity,
  );
  if (shortestMs === Infinity) return plan;
  const needed = neededExecutions(database);
  for await (
    const id of roots(database, { beforeMs: nowMs - shortestMs, pause })
  ) {
    // What is only looked at must not keep a collection from what is behind it.
    const { executions, journals, artifacts } = plan;
    if (executions.length + journals.length + artifacts.length >= foundMax) {
      break;
    }
    const family = familyOf(database, id);
    if (family === undefined) continue;
    const isPast = (ms: number | undefined): boolean =>
      ms !== undefined && family.endedAtMs < nowMs - ms;
    if (
      isPast(rule.executionsMs) && !family.ids.some((it) => needed.has(it))
    ) {
      // Those that were started last come first.
      for (const it of family.ids.toReversed()) {
        const execution = { id: it, run: runOf(database, it), rootId: id };
        executions.push(execution);
        artifacts.push(
          ...artifactsOf(database, it).map((own) => ({ id: own, execution })),
        );
      }
      continue;
    }
    for (const it of family.ids) {
      if (isPast(rule.journalsMs)) {
        journals.push(...journalOf(database, runOf(database, it)));
      }
      if (isPast(rule.artifactsMs)) {
        artifacts.push(
          ...artifactsOf(database, it).map((own) => ({ id: own })),
        );
      }
    }
  }
  return plan;
}

/** The journal of a run, where more is there than what stays. */
export function journalOf(
  database: Database,
  run: number | undefined,
): readonly DoomedJournal[] {
  if (run === undefined) return [];
  const last = Number(database.prepare(LAST).get(run)?.last ?? 0);
  const isMore = database.prepare(BETWEEN).get(run, last) !== undefined;
  return isMore ? [{ run, lastSequence: last }] : [];
}

/** Ended executions that nobody started, or nobody who is still there. */
async function* roots(
  database: Database,
  of: { readonly beforeMs: number; readonly pause: () => Promise<void> },
): AsyncGenerator<string, void, void> {
  for (const kind of KINDS) {
    const read = database.prepare(`
      SELECT id, created_at, parent_execution_id AS parent
      FROM ${TABLES[kind]}
      WHERE NOT (${LIVE}) AND created_at < ?1 AND (created_at, id) > (?2, ?3)
      ORDER BY created_at, id LIMIT ${BATCH_MAX}`);
    const before = timeText(of.beforeMs);
    let [createdAt, id] = ["", ""];
    for (;;) {
      const rows = read.all(before, createdAt, id);
      for (const row of rows) {
        const { parent } = row;
        if (typeof parent === "string" && statusRow(database, parent)) continue;
        yield textOf(row, "id");
      }
      const last = rows.at(-1);
      if (last === undefined) break;
      [createdAt, id] = [textOf(last, "created_at"), textOf(last, "id")];
      await of.pause();
    }
  }
}

/** An execution with all that it started, first those that others started. */
interface Family {
  readonly ids: readonly string[];
  /** When the last of them ended. */
  readonly endedAtMs: number;
}

/** The family of an execution; `undefined` while one of it has not ended. */
function familyOf(database: Database, rootId: string): Family | undefined {
  const ids = [rootId];
  let endedAtMs = 0;
  for (let i = 0; i < ids.length && ids.length <= EXECUTIONS_MAX; i++) {
    const id = ids[i] ?? "";
    const row = statusRow(database, id);
    if (row === undefined || !isTerminal(parsePhase(row.phase))) {
      return undefined;
    }
    endedAtMs = Math.max(endedAtMs, timeMs(textOf(row, "ended_at")));
    for (const kind of KINDS) {
      const children = database.prepare(
        `SELECT id FROM ${TABLES[kind]} WHERE parent_execution_id = ?`,
      ).all(id);
      ids.push(...children.map((it) => textOf(it, "id")));
    }
  }
  return { ids, endedAtMs };
}

function statusRow(database: Database, id: string): SqlRow | undefined {
  return database.prepare(`
    SELECT phase,
      coalesce(json_extract(status, '$.completedAt'), updated_at) AS ended_at
    FROM ${tableOf(id)} WHERE id = ?`).get(id);
}

/** The table that an execution is in. */
export function tableOf(id: string): string {
  return id.startsWith("aex-")
    ? TABLES.AgentExecution
    : TABLES.WorkflowExecution;
}

/**
 * Ended executions that others need which have not: those that a retry goes
 * back to, and those of its session and of those that it goes on from, which
 * are its history.
 */
function neededExecutions(database: Database): ReadonlySet<string> {
  const needed = new Set<string>();
  const sessions = new Set<string>();
  for (const kind of KINDS) {
    const rows = database.prepare(`
      SELECT id, json_extract(spec, '$.retryOf') AS retry_of,
        json_extract(spec, '$.sessionId') AS session_id
      FROM ${TABLES[kind]} WHERE ${LIVE}`).all();
    for (const row of rows) {
      if (typeof row.session_id === "string") sessions.add(row.session_id);
      let before = row.retry_of;
      for (let i = 0; i < RETRIES_MAX && typeof before === "string"; i++) {
        if (before === "") break;
        needed.add(before);
        before = database.prepare(`
          SELECT json_extract(spec, '$.retryOf') AS retry_of
          FROM ${tableOf(before)} WHERE id = ?`).get(before)?.retry_of ?? null;
      }
    }
  }
  const told = [...sessions]
    .flatMap((it) => stretchesOf(database, it)).map((it) => it.sessionId);
  for (const session of new Set(told)) {
    const rows = database.prepare(
      "SELECT id FROM agent_executions WHERE session_id = ?",
    ).all(session);
    for (const row of rows) needed.add(textOf(row, "id"));
  }
  return needed;
}

function runOf(database: Database, id: string): number | undefined {
  const number = database.prepare(RUN_OF).get(id)?.number;
  return typeof number === "number" ? number : undefined;
}

function artifactsOf(database: Database, id: string): readonly string[] {
  return database.prepare(ARTIFACTS_OF).all(id).map((row) => textOf(row, "id"));
}
