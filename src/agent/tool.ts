/**
 * The tools of an agent, wherever they come from, as the model sees them and
 * as the machine calls them.
 *
 * @module
 */

import type { Tool } from "../mcp/hub.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { ToolEffect } from "../model/permission.ts";
import type { ArgumentsReading } from "../workspace/parameters.ts";

/** Every {@linkcode ToolKind}. */
const TOOL_KINDS = ["mcp", "agent", "skill", "workspace"] as const;

/**
 * Where a tool comes from, and so how it is called: from a tool server,
 * another agent that work is handed to, the skills that may be loaded, or what
 * is built in.
 */
export type ToolKind = (typeof TOOL_KINDS)[number];

/** Reads a kind; journals of older releases know of tool servers alone. */
export function toolKind(value: Json | undefined): ToolKind {
  return TOOL_KINDS.find((it) => it === value) ?? "mcp";
}

/** A tool that an agent may call. */
export interface AgentTool {
  readonly kind: ToolKind;
  /** As models see it; unique within an agent. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly inputSchema: JsonObject;
  /** Whether the same call twice does no more than once. */
  readonly repeatable: boolean;
  /** What it does to the world; permissions go by it. */
  readonly effect: ToolEffect;
  /** What it is grouped under: the name of its tool server. */
  readonly server: string;
  /** Its own name there. */
  readonly tool: string;
  /** Gives the one form of its arguments, which rules are held against. */
  readonly canonical?: (given: JsonObject) => ArgumentsReading;
  /** Why it is kept from the model, and a call of it is not made. */
  readonly blocked?: string;
}

/** Makes a tool of one that a tool server has. */
export function toolOfServer(
  { name, description, inputSchema, repeatable, effect, server, tool }: Tool,
): AgentTool {
  return {
    kind: "mcp",
    name,
    description,
    inputSchema,
    repeatable,
    effect,
    server: server.name,
    tool,
  };
}
