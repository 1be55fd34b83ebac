/**
 * What an execution of an agent runs: its plan, with the servers and skills
 * that it pinned, and the machine over it.
 *
 * @module
 */

import type { Agent } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import {
  Approval,
  type ExecutionSpec,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { limitReached } from "../agent/limit.ts";
import { createAgentMachine } from "../agent/machine.ts";
import { type AgentRun, createAgentPlan, rulesOf } from "../agent/plan.ts";
import type { Program } from "../engine/ports.ts";
import { needsOf } from "../mcp/needs.ts";
import { invalidArgument } from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import type { Database } from "../store/driver.ts";
import { pinnedServers, plannedServers } from "./agent_servers.ts";
import { plannedSkills } from "./agent_skills.ts";
import { durationMs } from "./proto_json.ts";
import { historyOf } from "./session_history.ts";
import { grantsOf } from "./tool_grants.ts";

/** What an agent runs as, and what must be opened before its first turn. */
export type AgentProgram =
  & Pick<
    Program,
    "createMachine" | "timeoutMs" | "timesWorkOnly" | "timeoutFailure"
  >
  & { readonly needed: readonly string[] };

/** Makes the program of an execution of an agent. */
export function agentProgram(
  database: Database,
  { agent, spec, execution, toRun }: {
    readonly agent: Agent;
    readonly spec: ExecutionSpec;
    readonly execution: ExecutionRecord;
    /** Whether it is run, and not only folded: then it has a history. */
    readonly toRun: boolean;
  },
): AgentProgram {
  const grants = spec.approval === Approval.APPROVAL_UNSPECIFIED
    ? []
    : grantsOf(database, execution);
  const timeoutMs = durationMs(spec.timeout);
  if (agent.spec === undefined) {
    throw invalidArgument(
      `Cannot execute agent "${spec.resourceName}": it has no spec`,
    );
  }
  const plan = createAgentPlan(agent.spec, {
    name: spec.resourceName,
    input: execution.input,
    message: spec.message,
    model: spec.model,
    history: toRun ? historyOf(database, execution) : [],
    subAgents: spec.subAgents.map(({ name, description, agent }) => ({
      name,
      description,
      agent,
    })),
    skills: plannedSkills(spec.skills, agent.spec),
    mcpServers: plannedServers(
      agent.spec,
      pinnedServers(database, agent.spec, spec),
    ),
    toolFilters: spec.toolFilters.map(({ globs }) => globs),
    sealMark: execution.sealMark,
    limits: spec.limits,
    isSubAgent: spec.subAgent !== "",
    ...heldTo(spec),
    ...(grants.length === 0 ? {} : { grants }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(spec.outputSchema === undefined
      ? {}
      : { outputSchema: JSON.parse(JSON.stringify(spec.outputSchema)) }),
  });
  return {
    createMachine: () =>
      createAgentMachine(plan, { executionId: execution.id }),
    timeoutMs: plan.limits.timeoutMs,
    timesWorkOnly: true,
    timeoutFailure: limitReached(plan, { kind: "timeout" }),
    needed: plan.mcpServers.flatMap((it) => [...needsOf(it).keys()]),
  };
}

/** What its tool calls are held to; nothing where nothing is said. */
function heldTo(
  { approval, permissions }: ExecutionSpec,
): Pick<AgentRun, "approval" | "permissions"> {
  if (approval === Approval.APPROVAL_UNSPECIFIED) return {};
  return {
    approval: approval === Approval.ALL
      ? "all"
      : approval === Approval.NONE
      ? "none"
      : "ask",
    permissions: permissions.map(({ agent, permissions }) => ({
      agent,
      rules: rulesOf(permissions),
    })),
  };
}
