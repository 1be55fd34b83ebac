/**
 * The built-in tools of an agent: what they are called, and which of them an
 * agent has.
 *
 * @module
 */

import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "./json.ts";

/** Every built-in tool. */
export const WORKSPACE_TOOL_NAMES = [
  "list",
  "read",
  "search",
  "write",
  "edit",
  "shell",
  "fetch",
  "todo",
] as const;

/** A built-in tool. */
export type WorkspaceToolName = (typeof WORKSPACE_TOOL_NAMES)[number];

/**
 * The arguments of each, and what is in those that are objects: rules speak of
 * them where no tool is at hand.
 */
export const WORKSPACE_ARGUMENTS: Readonly<
  Record<WorkspaceToolName, readonly string[]>
> = {
  list: ["path", "depth", "glob", "all"],
  read: ["path", "offset", "limit"],
  search: [
    "pattern",
    "regex",
    "ignoreCase",
    "path",
    "glob",
    "context",
    "maxResults",
    "filesOnly",
  ],
  write: ["path", "content"],
  edit: [
    "path",
    "oldText",
    "newText",
    "replaceAll",
    "edits",
    "edits.oldText",
    "edits.newText",
    "edits.replaceAll",
  ],
  shell: ["cmd", "folder", "timeoutSeconds"],
  fetch: ["url", "raw", "offset"],
  todo: ["items", "items.text", "items.status"],
};

/** What an agent says of its built-in tools. */
export interface WorkspaceSettings {
  /** The folder of the files, from the folder of the run; empty for that. */
  readonly folder: string;
  /** The tools that there are; empty means what the rest lets expect. */
  readonly tools: readonly string[];
  /** Programs that `shell` may start. */
  readonly commands: readonly string[];
  /** Hosts that `fetch` may reach. */
  readonly hosts: readonly string[];
}

/** The word that stands for any program, and for any public host. */
export const ANY_WORD = "*";

/** Reads the name of a built-in tool. */
export function workspaceToolName(
  text: string,
): WorkspaceToolName | undefined {
  return WORKSPACE_TOOL_NAMES.find((it) => it === text);
}

/** Says which tools there are, in the order of {@linkcode WORKSPACE_TOOL_NAMES}. */
export function workspaceToolNames(
  { tools, commands, hosts }: WorkspaceSettings,
): readonly WorkspaceToolName[] {
  return WORKSPACE_TOOL_NAMES.filter((name) => {
    if (name === "shell" && commands.length === 0) return false;
    if (name === "fetch" && hosts.length === 0) return false;
    return tools.length === 0 || tools.includes(name);
  });
}

/** Writes settings as JSON. */
export function workspaceToJson(settings: WorkspaceSettings): JsonObject {
  const { folder, tools, commands, hosts } = settings;
  return { folder, tools, commands, hosts };
}

/** Reads what {@linkcode workspaceToJson} wrote. */
export function workspaceFromJson(json: Json | undefined): WorkspaceSettings {
  const object = isJsonObject(json) ? json : {};
  const folder = member(object, "folder");
  return {
    folder: typeof folder === "string" ? folder : "",
    tools: textsOf(member(object, "tools")),
    commands: textsOf(member(object, "commands")),
    hosts: textsOf(member(object, "hosts")),
  };
}

function textsOf(json: Json | undefined): readonly string[] {
  return isJsonArray(json) ? json.filter((it) => typeof it === "string") : [];
}
