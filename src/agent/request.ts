/**
 * What the machine asks of the activities, as JSON and back.
 *
 * A request says all there is to know: the activities hold no plan.
 *
 * @module
 */

import type { TurnBudget } from "../llm/budget.ts";
import type { CallOptions, ModelPrice, ModelSettings } from "../llm/model.ts";
import {
  type ToolServer,
  toolServerFromJson,
  toolServerToJson,
} from "../mcp/server.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import {
  workspaceFromJson,
  type WorkspaceSettings,
  workspaceToJson,
} from "../model/workspace.ts";
import { requestPlace, type Summary } from "./conversation.ts";
import type { AgentPlan, PlannedSubAgent } from "./plan.ts";
import { extentFromJson, type SummaryExtent } from "./turn.ts";

/** A model turn to carry out. */
export interface ModelRequest {
  readonly settings: ModelSettings;
  readonly prompt: CallOptions["prompt"];
  readonly servers: readonly ToolServer[];
  /** Agents that it may hand work to. */
  readonly subAgents: readonly OfferedSubAgent[];
  /** Names of skills that it may load. */
  readonly skills: readonly string[];
  /** Its built-in tools; absent for none. */
  readonly workspace?: WorkspaceSettings;
  /** Globs over its tools: it sees those that each list lets through. */
  readonly toolFilters: readonly (readonly string[])[];
  readonly outputSchema?: JsonObject;
  readonly input: Json;
  /** Absent where nothing in it can be a sealed reference. */
  readonly sealed?: SealedRequest;
  /** What the turn may use at the most; absent where that is not bounded. */
  readonly budget?: TurnBudget;
  /** The model that answered last in this run; absent in its first turn. */
  readonly lastModel?: string;
  /** What the answer is to stand for, where a summary is asked for. */
  readonly summary?: SummaryExtent;
}

/** What the model is told of a sub-agent. */
export type OfferedSubAgent = Pick<PlannedSubAgent, "name" | "description">;

/** What it takes to open the references of a conversation. */
export interface SealedRequest {
  /** The run's own mark. */
  readonly mark: string;
  /** Where in the conversation the message of the run stands. */
  readonly at: number;
  /** What that message says besides the input. */
  readonly message?: string;
}

/** A tool call to carry out. */
export interface ToolRequest {
  readonly server: ToolServer;
  readonly tool: string;
  readonly arguments: JsonObject;
  /** The run's own mark; empty where nothing can be a sealed reference. */
  readonly sealMark: string;
}

/** Writes a model turn as JSON. */
export function modelRequestToJson(
  request: {
    readonly plan: AgentPlan;
    readonly messages: readonly JsonObject[];
    /** What stands for the older part of the messages. */
    readonly summary?: Summary | undefined;
    readonly budget?: TurnBudget | undefined;
    readonly lastModel?: string | undefined;
  },
): JsonObject {
  const { plan, messages, summary, budget, lastModel } = request;
  return {
    settings: settingsToJson(plan.model),
    messages,
    servers: plan.mcpServers.map(toolServerToJson),
    ...(plan.subAgents.length === 0 ? {} : {
      subAgents: plan.subAgents.map(({ name, description }) => ({
        name,
        description,
      })),
    }),
    ...(plan.skills.length === 0
      ? {}
      : { skills: plan.skills.map(({ name }) => name) }),
    ...(plan.workspace === undefined
      ? {}
      : { workspace: workspaceToJson(plan.workspace) }),
    ...(plan.toolFilters === undefined
      ? {}
      : { toolFilters: plan.toolFilters }),
    input: plan.input,
    ...(plan.outputSchema === undefined
      ? {}
      : { outputSchema: plan.outputSchema }),
    ...(budget === undefined ? {} : { budget: { ...budget } }),
    ...(lastModel === undefined ? {} : { lastModel }),
    ...(plan.sealMark === undefined
      ? {}
      : { sealed: sealedToJson(plan, { mark: plan.sealMark, summary }) }),
  };
}

function sealedToJson(
  plan: AgentPlan,
  { mark, summary }: {
    readonly mark: string;
    readonly summary: Summary | undefined;
  },
): JsonObject {
  return {
    mark,
    at: requestPlace(plan, summary),
    ...(plan.message === undefined ? {} : { message: plan.message }),
  };
}

