/**
 * Whether tools are what they were when they were first used: what a model was
 * told of a tool yesterday is what it may be told today, until a person has
 * looked at what changed.
 *
 * @module
 */

import type { KeyedServer } from "./server_key.ts";
import { countHidden, visibleLine } from "../model/hidden_text.ts";
import { textsIn } from "../model/json_map.ts";
import { changedParts, type ToolDefinition } from "./tool_definition.ts";

/** What a tool was when it was first used, or last trusted. */
export interface ToolPin {
  readonly definition: ToolDefinition;
  /** SHA-256 of the definition. */
  readonly hash: string;
  readonly pinnedAtMs: number;
  /** Who ran it first, or trusted it. */
  readonly pinnedBy: string;
}

/** Whether a tool is what it was. */
export type TrustState = "new" | "trusted" | "changed";

/** Tools that an execution is about to use. */
export interface ToolUse {
  readonly executionId: string;
  readonly server: KeyedServer;
  /** The folder of the run; absolute. */
  readonly workingDirectory: string;
  /** As their server describes them now, without what is secret. */
  readonly tools: readonly ToolDefinition[];
  /** Names of others that it does not list now. */
  readonly unlisted?: readonly string[];
}

/** What is to be known of tools before they are used. */
export interface TrustReport {
  /** Why tools must not be used, by their names; empty when all may be. */
  readonly blocked: ReadonlyMap<string, string>;
  /** What people are told; a line each. */
  readonly notices: readonly string[];
}

/** Looks tools up before they are used, and pins those that never were. */
export interface ToolTrust {
  look(use: ToolUse): Promise<TrustReport>;
}

/** Takes all tools for what they are: where nothing is kept. */
export const TRUSTS_ALL: ToolTrust = {
  look: () => Promise.resolve({ blocked: new Map(), notices: [] }),
};

/** Characters of a description that nobody reads to the end. */
const DESCRIPTION_LENGTH_READ = 4000;

/** Says whether a tool is what it was. */
export function trustState(
  tool: ToolDefinition,
  pin: ToolPin | undefined,
): TrustState {
  if (pin === undefined) return "new";
  const parts = changedParts(pin.definition, tool);
  return parts.length === 0 ? "trusted" : "changed";
}

/** Says why a tool that has changed is blocked, and what unblocks it. */
export function blockedText(
  tool: ToolDefinition,
  { pin, server, command }: {
    readonly pin: ToolPin;
    /** The server's name, for people. */
    readonly server: string;
    /** What shows the change and takes it. */
    readonly command: string;
  },
): string {
  const parts = changedParts(pin.definition, tool).join(" and ");
  const since = new Date(pin.pinnedAtMs).toISOString().slice(0, 10);
  return `Tool "${
    visibleLine(tool.name)
  }" of tool server "${server}" is blocked: its ` +
    `${parts} changed since ${since}, a person can look at it with ` +
    `"${visibleLine(command)}"`;
}

/** Says why a tool that was listed when it was first used is blocked by now. */
export function unlistedText(
  tool: string,
  { server, command }: {
    /** The server's name, for people. */
    readonly server: string;
    /** What forgets that it was listed. */
    readonly command: string;
  },
): string {
  return `Tool "${visibleLine(tool)}" of tool server "${server}" is blocked: ` +
    "its server does not list it any more, a person can let it be called " +
    `all the same with "${visibleLine(command)}"`;
}

/** Says what of a tool's words a person would not see; most hide nothing. */
export function firstUseNotice(
  { name, description, inputSchema }: ToolDefinition,
  server: string,
): readonly string[] {
  const hidden = [name, description, ...textsIn(inputSchema)]
    .reduce((sum, text) => sum + countHidden(text), 0);
  const tool = `Tool "${visibleLine(name)}" of tool server "${server}"`;
  return [
    ...(hidden === 0
      ? []
      : [`${tool} says something in ${hidden} characters that cannot be seen`]),
    ...(description.length <= DESCRIPTION_LENGTH_READ
      ? []
      : [`${tool} has a description of ${description.length} characters`]),
  ];
}
