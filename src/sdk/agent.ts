/**
 * Agents, tool servers and environments as TypeScript.
 *
 * @module
 */

import type { Json, JsonObject } from "../model/json.ts";
import { callerPlace } from "./_caller.ts";
import { type Duration, durationMsOf } from "./duration.ts";
import {
  type Defined,
  type EnvDeclarations,
  type Manifest,
  manifestOf,
  type MetadataOptions,
} from "./manifest.ts";
import type { Schema } from "./schema.ts";

/** The model of an agent. */
export interface ModelOptions {
  /** As `anthropic/claude-sonnet-4-5`, `ollama/llama3.2`, `script:FILE`. */
  readonly name: string;
  /** How freely it words its answers. */
  readonly temperature?: number;
  /** Tokens of one answer at the most. */
  readonly maxOutputTokens?: number;
  /** Where a provider of one's own is reached. */
  readonly baseUrl?: string;
  /** Models that are asked when it does not answer. */
  readonly fallbacks?: readonly string[];
  /** Tokens that it can take in. */
  readonly contextWindow?: number;
}

/** A tool server of an agent: one of the catalog, an applied one, or its own. */
export interface ToolServerOptions {
  /** Its name. */
  readonly name: string;
  /** The tools that are offered; default all. */
  readonly enabledTools?: readonly string[];
  /** Arguments of the program. */
  readonly args?: readonly string[];
  /** The name of an applied one, when it is called otherwise here. */
  readonly server?: string;
  /** A program that speaks over its standard streams. */
  readonly stdio?: {
    readonly command: string;
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
  };
  /** A server that is reached over HTTP. */
  readonly http?: {
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly oauth?: JsonObject;
  };
}

/** What an agent may spend. */
export interface AgentLimits {
  /** Turns of the model. */
  readonly maxTurns?: number;
  /** Tool calls in one turn. */
  readonly maxToolCallsPerTurn?: number;
  /** Tool calls in all. */
  readonly maxToolCalls?: number;
  /** Tokens in all. */
  readonly maxTokens?: number;
  /** US dollars in all. */
  readonly maxCostUsd?: number;
  /** Calls of one tool with the same arguments. */
  readonly maxRepeatedCalls?: number;
  /** How long it may take. */
  readonly timeout?: Duration;
}

/** Which tools may be called. */
export interface ToolPermissions {
  /** Patterns of tools that may be called. */
  readonly allow?: readonly string[];
  /** Patterns of tools that a person is asked about. */
  readonly ask?: readonly string[];
  /** Patterns of tools that may not be called. */
  readonly deny?: readonly string[];
}

/** An agent that an agent may hand work to. */
export interface SubAgentOptions {
  /** Its name. */
  readonly name: string;
  /** What it is for, in words. */
  readonly description?: string;
  /** An agent, or the name of one; or else its own instructions. */
  readonly agent?: AgentDefinition<unknown> | string;
  /** What it is told to do, and how. */
  readonly instructions?: string;
  /** The model that it uses. */
  readonly model?: ModelOptions | string;
  /** The tools that it may use. */
  readonly tools?: readonly string[];
  /** The skills that it may load. */
  readonly skills?: readonly string[];
  /** What it may spend. */
  readonly limits?: AgentLimits;
  /** What its answer must fit. */
  readonly output?: Schema<unknown>;
  /** Which tools may be called. */
  readonly permissions?: ToolPermissions;
}

/** What an agent is. */
export interface AgentOptions<Output> extends MetadataOptions {
  /** Its name. */
  readonly name: string;
  /** What it is for, in words. */
  readonly description?: string;
  /** What it is told to do, and how. */
  readonly instructions: string;
  /** The model that it uses. */
  readonly model?: ModelOptions | string;
  /** Tool servers: names of the catalog or of applied ones, or all about them. */
  readonly mcpServers?: readonly (ToolServerOptions | string)[];
  /** The skills that it may load. */
  readonly skills?: readonly string[];
  /** Agents that it may hand work to. */
  readonly subAgents?: readonly SubAgentOptions[];
  /** The variables and secrets that it needs. */
  readonly env?: EnvDeclarations;
  /** What it may spend. */
  readonly limits?: AgentLimits;
  /** What its answers must fit; the type of what a call of it gives. */
  readonly output?: Schema<Output>;
  /** Which tools may be called. */
  readonly permissions?: ToolPermissions;
  /** The built-in tools for files, programs and web pages. */
  readonly workspace?: {
    readonly folder?: string;
    readonly tools?: readonly string[];
    readonly commands?: readonly string[];
    readonly hosts?: readonly string[];
  };
}

