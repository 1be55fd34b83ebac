/**
 * Which of the answers to tool calls go for an agent in a session: those that
 * a person gave once and for all.
 *
 * @module
 */

import {
  approvalOutcome,
  isAlways,
  type ToolGrant,
} from "../model/approval.ts";
import type { HumanRequest } from "../model/durable.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import type { Database } from "../store/driver.ts";
import { getExecution } from "../store/executions.ts";
import {
  deleteGrant,
  grantsBefore,
  type GrantScope,
  insertGrant,
} from "../store/tool_grants.ts";

/** Agents that work for one another, at the most. */
const LEVELS_MAX = 100;

/** What an execution was told by the answers in its session before it. */
export function grantsOf(
  database: Database,
  execution: ExecutionRecord,
): readonly ToolGrant[] {
  const scope = scopeOf(database, execution);
  if (scope === undefined) return [];
  return grantsBefore(database, scope, execution.startedAtMs);
}

/** An answer that goes for all later calls of a tool in the session. */
export interface LastingAnswer {
  /** Keeps it, in the transaction that keeps the answer. */
  keep(): void;
  /** Takes it back, where the answer came too late. */
  takeBack(): void;
}

/**
 * What there is to keep of an answer besides the answer itself.
 *
 * @returns `undefined` for one that goes for its own call alone, and outside
 * of sessions.
 */
export function lastingAnswer(
  database: Database,
  { record, human }: {
    readonly record: ExecutionRecord;
    readonly human: HumanRequest;
  },
  from: {
    readonly answer: Json;
    readonly identity: string;
    readonly nowMs: number;
  },
): LastingAnswer | undefined {
  const { answer, identity: by, nowMs } = from;
  const { toolCall } = human;
  if (toolCall === undefined || !isJsonObject(answer)) return undefined;
  const outcome = approvalOutcome(member(answer, "outcome"));
  if (outcome === undefined || !isAlways(member(answer, "data"))) {
    return undefined;
  }
  const scope = scopeOf(database, record);
  if (scope === undefined) return undefined;
  const grant = { server: toolCall.server, tool: toolCall.tool, outcome };
  let isKept = false;
  return {
    keep() {
      isKept = insertGrant(database, scope, { ...grant, by, nowMs });
    },
    takeBack() {
      if (isKept) deleteGrant(database, scope, grant);
    },
  };
}

/**
 * The session that an execution is of, or that the agent above it is of that
 * it works for, and which of the agents there it is.
 */
function scopeOf(
  database: Database,
  execution: ExecutionRecord,
): GrantScope | undefined {
  const names: string[] = [];
  let level: ExecutionRecord | undefined = execution;
  for (let i = 0; level !== undefined && i < LEVELS_MAX; i++) {
    if (level.kind !== "AgentExecution") return undefined;
    const sessionId = textOf(level, "sessionId");
    if (sessionId !== "") {
      const agent = textOf(level, "resourceId") ||
        textOf(level, "resourceName");
      return {
        sessionId,
        agent: JSON.stringify([agent, ...names.toReversed()]),
        executionId: execution.id,
      };
    }
    names.push(textOf(level, "subAgent"));
    level = level.parent === undefined
      ? undefined
      : getExecution(database, level.parent.executionId);
  }
  return undefined;
}

function textOf({ spec }: ExecutionRecord, key: string): string {
  const value = member(spec, key);
  return typeof value === "string" ? value : "";
}