/** Reads what {@linkcode modelRequestToJson} wrote. */
export function modelRequestFromJson(json: Json): ModelRequest {
  const object = isJsonObject(json) ? json : {};
  const servers = member(object, "servers");
  const outputSchema = member(object, "outputSchema");
  const workspace = member(object, "workspace");
  const sealed = member(object, "sealed");
  const budget = member(object, "budget");
  const lastModel = member(object, "lastModel");
  const summary = extentFromJson(member(object, "summary"));
  return {
    settings: settingsFromJson(member(object, "settings")),
    prompt: promptFromJson(member(object, "messages")),
    servers: isJsonArray(servers) ? servers.map(toolServerFromJson) : [],
    subAgents: listOf(member(object, "subAgents")).map(subAgentFromJson),
    skills: listOf(member(object, "skills")).map(textOf),
    ...(isJsonObject(workspace)
      ? { workspace: workspaceFromJson(workspace) }
      : {}),
    toolFilters: listOf(member(object, "toolFilters")).map((globs) =>
      listOf(globs).map(textOf)
    ),
    input: member(object, "input") ?? null,
    ...(isJsonObject(outputSchema) ? { outputSchema } : {}),
    ...(isJsonObject(sealed) ? { sealed: sealedFromJson(sealed) } : {}),
    ...(isJsonObject(budget) ? { budget: budgetFromJson(budget) } : {}),
    ...(typeof lastModel === "string" ? { lastModel } : {}),
    ...(summary === undefined ? {} : { summary }),
  };
}

function budgetFromJson(object: JsonObject): TurnBudget {
  const maxTokens = member(object, "maxTokens");
  const maxCostUsd = member(object, "maxCostUsd");
  const cachedTokens = member(object, "cachedTokens");
  return {
    ...(typeof maxTokens === "number" ? { maxTokens } : {}),
    ...(typeof maxCostUsd === "number" ? { maxCostUsd } : {}),
    ...(typeof cachedTokens === "number" ? { cachedTokens } : {}),
  };
}

function sealedFromJson(object: JsonObject): SealedRequest {
  const message = member(object, "message");
  return {
    mark: textOf(member(object, "mark")),
    at: Number(member(object, "at")),
    ...(typeof message === "string" ? { message } : {}),
  };
}

/** The conversation is a prompt in plain JSON since it was made. */
export function promptFromJson(
  messages: Json | undefined,
): CallOptions["prompt"] {
  return messages as unknown as CallOptions["prompt"];
}

/** Writes which model answers, and how. */
export function settingsToJson(settings: ModelSettings): JsonObject {
  const { price, fallbacks, ...plain } = settings;
  return {
    ...plain,
    ...(fallbacks === undefined ? {} : { fallbacks }),
    ...(price === undefined ? {} : { price: { ...price } }),
  };
}

/** Reads which model answers, and how. */
export function settingsFromJson(json: Json | undefined): ModelSettings {
  const object = isJsonObject(json) ? json : {};
  const temperature = member(object, "temperature");
  const maxOutputTokens = member(object, "maxOutputTokens");
  const contextWindow = member(object, "contextWindow");
  const fallbacks = member(object, "fallbacks");
  const price = member(object, "price");
  return {
    name: textOf(member(object, "name")),
    baseUrl: textOf(member(object, "baseUrl")),
    ...(typeof temperature === "number" ? { temperature } : {}),
    ...(typeof maxOutputTokens === "number" ? { maxOutputTokens } : {}),
    ...(typeof contextWindow === "number" ? { contextWindow } : {}),
    ...(isJsonArray(fallbacks)
      ? { fallbacks: fallbacks.filter((it) => typeof it === "string") }
      : {}),
    ...(isJsonObject(price) ? { price: priceFromJson(price) } : {}),
  };
}

function priceFromJson(object: JsonObject): ModelPrice {
  const cacheRead = member(object, "cacheRead");
  const cacheWrite = member(object, "cacheWrite");
  return {
    input: Number(member(object, "input") ?? 0),
    output: Number(member(object, "output") ?? 0),
    ...(typeof cacheRead === "number" ? { cacheRead } : {}),
    ...(typeof cacheWrite === "number" ? { cacheWrite } : {}),
  };
}

/** Writes a tool call as JSON. */
export function toolRequestToJson(
  request: {
    readonly server: JsonObject;
    readonly tool: string;
    readonly arguments: JsonObject;
    readonly sealMark: string;
  },
): JsonObject {
  return { ...request };
}

/** Reads what {@linkcode toolRequestToJson} wrote. */
export function toolRequestFromJson(json: Json): ToolRequest {
  const object = isJsonObject(json) ? json : {};
  const args = member(object, "arguments");
  return {
    server: toolServerFromJson(member(object, "server")),
    tool: textOf(member(object, "tool")),
    arguments: isJsonObject(args) ? args : {},
    sealMark: textOf(member(object, "sealMark")),
  };
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function subAgentFromJson(json: Json): OfferedSubAgent {
  const object = isJsonObject(json) ? json : {};
  return {
    name: textOf(member(object, "name")),
    description: textOf(member(object, "description")),
  };
}

function listOf(json: Json | undefined): readonly Json[] {
  return isJsonArray(json) ? json : [];
}
