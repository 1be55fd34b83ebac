/**
 * All that the execution of an agent needs, resolved before it starts.
 *
 * The backend makes a plan from the contract's `Agent` and what the run asks
 * for; the machine and the activities know nothing else.
 *
 * @module
 */

import type {
  AgentLimits,
  AgentSpec,
  McpOAuth,
  McpServer,
  ModelPrice as ContractModelPrice,
  ModelSettings as ContractModelSettings,
  ToolPermissions,
  WorkspaceTools,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import type { ModelPrice, ModelSettings } from "../llm/model.ts";
import {
  algorithmOf,
  grantOf,
  type OAuthSettings,
} from "../mcp/oauth_settings.ts";
import type { ToolServer, ToolTransport } from "../mcp/server.ts";
import type { Json, JsonObject } from "../model/json.ts";
import {
  AGENT_COST_USD_DEFAULT,
  AGENT_REPEATED_CALLS_DEFAULT,
  AGENT_TIMEOUT_MS_DEFAULT,
  AGENT_TOKENS_DEFAULT,
  AGENT_TOOL_CALLS_DEFAULT,
  AGENT_TOOL_CALLS_PER_TURN_DEFAULT,
  AGENT_TURNS_DEFAULT,
} from "../model/limits.ts";
import type { ToolGrant } from "../model/approval.ts";
import { providerOf } from "../model/model_name.ts";
import type { RuleLayer, ToolRules } from "../model/permission.ts";
import { letsServerThrough } from "../model/tool_glob.ts";
import type { WorkspaceSettings } from "../model/workspace.ts";

/** All that the execution of an agent needs. */
export interface AgentPlan {
  /** The agent's slug or name, for messages to people. */
  readonly name: string;
  /** The system prompt. */
  readonly instructions: string;
  /** Which model answers; an empty name means the best one reachable. */
  readonly model: ModelSettings;
  readonly mcpServers: readonly ToolServer[];
  readonly limits: AgentPlanLimits;
  /** Who set a limit, where it was not the agent. */
  readonly narrowed?: NarrowedLimits;
  /** Whether it works for another agent, which may have made it. */
  readonly isSubAgent?: boolean;
  /** Agents that it may hand work to. */
  readonly subAgents: readonly PlannedSubAgent[];
  /** Globs over its tools: it sees those that each list lets through. */
  readonly toolFilters?: readonly (readonly string[])[];
  /** Skills that it may load. */
  readonly skills: readonly PlannedSkill[];
  /** Its built-in tools; absent for none. */
  readonly workspace?: WorkspaceSettings;
  /** Who holds its tool calls to rules; absent where nobody does. */
  readonly permissions?: readonly RuleLayer[];
  /** What becomes of calls that a person is to be asked about; default ask. */
  readonly approval?: ApprovalMode;
  /** What a person said once and for all in this session, before this run. */
  readonly grants?: readonly ToolGrant[];
  /** JSON Schema that the answer must fit; absent means free text. */
  readonly outputSchema?: JsonObject;
  /** Earlier messages of the session, oldest first. */
  readonly history: readonly HistoryMessage[];
  /** The message; absent means that the model is given the input as JSON. */
  readonly message?: string;
  readonly input: Json;
  /** What marks the sealed references in input and message; absent for none. */
  readonly sealMark?: string;
}

/** What one execution may spend. */
export interface AgentPlanLimits {
  /** Model turns at the most. */
  readonly maxTurns: number;
  /** Tool calls of one turn at the most. */
  readonly maxToolCallsPerTurn: number;
  /** Wall time while it runs at the most. */
  readonly timeoutMs: number;
  /** Tool calls of the whole at the most. */
  readonly maxToolCalls: number;
  /** Tokens, read and written, of the whole at the most. */
  readonly maxTokens: number;
  /** What the tokens of the whole may cost, in US dollars. */
  readonly maxCostUsd: number;
  /** Same calls with the same result before the model is told. */
  readonly maxRepeatedCalls: number;
}

/**
 * Who set limits that are narrower than the agent's own: whoever asked for the
 * run, or the agent that handed it the work.
 */
export type NarrowedLimits = Readonly<Partial<Record<LimitKey, LimitSource>>>;

type LimitKey = keyof AgentPlanLimits;
type LimitSource = "run" | "parent";

const LIMIT_KEYS: readonly LimitKey[] = [
  "maxTurns",
  "maxToolCallsPerTurn",
  "timeoutMs",
  "maxToolCalls",
  "maxTokens",
  "maxCostUsd",
  "maxRepeatedCalls",
];

/** What an agent may spend that does not say. */
export const AGENT_LIMITS_DEFAULT: AgentPlanLimits = {
  maxTurns: AGENT_TURNS_DEFAULT,
  maxToolCallsPerTurn: AGENT_TOOL_CALLS_PER_TURN_DEFAULT,
  timeoutMs: AGENT_TIMEOUT_MS_DEFAULT,
  maxToolCalls: AGENT_TOOL_CALLS_DEFAULT,
  maxTokens: AGENT_TOKENS_DEFAULT,
  maxCostUsd: AGENT_COST_USD_DEFAULT,
  maxRepeatedCalls: AGENT_REPEATED_CALLS_DEFAULT,
};

/** An agent that work may be handed to. */
export interface PlannedSubAgent {
  /** What the model calls it by; unique within the agent. */
  readonly name: string;
  /** When to hand work to it. */
  readonly description: string;
  /** The applied agent that does the work; empty for one of its own. */
  readonly agent: string;
}

/** What becomes of calls that a person is to be asked about. */
export type ApprovalMode = "ask" | "all" | "none";

/** A skill that may be loaded. */
export interface PlannedSkill {
  /** Its slug. */
  readonly name: string;
  /** When to use it. */
  readonly description: string;
  /** SHA-256 of its content, 64 hexadecimal digits. */
  readonly contentHash: string;
}

/** A message of an earlier execution of the session. */
export interface HistoryMessage {
  readonly role: "user" | "assistant";
  readonly text: string;
  /** The execution that it is of; absent where there is no telling. */
  readonly executionId?: string;
  /** Whether it stands for all that was said up to that execution. */
  readonly isSummary?: boolean;
}

/** What a run asks for besides the agent itself. */
export interface AgentRun {
  /** The agent's slug or name, for messages to people. */
  readonly name: string;
  readonly input: Json;
  /** The message to the agent; absent or empty means the input as JSON. */
  readonly message?: string;
  /** The model instead of the agent's own; absent or empty keeps that. */
  readonly model?: string;
  /** The schema instead of the agent's own. */
  readonly outputSchema?: JsonObject;
  /** Wall time instead of the agent's own. */
  readonly timeoutMs?: number;
  /** What it may spend; only what is narrower than the agent's own counts. */
  readonly limits?: AgentLimits | undefined;
  /** Whether another agent hands it the work, and `limits` is what that had left. */
  readonly isSubAgent?: boolean;
  readonly history?: readonly HistoryMessage[];
  /** Agents that it may hand work to. */
  readonly subAgents?: readonly PlannedSubAgent[];
  /** Globs over its tools: it sees those that each list lets through. */
  readonly toolFilters?: readonly (readonly string[])[];
  /** Skills that it may load. */
  readonly skills?: readonly PlannedSkill[];
  /** All of its tool servers; default those that it brings along. */
  readonly mcpServers?: readonly ToolServer[];
  /** Who holds its tool calls to rules, besides itself; the outermost first. */
  readonly permissions?: readonly RuleLayer[];
  /**
   * What becomes of calls that a person is to be asked about; absent for a run
   * that was made before there were permissions, whose calls are not judged.
   */
  readonly approval?: ApprovalMode;
  /** What a person said once and for all in this session, before this run. */
  readonly grants?: readonly ToolGrant[];
  /** What marks the sealed references in input and message. */
  readonly sealMark?: string | undefined;
}

/** Makes the plan of one execution of an agent. */
export function createAgentPlan(spec: AgentSpec, run: AgentRun): AgentPlan {
  const outputSchema = run.outputSchema ?? spec.outputSchema;
  const filters = run.toolFilters ?? [];
  return {
    name: run.name,
    instructions: spec.instructions,
    model: modelOf(spec.model, run.model ?? ""),
    mcpServers: (run.mcpServers ?? spec.mcpServers.map(toolServerOf)).filter((
      { name },
    ) => filters.every((globs) => letsServerThrough(globs, name))),
    ...planLimits(spec.limits, run),
    ...(run.isSubAgent === true ? { isSubAgent: true } : {}),
    subAgents: run.subAgents ?? [],
    ...(filters.length === 0 ? {} : { toolFilters: filters }),
    skills: run.skills ?? [],
    ...(spec.workspace === undefined
      ? {}
      : { workspace: workspaceOf(spec.workspace) }),
    ...(run.approval === undefined ? {} : {
      // Those above come first: of rules that say the same, theirs is named.
      permissions: [...run.permissions ?? [], layerOf(run.name, spec)],
      approval: run.approval,
    }),
    ...(run.grants === undefined ? {} : { grants: run.grants }),
    history: run.history ?? [],
    input: run.input,
    ...(run.message ? { message: run.message } : {}),
    ...(run.sealMark ? { sealMark: run.sealMark } : {}),
    // A `Struct` of the contract is plain JSON; the copy drops what is not.
    ...(outputSchema === undefined
      ? {}
      : { outputSchema: JSON.parse(JSON.stringify(outputSchema)) }),
  };
}

function layerOf(
  agent: string,
  { permissions }: Pick<AgentSpec, "permissions">,
): RuleLayer {
  return { agent, rules: rulesOf(permissions) };
}

/** The rules that somebody writes; none where nothing is said. */
export function rulesOf(permissions: ToolPermissions | undefined): ToolRules {
  const { allow = [], ask = [], deny = [] } = permissions ?? {};
  return { allow, ask, deny };
}

function workspaceOf(
  { folder, tools, commands, hosts }: WorkspaceTools,
): WorkspaceSettings {
  return { folder, tools, commands, hosts };
}

function modelOf(
  model: ContractModelSettings | undefined,
  override: string,
): ModelSettings {
  const own = model?.name ?? "";
  const name = override === "" ? own : override;
  // The address belongs to the agent's own provider: another one's key must
  // never be sent there.
  const keepsAddress = providerOf(name) === providerOf(own);
  return {
    name,
    baseUrl: keepsAddress ? model?.baseUrl ?? "" : "",
    ...(model?.temperature === undefined
      ? {}
      : { temperature: model.temperature }),
    ...(model?.maxOutputTokens === undefined
      ? {}
      : { maxOutputTokens: model.maxOutputTokens }),
    // Who asks for a script wants no answer of another model.
    ...(model?.fallbacks.length && (name === own || !isScript(name))
      ? { fallbacks: model.fallbacks }
      : {}),
    // What is said of a model's window and price is said of that model alone.
    ...(name === own && model?.contextWindow !== undefined
      ? { contextWindow: model.contextWindow }
      : {}),
    ...(name === own && model?.price !== undefined
      ? { price: priceOf(model.price) }
      : {}),
  };
}

function isScript(name: string): boolean {
  return providerOf(name) === "script";
}

function priceOf(
  { input, output, cacheRead, cacheWrite }: ContractModelPrice,
): ModelPrice {
  return {
    input,
    output,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
  };
}

/** A tool server that an agent brings along. */
export function toolServerOf(server: McpServer): ToolServer {
  return {
    name: server.name,
    enabledTools: server.enabledTools,
    transport: transportOf(server),
  };
}

function transportOf(server: McpServer): ToolTransport {
  const { transport } = server;
  switch (transport.case) {
    case "stdio": {
      const { command, args, env, cwd } = transport.value;
      return { kind: "stdio", command, args, env, cwd };
    }
    case "http": {
      const { url, headers, oauth } = transport.value;
      return {
        kind: "http",
        url,
        headers,
        ...(oauth === undefined ? {} : { oauth: oauthOf(oauth) }),
      };
    }
    case undefined:
      return { kind: "catalog", args: server.args };
  }
}

function oauthOf(oauth: McpOAuth): OAuthSettings {
  return {
    clientId: oauth.clientId,
    clientSecret: oauth.clientSecret,
    scopes: oauth.scopes,
    grant: grantOf(oauth.grant),
    privateKey: oauth.privateKey,
    algorithm: algorithmOf(oauth.algorithm),
    clientMetadataUrl: oauth.clientMetadataUrl,
    issuer: oauth.issuer,
  };
}

/** The limits of a run, and who set those that are not the agent's. */
function planLimits(
  limits: AgentLimits | undefined,
  run: AgentRun,
): Pick<AgentPlan, "limits" | "narrowed"> {
  const by = run.isSubAgent === true ? "parent" : "run";
  const bounds: Record<LimitKey, number> = {
    ...AGENT_LIMITS_DEFAULT,
    ...givenLimits(limits),
    ...(run.timeoutMs ? { timeoutMs: run.timeoutMs } : {}),
  };
  const narrowed: Partial<Record<LimitKey, LimitSource>> = run.timeoutMs
    ? { timeoutMs: by }
    : {};
  const asked = givenLimits(run.limits);
  for (const key of LIMIT_KEYS) {
    const bound = asked[key];
    if (bound === undefined || bound >= bounds[key]) continue;
    bounds[key] = bound;
    narrowed[key] = by;
  }
  return {
    limits: bounds,
    ...(Object.keys(narrowed).length === 0 ? {} : { narrowed }),
  };
}

/** The limits that are given: nothing and zero leave one to others. */
function givenLimits(
  limits: AgentLimits | undefined,
): Partial<AgentPlanLimits> {
  const given: Partial<Record<LimitKey, number>> = {};
  if (limits === undefined) return given;
  const timeoutMs = durationMs(limits.timeout);
  for (const key of LIMIT_KEYS) {
    const bound = key === "timeoutMs" ? timeoutMs : limits[key];
    if (bound > 0) given[key] = bound;
  }
  return given;
}

function durationMs(duration: AgentLimits["timeout"]): number {
  if (duration === undefined) return 0;
  return Number(duration.seconds) * 1000 + duration.nanos / 1_000_000;
}
