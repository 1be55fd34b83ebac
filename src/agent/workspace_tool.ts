/**
 * The built-in tools of an agent, as the machine calls them.
 *
 * @module
 */

import type { Platform } from "../host/host.ts";
import { qualifiedName } from "../mcp/names.ts";
import type { Command } from "../model/durable.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { type RuleLayer, WORKSPACE_SERVER } from "../model/permission.ts";
import {
  workspaceFromJson,
  type WorkspaceSettings,
  workspaceToJson,
  workspaceToolNames,
} from "../model/workspace.ts";
import { layersFromJson, layerToJson } from "../workspace/layers.ts";
import { schemaOf } from "../workspace/parameters.ts";
import { canonicalArguments, workspaceTool } from "../workspace/tools.ts";
import type { AgentPlan } from "./plan.ts";
import type { AgentTool } from "./tool.ts";
import type { TurnToolCall } from "./turn.ts";

/** A call of a built-in tool, with what the agent says of them. */
export interface WorkspaceRequest {
  readonly settings: WorkspaceSettings;
  /** Who holds the agent to rules. */
  readonly layers: readonly RuleLayer[];
  readonly tool: string;
  readonly arguments: JsonObject;
  /** The run's own mark; empty where nothing can be a sealed reference. */
  readonly sealMark: string;
}

/**
 * Makes the built-in tools of an agent.
 *
 * @param taken The names of tools so far; the new ones are added.
 */
export function toolsOfWorkspace(
  settings: WorkspaceSettings | undefined,
  taken: Set<string>,
  os: Platform["os"],
): readonly AgentTool[] {
  if (settings === undefined) return [];
  return workspaceToolNames(settings).flatMap((name) => {
    const words = workspaceTool(name);
    if (words === undefined) return [];
    const { description, parameters, effect, repeatable } = words;
    return [{
      kind: "workspace",
      name: qualifiedName(WORKSPACE_SERVER, name, taken),
      description: description + limitsInWords(name, settings),
      inputSchema: schemaOf(parameters),
      repeatable,
      effect,
      server: WORKSPACE_SERVER,
      tool: name,
      canonical: (given) => canonicalArguments(name, given, os),
    }];
  });
}

/** A model that knows what it may, asks for nothing else. */
function limitsInWords(
  name: string,
  { commands, hosts }: WorkspaceSettings,
): string {
  const shown = name === "shell" ? commands : name === "fetch" ? hosts : [];
  if (shown.length === 0 || shown.includes("*")) return "";
  const what = name === "shell" ? "Programs" : "Hosts";
  return ` ${what} that it may reach: ${shown.join(", ")}.`;
}

/** Gives the command for a call of one of them. */
export function workspaceCommand(
  call: TurnToolCall,
  { path, leftMs, plan }: {
    readonly path: string;
    readonly leftMs: number;
    readonly plan: Pick<
      AgentPlan,
      "workspace" | "permissions" | "approval" | "sealMark"
    >;
  },
): Extract<Command, { kind: "run" }> {
  const input: JsonObject = {
    settings: plan.workspace === undefined
      ? {}
      : workspaceToJson(plan.workspace),
    layers: layersOf(plan).map(layerToJson),
    tool: call.tool,
    arguments: call.arguments,
    sealMark: plan.sealMark ?? "",
  };
  return {
    kind: "run",
    path,
    name: call.name,
    attempt: 1,
    request: {
      activity: "workspace",
      input,
      announced: true,
      timeoutMs: leftMs,
    },
  };
}

/** Where all is approved, what is to be asked about is allowed. */
function layersOf(
  { permissions = [], approval }: Pick<AgentPlan, "permissions" | "approval">,
): readonly RuleLayer[] {
  if (approval !== "all") return permissions;
  return permissions.map(({ agent, rules }) => ({
    agent,
    rules: { ...rules, ask: [], allow: ["*"] },
  }));
}

/** Reads what {@linkcode workspaceCommand} wrote. */
export function workspaceRequestFromJson(json: Json): WorkspaceRequest {
  const object = isJsonObject(json) ? json : {};
  const args = member(object, "arguments");
  return {
    settings: workspaceFromJson(member(object, "settings")),
    layers: layersFromJson(member(object, "layers")),
    tool: String(member(object, "tool") ?? ""),
    arguments: isJsonObject(args) ? args : {},
    sealMark: String(member(object, "sealMark") ?? ""),
  };
}
