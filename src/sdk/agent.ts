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
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  readonly baseUrl?: string;
  readonly fallbacks?: readonly string[];
  readonly contextWindow?: number;
}

/** A tool server of an agent: one of the catalog, an applied one, or its own. */
export interface ToolServerOptions {
  readonly name: string;
  readonly enabledTools?: readonly string[];
  readonly args?: readonly string[];
  /** The name of an applied one, when it is called otherwise here. */
  readonly server?: string;
  readonly stdio?: {
    readonly command: string;
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
  };
  readonly http?: {
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly oauth?: JsonObject;
  };
}

/** What an agent may spend. */
export interface AgentLimits {
  readonly maxTurns?: number;
  readonly maxToolCallsPerTurn?: number;
  readonly maxToolCalls?: number;
  readonly maxTokens?: number;
  readonly maxCostUsd?: number;
  readonly maxRepeatedCalls?: number;
  readonly timeout?: Duration;
}

/** Which tools may be called. */
export interface ToolPermissions {
  readonly allow?: readonly string[];
  readonly ask?: readonly string[];
  readonly deny?: readonly string[];
}

/** An agent that an agent may hand work to. */
export interface SubAgentOptions {
  readonly name: string;
  readonly description?: string;
  /** An agent, or the name of one; or else its own instructions. */
  readonly agent?: AgentDefinition<unknown> | string;
  readonly instructions?: string;
  readonly model?: ModelOptions | string;
  readonly tools?: readonly string[];
  readonly skills?: readonly string[];
  readonly limits?: AgentLimits;
  readonly output?: Schema<unknown>;
  readonly permissions?: ToolPermissions;
}

/** What an agent is. */
export interface AgentOptions<Output> extends MetadataOptions {
  readonly name: string;
  readonly description?: string;
  readonly instructions: string;
  readonly model?: ModelOptions | string;
  /** Tool servers: names of the catalog or of applied ones, or all about them. */
  readonly mcpServers?: readonly (ToolServerOptions | string)[];
  readonly skills?: readonly string[];
  readonly subAgents?: readonly SubAgentOptions[];
  readonly env?: EnvDeclarations;
  readonly limits?: AgentLimits;
  /** What its answers must fit; the type of what a call of it gives. */
  readonly output?: Schema<Output>;
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
  readonly name: string;
  readonly description?: string;
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
