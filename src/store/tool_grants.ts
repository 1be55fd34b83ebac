/**
 * What people said once and for all of tools, in sessions.
 *
 * A row is of the execution that asked: those before it, and itself, are told
 * nothing of it by this table, so that what they did is read the same for ever.
 *
 * @module
 */

import type { ApprovalOutcome, ToolGrant } from "../model/approval.ts";
import { textOf } from "./columns.ts";
import type { Database } from "./driver.ts";
import { timeText } from "./time.ts";

/** Whose tools a grant is about. */
export interface GrantScope {
  readonly sessionId: string;
  /** The agent in the session: other ones may call another server the same. */
  readonly agent: string;
  readonly executionId: string;
}

/** What a person said, and when. */
export interface NewGrant extends ToolGrant {
  readonly by: string;
  readonly nowMs: number;
}

const INSERT = `
  INSERT INTO tool_grants (session_id, execution_id, agent, server, tool,
    outcome, granted_at, granted_by)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;
const DELETE = `
  DELETE FROM tool_grants
  WHERE session_id = ? AND execution_id = ? AND server = ? AND tool = ?`;
const SELECT = `
  SELECT server, tool, outcome FROM tool_grants
  WHERE session_id = ? AND agent = ? AND execution_id <> ? AND granted_at <= ?
  ORDER BY granted_at, execution_id`;
/** Sorts after any time. */
const FOR_EVER = "~";

/**
 * Keeps a grant; the first one of an execution for a tool counts.
 *
 * @returns Whether it was the first.
 */
export function insertGrant(
  database: Database,
  { sessionId, executionId, agent }: GrantScope,
  { server, tool, outcome, by, nowMs }: NewGrant,
): boolean {
  const { changes } = database.prepare(INSERT).run(
    sessionId,
    executionId,
    agent,
    server,
    tool,
    outcome,
    timeText(nowMs),
    by,
  );
  return changes > 0;
}

/** Takes a grant back that came too late to count. */
export function deleteGrant(
  database: Database,
  { sessionId, executionId }: GrantScope,
  { server, tool }: Pick<ToolGrant, "server" | "tool">,
): void {
  database.prepare(DELETE).run(sessionId, executionId, server, tool);
}

/**
 * Lists what an execution was told when it began: what others of its session
 * were granted, the newest word on each tool last.
 *
 * @param startedAtMs When it began; absent for one that begins now.
 */
export function grantsBefore(
  database: Database,
  { sessionId, executionId, agent }: GrantScope,
  startedAtMs?: number,
): readonly ToolGrant[] {
  const before = startedAtMs === undefined ? FOR_EVER : timeText(startedAtMs);
  return database.prepare(SELECT)
    .all(sessionId, agent, executionId, before)
    .map((row) => ({
      server: textOf(row, "server"),
      tool: textOf(row, "tool"),
      outcome: parseOutcome(textOf(row, "outcome")),
    }));
}

/** The table knows no other words. */
function parseOutcome(text: string): ApprovalOutcome {
  return text as ApprovalOutcome;
}
