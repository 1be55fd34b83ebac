/**
 * Tools of a server as the contract tells them, with what they were when they
 * were first used.
 *
 * @module
 */

import { create, type JsonObject as ProtoJsonObject } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type McpTool,
  McpTool_Trust,
  type McpToolPin,
  McpToolPinSchema,
  McpToolSchema,
} from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import {
  definitionHash,
  definitionOf,
  type ToolDefinition,
} from "../mcp/tool_definition.ts";
import {
  type ToolPin,
  type TrustState,
  trustState,
} from "../mcp/tool_trust.ts";
import type { JsonObject } from "../model/json.ts";

/** A tool as its server describes it. */
export interface DescribedTool extends ToolDefinition {
  /** Its name for people; empty where its server gives none. */
  readonly title?: string;
  /** JSON Schema of what it gives as data. */
  readonly outputSchema?: JsonObject;
}

/** What tools are told with. */
export interface McpToolOptions {
  /** What the tools of the server were, by their names. */
  readonly pins: ReadonlyMap<string, ToolPin>;
  /** The tools that agents may see; empty means all. */
  readonly enabledTools: readonly string[];
}

const TRUST: Readonly<Record<TrustState, McpTool_Trust>> = {
  new: McpTool_Trust.NEW,
  trusted: McpTool_Trust.TRUSTED,
  changed: McpTool_Trust.CHANGED,
};

/**
 * Tells the tools of a server by name, and after them those that it had.
 *
 * @param tools As the server lists them, without what is secret.
 */
export function mcpToolMessages(
  tools: readonly DescribedTool[],
  { pins, enabledTools }: McpToolOptions,
): McpTool[] {
  const byName = tools.toSorted((a, b) => a.name < b.name ? -1 : 1);
  const listed = new Set(tools.map(({ name }) => name));
  const gone = [...pins].filter(([name]) => !listed.has(name));
  return [
    ...byName.map((tool) => ({
      ...toolMessage(tool, pins.get(tool.name)),
      enabled: enabledTools.length === 0 || enabledTools.includes(tool.name),
    })),
    ...gone.map(([name, pin]) => goneMessage(name, pin)),
  ];
}

/** Tells a tool as it is now. */
export function toolMessage(
  tool: DescribedTool,
  pin: ToolPin | undefined,
): McpTool {
  const definition = definitionOf(tool);
  const state = trustState(definition, pin);
  return create(McpToolSchema, {
    name: tool.name,
    description: tool.description,
    inputSchema: plain(tool.inputSchema),
    effect: tool.effect,
    repeatable: tool.repeatable,
    title: tool.title ?? "",
    ...(tool.outputSchema === undefined
      ? {}
      : { outputSchema: plain(tool.outputSchema) }),
    hash: definitionHash(definition),
    trust: TRUST[state],
    ...(pin === undefined || state !== "changed"
      ? {}
      : { pinned: pinMessage(pin) }),
  });
}

/** Tells what a tool was. */
export function pinMessage(pin: ToolPin): McpToolPin {
  const { definition, hash, pinnedAtMs, pinnedBy } = pin;
  return create(McpToolPinSchema, {
    hash,
    description: definition.description,
    inputSchema: plain(definition.inputSchema),
    effect: definition.effect,
    repeatable: definition.repeatable,
    pinnedAt: timestampFromMs(pinnedAtMs),
    pinnedBy,
  });
}

/** Tells a tool that is not there any more, or is forgotten. */
export function goneMessage(name: string, pin: ToolPin): McpTool {
  return create(McpToolSchema, {
    name,
    effect: pin.definition.effect,
    trust: McpTool_Trust.GONE,
    pinned: pinMessage(pin),
  });
}

/** A `Struct` of the contract is plain JSON that may be changed. */
function plain(object: JsonObject): ProtoJsonObject {
  return JSON.parse(JSON.stringify(object));
}
