/**
 * An export as a folder: a file for each document, and one that lists them.
 *
 * Names become paths here, and paths that come from outside are checked here,
 * so that none leads out of the folder.
 *
 * @module
 */

import { isDeviceName } from "../model/file_name.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { API_VERSION, findKind } from "../model/kind.ts";
import { isSlug } from "../model/slug.ts";
import { type ExportHead, headOf } from "./portable_text.ts";

/** The file that lists the others; an export is known by it. */
export const LIST_NAME = ".stigmer-export.json";

/** A folder's list: what the export is, and its files with their checksums. */
export interface ExportList {
  readonly head: ExportHead;
  /** Checksums of the documents by path, in the order of the export. */
  readonly files: ReadonlyMap<string, string>;
}

const PATH_REGEXP =
  /^(?:history\/)?[a-z-]+\/[A-Za-z0-9][A-Za-z0-9._%-]*\.(?:yaml|json)$/;
const NAME_LENGTH_MAX = 220;

/**
 * The path of a document below the folder, with `/` between its parts.
 *
 * @returns `undefined` for a name that can be none of a file.
 */
export function pathOf(
  { kind, name }: { readonly kind: string; readonly name: string },
  isHistory: boolean,
): string | undefined {
  const folder = folderOf(kind);
  const path = isHistory
    ? `history/${folder}/${encodeURIComponent(name)}.json`
    : `${folder}/${fileNameOf(name)}.yaml`;
  const isName = isHistory ? name.length <= NAME_LENGTH_MAX : isSlug(name);
  return isName && isSafePath(path) ? path : undefined;
}

/** No slug has an underscore; with one Windows takes none for a device. */
function fileNameOf(slug: string): string {
  return isDeviceName(slug) ? `${slug}_` : slug;
}

/** Says whether a path is one that an export writes. */
export function isSafePath(path: string): boolean {
  return PATH_REGEXP.test(path);
}

/** Writes the list of a folder: a line for each file, in order. */
export function listText({ head, files }: ExportList): string {
  const lines = [...files].map(([path, checksum]) =>
    `    ${JSON.stringify(path)}: ${JSON.stringify(checksum)}`
  );
  const { format, secrets, withHistory } = head;
  return [
    "{",
    `  "apiVersion": ${JSON.stringify(API_VERSION)},`,
    `  "format": ${format},`,
    `  "secrets": ${JSON.stringify(secrets)},`,
    `  "withHistory": ${withHistory},`,
    lines.length === 0
      ? '  "files": {}'
      : `  "files": {\n${lines.join(",\n")}\n  }`,
    "}",
    "",
  ].join("\n");
}

/** Reads the list of a folder; `undefined` for what is none. */
export function readList(text: string): ExportList | undefined {
  const json = parsed(text);
  const head = json && headOf(json);
  const files = json && member(json, "files");
  if (!head || !isJsonObject(files)) return undefined;
  const entries = Object.entries(files);
  const isList = entries.every(([path, checksum]) =>
    isSafePath(path) && typeof checksum === "string"
  );
  if (!isList) return undefined;
  return {
    head,
    files: new Map(entries.map(([path, it]) => [path, String(it)])),
  };
}

/** `AgentInstance` becomes `agent-instances`. */
function folderOf(kind: string): string {
  const plural = findKind(kind)?.plural ??
    kind.replaceAll(/(?<=.)[A-Z]/g, (it) => ` ${it}`) + "s";
  return plural.toLowerCase().replaceAll(" ", "-");
}

function parsed(text: string): JsonObject | undefined {
  try {
    const json: Json = JSON.parse(text);
    return isJsonObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
