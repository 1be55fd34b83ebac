/**
 * An export as text: YAML documents, each under its checksum, between a first
 * and a last line that say what the whole is.
 *
 * What stands besides the documents are comments, so that the definitions of
 * an export are manifests as well. History is one line of JSON a document,
 * which is YAML too and read fast.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { toYaml } from "./yaml_writer.ts";

/** What became of secrets in an export, in words. */
export const SECRET_MODES = ["omit", "sealed", "reencrypt"] as const;
/** One of the ways in which secrets are exported. */
export type SecretModeName = typeof SECRET_MODES[number];

/** What an export says of itself first. */
export interface ExportHead {
  readonly format: number;
  readonly secrets: SecretModeName;
  readonly withHistory: boolean;
}

/** What an export says of itself last. */
export interface ExportEnd {
  readonly counts: Readonly<Record<string, number>>;
  /** Of the checksums of all documents. */
  readonly checksum: string;
}

/** One document of an export as it stands there. */
export interface PortableChunk {
  readonly text: string;
  /** The line at which its text begins, from 1. */
  readonly line: number;
  /** What its content was when it was exported; absent where nothing says so. */
  readonly checksum?: string;
}

/** The texts of an export, apart. */
export interface SplitExport {
  readonly head?: ExportHead;
  readonly end?: ExportEnd;
  readonly chunks: readonly PortableChunk[];
}

/** What an export that is a file begins with. */
export const EXPORT_MARK = "# stigmer-export: ";

const END_MARK = "# stigmer-export-end: ";
const CHECKSUM_MARK = "# sha256: ";
const HEAD_REGEXP = /^# stigmer-export: (\{.*\})\s*$/m;
const END_REGEXP = /^# stigmer-export-end: (\{.*\})\s*$/m;
const CHECKSUM_REGEXP = /^# sha256: ([0-9a-f]{64})\s*$/m;
/** A line that begins a document, whatever follows the dashes. */
const SEPARATOR_REGEXP = /^---(?=\s|$)/gm;
/** Comments and empty lines before a document. */
const PREAMBLE_REGEXP = /^(?:[ \t]*(?:#[^\n]*)?(?:\r?\n|$))*/;

/** Writes how an export begins. */
export function headText(head: ExportHead): string {
  const { format, secrets, withHistory } = head;
  const json = JSON.stringify({ format, secrets, withHistory });
  return `${EXPORT_MARK}${json}\n` +
    "# Each document stands under its checksum. One that is changed by hand\n" +
    "# is taken with: stigmer import --no-verify -f FILE\n";
}

/** Writes one document of an export. */
export function documentText(
  document: JsonObject,
  options: { readonly checksum: string; readonly form: "yaml" | "json" },
): string {
  const { checksum, form } = options;
  const body = form === "json"
    ? `${JSON.stringify(document)}\n`
    : toYaml(document);
  return `---\n${CHECKSUM_MARK}${checksum}\n${body}`;
}

/** Writes how an export ends. */
export function endText({ counts, checksum }: ExportEnd): string {
  return `---\n${END_MARK}${JSON.stringify({ counts, checksum })}\n`;
}

/** Takes the text of an export apart; nothing of it is parsed yet. */
export function splitExport(text: string): SplitExport {
  const head = headIn(text);
  const end = endIn(text);
  const chunks: PortableChunk[] = [];
  let line = 1;
  for (const { part, isFirst } of partsOf(text)) {
    const body = isFirst ? part : part.slice(3);
    if (!isBlank(body)) {
      const checksum = CHECKSUM_REGEXP.exec(preambleOf(body))?.[1];
      chunks.push({
        text: body,
        line,
        ...(checksum === undefined ? {} : { checksum }),
      });
    }
    line += countLines(part);
  }
  return {
    ...(head === undefined ? {} : { head }),
    ...(end === undefined ? {} : { end }),
    chunks,
  };
}

/** Says whether a text begins as an export does. */
export function looksLikeExport(text: string): boolean {
  return text.startsWith(EXPORT_MARK);
}

/**
 * Reads the document of a chunk.
 *
 * @returns `undefined` for what cannot be read, or is no object.
 */
export async function readChunk(
  { text }: PortableChunk,
): Promise<JsonObject | undefined> {
  const body = text.slice(preambleOf(text).length);
  if (body.startsWith("{")) {
    const json = parsedJson(body);
    if (json !== undefined) return json;
  }
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text, { logLevel: "silent" });
  if (document.errors.length > 0) return undefined;
  // What YAML can say and JSON cannot becomes what JSON makes of it.
  return parsedJson(JSON.stringify(document.toJS()) ?? "");
}

function parsedJson(text: string): JsonObject | undefined {
  try {
    const json: Json = JSON.parse(text);
    return isJsonObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function* partsOf(
  text: string,
): Generator<{ readonly part: string; readonly isFirst: boolean }, void> {
  let start = 0;
  let isFirst = true;
  for (const { index } of text.matchAll(SEPARATOR_REGEXP)) {
    if (index > start || !isFirst) {
      yield { part: text.slice(start, index), isFirst };
    }
    start = index;
    isFirst = false;
  }
  yield { part: text.slice(start), isFirst };
}

function preambleOf(text: string): string {
  return PREAMBLE_REGEXP.exec(text)?.[0] ?? "";
}

function isBlank(text: string): boolean {
  return preambleOf(text).length === text.length;
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    count++;
  }
  return count;
}

function headIn(text: string): ExportHead | undefined {
  // Only a first line is a first line.
  const [line = ""] = text.split("\n", 1);
  const json = parsedJson(HEAD_REGEXP.exec(line)?.[1] ?? "");
  return json && headOf(json);
}

/** Reads what an export says of itself; `undefined` for another thing. */
export function headOf(json: JsonObject): ExportHead | undefined {
  const { format, secrets, withHistory } = json;
  const mode = SECRET_MODES.find((it) => it === secrets);
  if (typeof format !== "number") return undefined;
  // A later format may say it in words that this release does not know.
  return {
    format,
    secrets: mode ?? "omit",
    withHistory: withHistory === true,
  };
}

function endIn(text: string): ExportEnd | undefined {
  const at = text.lastIndexOf(`\n${END_MARK}`);
  if (at < 0) return undefined;
  const json = parsedJson(END_REGEXP.exec(text.slice(at + 1))?.[1] ?? "");
  const { counts, checksum } = json ?? {};
  if (typeof checksum !== "string" || !isJsonObject(counts)) return undefined;
  return {
    checksum,
    counts: Object.fromEntries(
      Object.entries(counts).map(([kind, count]) => [kind, Number(count)]),
    ),
  };
}
