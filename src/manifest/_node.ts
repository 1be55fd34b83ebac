/**
 * The tree of a manifest with the place of everything in its text.
 *
 * It stands apart from the YAML library, so that shorthands can be written
 * out by making new nodes that keep the places of the old ones: whatever is
 * said of the written-out form then points at what the author wrote.
 *
 * @module
 */

import { pointerKeys } from "../model/diagnostic.ts";

/** A stretch of the text, in UTF-16 units from its start. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** How a scalar is written. */
export type ScalarStyle = "plain" | "single" | "double" | "block";

/** A value that holds no other. */
export interface SourceScalar extends Span {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** As written, when plain; otherwise the text it stands for. */
  readonly text: string;
  readonly style: ScalarStyle;
  /** Of a block scalar: where its first line begins, and its indentation. */
  readonly block?: { readonly start: number; readonly indent: number };
}

/** One key of a map with its value. */
export interface SourceEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: SourceNode;
}

/** Keys with values, in order, each key once. */
export interface SourceMap extends Span {
  readonly kind: "map";
  readonly entries: readonly SourceEntry[];
}

/** Values in order. */
export interface SourceList extends Span {
  readonly kind: "list";
  readonly items: readonly SourceNode[];
}

/** Any value. */
export type SourceNode = SourceScalar | SourceMap | SourceList;

/** Entries by key, of maps that have been asked for one. */
const INDEXES: WeakMap<SourceMap, ReadonlyMap<string, SourceEntry>> =
  new WeakMap();

/** Finds the entry of a key. */
export function entryOf(
  node: SourceNode | undefined,
  key: string,
): SourceEntry | undefined {
  if (node?.kind !== "map") return undefined;
  let index = INDEXES.get(node);
  if (index === undefined) {
    index = new Map(node.entries.map((entry) => [entry.key, entry]));
    INDEXES.set(node, index);
  }
  return index.get(key);
}

/** Finds the value of a key. */
export function valueOf(
  node: SourceNode | undefined,
  key: string,
): SourceNode | undefined {
  return entryOf(node, key)?.value;
}

/** Says whether a node is the null value, written or left out. */
export function isNull(node: SourceNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** Makes a map out of entries, at the place of something that was written. */
export function mapAt(span: Span, entries: readonly SourceEntry[]): SourceMap {
  return { kind: "map", start: span.start, end: span.end, entries };
}

/** Makes an entry whose key was not written, at the place of its value. */
export function impliedEntry(key: string, value: SourceNode): SourceEntry {
  return { key, keySpan: { start: value.start, end: value.end }, value };
}

/** Makes a text that was not written, at the place of something that was. */
export function textAt(span: Span, text: string): SourceScalar {
  const { start, end } = span;
  return { kind: "scalar", start, end, value: text, text, style: "plain" };
}

/** What a pointer leads to. */
export interface Found {
  /** The value; absent when the pointer leads past what is written. */
  readonly node?: SourceNode;
  /** The key of the deepest thing that is there; absent at the root. */
  readonly key?: Span;
}

/** Follows a JSON pointer as far as the tree goes. */
export function follow(root: SourceNode, pointer: string): Found {
  let node = root;
  let key: Span | undefined;
  for (const part of pointerKeys(pointer)) {
    const next = child(node, part);
    if (next === undefined) return key === undefined ? {} : { key };
    key = next.key ?? next.node;
    node = next.node;
  }
  return key === undefined ? { node } : { node, key };
}

function child(
  node: SourceNode,
  part: string,
): { readonly node: SourceNode; readonly key?: Span } | undefined {
  switch (node.kind) {
    case "scalar":
      return undefined;
    case "list": {
      const item = /^\d+$/.test(part) ? node.items[Number(part)] : undefined;
      return item === undefined ? undefined : { node: item };
    }
    case "map": {
      const entry = entryOf(node, part) ??
        node.entries.find((it) => camelCase(it.key) === part);
      return entry && { node: entry.value, key: entry.keySpan };
    }
  }
}

/** Writes `mcp_servers` as `mcpServers`. */
export function camelCase(name: string): string {
  return name.replaceAll(
    /_([a-z0-9])/g,
    (_, letter: string) => letter.toUpperCase(),
  );
}

/** Says what a node is, as a message calls it. */
export function describe(node: SourceNode): string {
  if (node.kind === "map") return "an object";
  if (node.kind === "list") return "a list";
  if (node.value === null) return "nothing";
  if (typeof node.value === "number") return `the number ${short(node.text)}`;
  if (typeof node.value === "boolean") return `${node.value}`;
  return `"${short(node.value)}"`;
}

const SHORT_LENGTH_MAX = 60;

/** Cuts a text that a message quotes. */
export function short(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  const letters = Array.from(line.slice(0, 2 * SHORT_LENGTH_MAX + 2));
  return letters.length <= SHORT_LENGTH_MAX
    ? letters.join("")
    : `${letters.slice(0, SHORT_LENGTH_MAX).join("")}…`;
}