/** An agent that was defined. */
export interface AgentDefinition<Output = Json> extends Defined {
  /** Always `Agent`. */
  readonly kind: "Agent";
  /** What its answers fit. */
  readonly output: Schema<Output> | undefined;
}

/**
 * Defines an agent.
 *
 * @example
 * ```ts
 * import { agent, t } from "@stigmer/cli/sdk";
 *
 * export default agent({
 *   name: "triager",
 *   instructions: "Say which label an issue gets.",
 *   model: "anthropic/claude-sonnet-4-5",
 *   mcpServers: ["filesystem"],
 *   output: t.object({ label: t.literal("bug", "feature") }),
 * });
 * ```
 */
export function agent<Output = Json>(
  options: AgentOptions<Output>,
): AgentDefinition<Output> {
  const { name, labels, annotations, tags, ...spec } = options;
  return {
    kind: "Agent",
    name,
    places: { own: callerPlace(), tasks: {} },
    output: options.output,
    toManifest: (): Manifest =>
      manifestOf("Agent", name, {
        metadata: { ...some({ labels, annotations, tags }) },
        spec: specOf(spec),
      }),
  };
}

function specOf<Output>(
  spec: Omit<AgentOptions<Output>, "name" | keyof MetadataOptions>,
): Record<string, unknown> {
  const { description, instructions, mcpServers, subAgents, output, ...rest } =
    spec;
  return {
    description,
    instructions,
    ...rest,
    model: modelOf(spec.model),
    mcpServers: mcpServers?.map((it) =>
      typeof it === "string" ? { name: it } : it
    ),
    limits: limitsOf(spec.limits),
    outputSchema: output?.json,
    subAgents: subAgents?.map(subAgentOf),
  };
}

function subAgentOf(
  { agent, model, limits, output, ...rest }: SubAgentOptions,
): Record<string, unknown> {
  return {
    ...rest,
    agent: typeof agent === "object" ? agent.name : agent,
    model: modelOf(model),
    limits: limitsOf(limits),
    outputSchema: output?.json,
  };
}

function modelOf(model: ModelOptions | string | undefined): unknown {
  return typeof model === "string" ? { name: model } : model;
}

/** The contract has its durations in seconds. */
function limitsOf(limits: AgentLimits | undefined): unknown {
  if (limits?.timeout === undefined) return limits;
  return { ...limits, timeout: `${durationMsOf(limits.timeout) / 1000}s` };
}

function some(
  metadata: {
    [Key in keyof MetadataOptions]: MetadataOptions[Key] | undefined;
  },
): MetadataOptions {
  // What is undefined is left out when it is written.
  return metadata as MetadataOptions;
}

/** What an environment holds. */
export interface EnvironmentOptions extends MetadataOptions {
  /** Its name. */
  readonly name: string;
  /** What it is for, in words. */
  readonly description?: string;
  /** Values by the names of variables. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Where secrets are kept elsewhere, by name; none has its value here. */
  readonly secretRefs?: Readonly<Record<string, JsonObject>>;
}

/** Defines an environment: variables, and where secrets are kept. */
export function environment(options: EnvironmentOptions): Defined {
  const { name, labels, annotations, tags, ...spec } = options;
  return {
    kind: "Environment",
    name,
    places: { own: callerPlace(), tasks: {} },
    toManifest: () =>
      manifestOf("Environment", name, {
        metadata: { ...some({ labels, annotations, tags }) },
        spec,
      }),
  };
}

/** Defines a tool server that agents and workflows name. */
export function mcpServer(
  options:
    & MetadataOptions
    & Pick<ToolServerOptions, "name" | "stdio" | "http" | "enabledTools">
    & { readonly description?: string; readonly env?: EnvDeclarations },
): Defined {
  const { name, labels, annotations, tags, ...spec } = options;
  return {
    kind: "McpServer",
    name,
    places: { own: callerPlace(), tasks: {} },
    toManifest: () =>
      manifestOf("McpServer", name, {
        metadata: { ...some({ labels, annotations, tags }) },
        spec,
      }),
  };
}
