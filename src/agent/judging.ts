/**
 * Which calls of a turn are made, asked about or refused, by the rules that
 * the run is held to.
 *
 * It is pure: a run that is replayed judges as it did before, and a call that
 * has a result is not judged again.
 *
 * @module
 */

import {
  judgeCall,
  type JudgedCall,
  type ToolEffect,
  type Verdict,
} from "../model/permission.ts";
import type { AgentPlan } from "./plan.ts";
import type { ToolKind } from "./tool.ts";
import type { TurnToolCall } from "./turn.ts";

/**
 * Judges a call of a turn.
 *
 * @returns `undefined` for a run that nobody holds to rules, and for a call
 * that cannot be made at all.
 */
export function judgeToolCall(
  { permissions }: AgentPlan,
  call: TurnToolCall,
): Verdict | undefined {
  if (permissions === undefined || call.problem !== undefined) return undefined;
  return judgeCall(judgedCall(call), permissions);
}

/** A call as rules see it. */
export function judgedCall(
  { kind, server, tool, effect, arguments: args }: TurnToolCall,
): JudgedCall {
  return {
    server,
    tool,
    effect: effectOf(kind, effect),
    arguments: args,
  };
}

/** Handing work on, and reading a skill, does nothing by itself. */
function effectOf(kind: ToolKind, effect: ToolEffect): ToolEffect {
  switch (kind) {
    case "agent":
    case "skill":
      return "read";
    case "mcp":
    case "workspace":
      return effect;
  }
}
