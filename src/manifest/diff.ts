/**
 * Shows what applying a manifest would change.
 *
 * @module
 */

import type { Resource } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  jsonEquals,
  type JsonObject,
  member,
} from "../model/json.ts";
import { type DiffLine, diffLines } from "./_lines_diff.ts";
import { resourceJson } from "./print.ts";
import { toYaml } from "./yaml_writer.ts";

/** How a difference is shown. */
export interface DiffOptions {
  /** Unchanged lines around each change; 3 unless given. */
  readonly contextLines?: number;
}

/** Metadata that the author owns; the rest is the backend's. */
const OWNED: readonly string[] = [
  "name",
  "slug",
  "labels",
  "annotations",
  "tags",
];
const CONTEXT_LINES_DEFAULT = 3;

/**
 * Makes a unified diff of what the author owns of two states of a resource.
 *
 * What a backend adds is left out: ids, versions, status, a slug that the
 * author did not give. The order of keys does not count.
 *
 * @returns The diff, or an empty string when they are equal.
 */
export function diffResource(
  stored: Resource | undefined,
  wanted: Resource,
  options: DiffOptions = {},
): string {
  const after = owned(wanted);
  const before = stored === undefined ? undefined : owned(stored, after);
  if (before !== undefined && jsonEquals(before, after)) return "";
  const old = before === undefined ? [] : linesOf(before);
  const next = linesOf(before === undefined ? after : inOrder(before, after));
  const contextLines = options.contextLines ?? CONTEXT_LINES_DEFAULT;
  const name = nameOf(after);
  return [
    `--- ${before === undefined ? "/dev/null" : `stored/${name}`}`,
    `+++ wanted/${name}`,
    ...hunks(diffLines(old, next), contextLines),
  ].join("\n") + "\n";
}

/**
 * Makes a diff of two values, without the lines that name them: of texts as
 * they are, else as YAML.
 *
 * @returns The diff, or an empty string when they are equal.
 */
export function diffValues(
  before: Json,
  after: Json,
  options: DiffOptions = {},
): string {
  if (jsonEquals(before, after)) return "";
  const contextLines = options.contextLines ?? CONTEXT_LINES_DEFAULT;
  const isText = typeof before === "string" && typeof after === "string";
  const lines = isText
    ? diffLines(before.split("\n"), after.split("\n"))
    : diffLines(linesOf(before), linesOf(inOrder(before, after)));
  return hunks(lines, contextLines).join("\n") + "\n";
}

/** Keeps what the author owns; a slug only where the other state has one. */
function owned(resource: Resource, other?: JsonObject): JsonObject {
  const json = resourceJson(resource);
  const metadata = member(json, "metadata");
  const otherMetadata = other && member(other, "metadata");
  const hidesSlug = isJsonObject(otherMetadata) &&
    member(otherMetadata, "slug") === undefined;
  const kept = Object.entries(isJsonObject(metadata) ? metadata : {}).filter(
    ([key]) => OWNED.includes(key) && !(key === "slug" && hidesSlug),
  );
  const { apiVersion = "", kind = "", spec = {} } = json;
  return { apiVersion, kind, metadata: Object.fromEntries(kept), spec };
}

function nameOf(json: JsonObject): string {
  const metadata = member(json, "metadata");
  const name = isJsonObject(metadata) ? member(metadata, "name") : undefined;
  return `${member(json, "kind")}/${typeof name === "string" ? name : ""}`;
}

/** Puts the keys of a value in the order in which another value has them. */
function inOrder(model: Json, value: Json): Json {
  if (isJsonArray(model) && isJsonArray(value)) {
    return value.map((item, i) => inOrder(model[i] ?? null, item));
  }
  if (!isJsonObject(model) || !isJsonObject(value)) return value;
  const keys = new Set([...Object.keys(model), ...Object.keys(value)]);
  const entries: [string, Json][] = [];
  for (const key of keys) {
    const own = member(value, key);
    const like = member(model, key) ?? null;
    if (own !== undefined) entries.push([key, inOrder(like, own)]);
  }
  return Object.fromEntries(entries);
}

function linesOf(value: Json): string[] {
  return toYaml(value).trimEnd().split("\n");
}

/** Groups changes with the lines around them, each under its `@@` line. */
function hunks(lines: readonly DiffLine[], contextLines: number): string[] {
  const found: string[] = [];
  for (const [from, to] of ranges(lines, contextLines)) {
    const part = lines.slice(from, to);
    const before = lines.slice(0, from);
    const old = span(countOf(before, "+"), countOf(part, "+"));
    const next = span(countOf(before, "-"), countOf(part, "-"));
    found.push(`@@ -${old} +${next} @@`);
    found.push(...part.map(({ sign, text }) => `${sign}${text}`));
  }
  return found;
}

/** Finds which lines are shown: each change with what is around it. */
function ranges(
  lines: readonly DiffLine[],
  contextLines: number,
): [number, number][] {
  const found: [number, number][] = [];
  for (const [i, { sign }] of lines.entries()) {
    if (sign === " ") continue;
    const from = Math.max(0, i - contextLines);
    const to = Math.min(lines.length, i + contextLines + 1);
    const last = found.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = to;
    else found.push([from, to]);
  }
  return found;
}

/** Counts the lines of one side: all but those of the other's sign. */
function countOf(lines: readonly DiffLine[], other: "-" | "+"): number {
  return lines.filter(({ sign }) => sign !== other).length;
}

function span(before: number, count: number): string {
  return `${count === 0 ? before : before + 1},${count}`;
}
