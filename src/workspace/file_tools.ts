/**
 * The tools for files, and how one of them is run, wherever that is.
 *
 * @module
 */

import type { Platform } from "../host/host.ts";
import { messageOf } from "../model/error.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import {
  type Decision,
  judgeCall,
  type RuleLayer,
  WORKSPACE_SERVER,
} from "../model/permission.ts";
import { EDIT } from "./edit.ts";
import { layersFromJson, layerToJson } from "./layers.ts";
import { LIST } from "./list.ts";
import { readParameters } from "./parameters.ts";
import { READ } from "./read.ts";
import { SEARCH } from "./search.ts";
import {
  type FileScene,
  type FileTool,
  refused,
  type ToolText,
} from "./tool.ts";
import { WRITE } from "./write.ts";

/** The tools for files. */
export const FILE_TOOLS: readonly FileTool[] = [
  LIST,
  READ,
  SEARCH,
  WRITE,
  EDIT,
];

/** A call of one of them, as it is sent to where it runs. */
export interface FileCall {
  readonly tool: string;
  readonly arguments: JsonObject;
  /** The folder: absolute, without links in it. */
  readonly root: string;
  readonly os: Platform["os"];
  /** Who holds the agent to rules; a search reads what they let be read. */
  readonly layers?: readonly RuleLayer[];
  /** Real paths of what is Stigmer's own. */
  readonly own?: readonly string[];
}

/** Runs a call; what goes wrong is told. */
export async function runFileCall(
  call: FileCall,
  from: Pick<FileScene, "files" | "monotonic" | "isEnded">,
): Promise<ToolText> {
  const { root, os } = call;
  const tool = FILE_TOOLS.find(({ name }) => name === call.tool);
  if (tool === undefined) return refused(`There is no tool "${call.tool}"`);
  // What was a secret's reference before may be any text now.
  const read = readParameters(tool.parameters, call.arguments, os);
  if (read.kind === "wrong") return refused(read.problem);
  try {
    return await tool.run(read.arguments, {
      ...from,
      root,
      os,
      mayRead: readerUnder(call.layers ?? []),
      own: call.own ?? [],
    });
  } catch (error) {
    return refused(withoutRoot(messageOf(error), root));
  }
}

/**
 * A file that a person is to be asked about is as one that is denied. Of the
 * search itself someone may have been asked: what is denied to it counts.
 */
function readerUnder(layers: readonly RuleLayer[]): (path: string) => boolean {
  const decisionOn = ({ name, effect }: FileTool, path: string): Decision =>
    judgeCall({
      server: WORKSPACE_SERVER,
      tool: name,
      arguments: { path },
      effect,
    }, layers).decision;
  return (path) =>
    decisionOn(READ, path) === "allow" && decisionOn(SEARCH, path) !== "deny";
}

/** What a machine says of a path, as the model knows it. */
function withoutRoot(text: string, root: string): string {
  // Each path begins with the top folder; none has it in it as a name.
  if (/[\\/]$/.test(root)) return text;
  return text.replaceAll(`${root}/`, "").replaceAll(`${root}\\`, "")
    .replaceAll(root, ".");
}

/** Writes a call and its number as JSON. */
export function fileCallToJson(id: number, call: FileCall): JsonObject {
  const { layers = [], own = [], ...rest } = call;
  return { id, ...rest, own, layers: layers.map(layerToJson) };
}

/** Reads what {@linkcode fileCallToJson} wrote. */
export function fileCallFromJson(
  json: Json,
): { readonly id: number; readonly call: FileCall } {
  const object = isJsonObject(json) ? json : {};
  const args = member(object, "arguments");
  const os = member(object, "os");
  const own = member(object, "own");
  return {
    id: Number(member(object, "id")),
    call: {
      tool: String(member(object, "tool")),
      arguments: isJsonObject(args) ? args : {},
      root: String(member(object, "root")),
      os: os === "windows" || os === "darwin" ? os : "linux",
      layers: layersFromJson(member(object, "layers")),
      own: isJsonArray(own) ? own.map(String) : [],
    },
  };
}
