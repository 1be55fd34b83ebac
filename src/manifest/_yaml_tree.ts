/**
 * From the YAML library's nodes to the tree of this room.
 *
 * Aliases are written out by sharing nodes, and counted as if they had been
 * copied, so that a few lines cannot stand for a gigabyte.
 *
 * @module
 */

import {
  type Alias,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { DOCUMENT_SIZE_BYTES_MAX } from "../model/limits.ts";
import { byteWords, DEPTH_MAX } from "./_limits.ts";
import { lineAt, type Problem, type SourceText } from "./_lines.ts";
import {
  short,
  type SourceEntry,
  type SourceNode,
  type SourceScalar,
  type Span,
} from "./_node.ts";
import { resolvePlain } from "./_scalar.ts";

/** A tree and what was wrong with it. */
export interface Tree {
  readonly root: SourceNode;
  readonly problems: readonly Problem[];
}

/** How large a node is once aliases are written out. */
interface Measure {
  readonly weight: number;
  readonly depth: number;
}

interface Context {
  readonly source: SourceText;
  readonly problems: Problem[];
  readonly anchors: Map<string, SourceNode>;
  readonly measures: Map<SourceNode, Measure>;
  /** What aliases have added so far. */
  aliasWeight: number;
}

const MERGE_KEY = "<<";
const STRING_TAGS: ReadonlySet<string> = new Set([
  "!",
  "tag:yaml.org,2002:str",
]);

/** Makes the tree of one document. */
export function treeOf(source: SourceText, contents: Node): Tree {
  const ctx: Context = {
    source,
    problems: [],
    anchors: new Map(),
    measures: new Map(),
    aliasWeight: 0,
  };
  return { root: convert(ctx, contents, 1), problems: ctx.problems };
}

function convert(ctx: Context, node: Node, depth: number): SourceNode {
  if (isAlias(node)) return aliased(ctx, node, depth);
  const made = collected(ctx, node, depth);
  ctx.measures.set(made, measure(ctx, made));
  const anchor = node.anchor;
  if (anchor !== undefined) ctx.anchors.set(anchor, made);
  return made;
}

function collected(
  ctx: Context,
  node: Exclude<Node, Alias>,
  depth: number,
): SourceNode {
  if (isMap(node)) return mapOf(ctx, node, depth);
  if (isSeq(node)) return listOf(ctx, node, depth);
  return isScalar(node) ? scalarOf(ctx, node) : nullAt(spanOf(node));
}

function aliased(ctx: Context, node: Alias, depth: number): SourceNode {
  const span = spanOf(node);
  const target = ctx.anchors.get(node.source);
  if (target === undefined) {
    const message = `Alias "*${short(node.source)}" names no anchor before it`;
    return refused(ctx, span, message, "Put text that begins with * in quotes");
  }
  const size = ctx.measures.get(target) ?? { weight: 1, depth: 1 };
  ctx.aliasWeight += size.weight;
  if (ctx.aliasWeight > DOCUMENT_SIZE_BYTES_MAX) {
    const words = byteWords(DOCUMENT_SIZE_BYTES_MAX);
    return refused(ctx, span, `Aliases make this document exceed ${words}`);
  }
  if (depth + size.depth - 1 > DEPTH_MAX) {
    const message = `Values may be nested ${DEPTH_MAX} deep, this is deeper`;
    return refused(ctx, span, message);
  }
  return target;
}

/** Reports something and stands a null in its place. */
function refused(
  ctx: Context,
  span: Span,
  message: string,
  hint?: string,
): SourceNode {
  ctx.problems.push({
    severity: "error",
    ...span,
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  return nullAt(span);
}

function nullAt({ start, end }: Span): SourceScalar {
  return { kind: "scalar", start, end, value: null, text: "", style: "plain" };
}

function measure(ctx: Context, node: SourceNode): Measure {
  if (node.kind === "scalar") return { weight: 1 + node.text.length, depth: 0 };
  let weight = 1;
  let depth = 0;
  const values = node.kind === "list"
    ? node.items
    : node.entries.map((entry) => entry.value);
  for (const value of values) {
    const size = ctx.measures.get(value) ?? { weight: 1, depth: 0 };
    weight += size.weight;
    depth = Math.max(depth, size.depth);
  }
  if (node.kind === "map") {
    for (const entry of node.entries) weight += entry.key.length;
  }
  return { weight, depth: depth + 1 };
}

function listOf(ctx: Context, node: YAMLSeq, depth: number): SourceNode {
  const items = node.items.map((item) =>
    isNode(item) ? convert(ctx, item, depth + 1) : nullAt(spanOf(node))
  );
  return { kind: "list", ...spanOf(node), items };
}

function mapOf(ctx: Context, node: YAMLMap, depth: number): SourceNode {
  const entries = new Map<string, SourceEntry>();
  const merged: SourceNode[] = [];
  for (const pair of node.items) {
    const key = keyOf(ctx, pair, node);
    if (key === undefined) continue;
    const value = isNode(pair.value)
      ? convert(ctx, pair.value, depth + 1)
      : nullAt({ start: key.end, end: key.end });
    if (key.style === "plain" && key.text === MERGE_KEY) merged.push(value);
    else {addEntry(ctx, entries, {
        key: key.text,
        keySpan: spanFrom(key),
        value,
      });}
  }
  for (const value of merged) mergeInto(ctx, entries, value);
  return { kind: "map", ...spanOf(node), entries: [...entries.values()] };
}

function addEntry(
  ctx: Context,
  entries: Map<string, SourceEntry>,
  entry: SourceEntry,
): void {
  const first = entries.get(entry.key);
  if (first === undefined) {
    entries.set(entry.key, entry);
    return;
  }
  const line = lineAt(ctx.source, first.keySpan.start);
  ctx.problems.push({
    severity: "error",
    ...entry.keySpan,
    message: `Key "${short(entry.key)}" is given twice, first in line ${line}`,
  });
}

/** Adds what `<<` brings; what is there already, and earlier maps, win. */
function mergeInto(
  ctx: Context,
  entries: Map<string, SourceEntry>,
  value: SourceNode,
): void {
  const sources = value.kind === "list" ? value.items : [value];
  for (const source of sources) {
    if (source.kind !== "map") {
      const message = 'Only objects can be merged with "<<"';
      refused(ctx, spanFrom(source), message);
      continue;
    }
    for (const entry of source.entries) {
      if (!entries.has(entry.key)) entries.set(entry.key, entry);
    }
  }
}

/** Reads the key of a pair, which must be text or be written like it. */
function keyOf(
  ctx: Context,
  pair: Pair,
  map: YAMLMap,
): SourceScalar | undefined {
  const key = isNode(pair.key) ? convert(ctx, pair.key, DEPTH_MAX) : undefined;
  if (key?.kind === "scalar") {
    if (key.text !== "" || key.style !== "plain") return key;
    refused(ctx, spanFrom(key), "A key is missing before this");
    return undefined;
  }
  refused(
    ctx,
    key ? spanFrom(key) : spanOf(map),
    "A key must be text",
    key?.kind === "map"
      ? 'Put text that begins with "{{" in quotes'
      : undefined,
  );
  return undefined;
}

function scalarOf(ctx: Context, scalar: Scalar): SourceNode {
  const span = spanOf(scalar);
  if (scalar.type === "PLAIN" || scalar.type === undefined) {
    const text = scalar.source ?? "";
    const isText = STRING_TAGS.has(scalar.tag ?? "");
    const value = isText ? text : resolvePlain(text);
    return { kind: "scalar", ...span, value, text, style: "plain" };
  }
  const text = String(scalar.value ?? "");
  const shared = { kind: "scalar", ...span, value: text, text } as const;
  switch (scalar.type) {
    case "QUOTE_SINGLE":
      return { ...shared, style: "single" };
    case "QUOTE_DOUBLE":
      return { ...shared, style: "double" };
    case "BLOCK_LITERAL":
    case "BLOCK_FOLDED":
      return { ...shared, style: "block", ...blockOf(ctx.source.text, scalar) };
  }
}

/** Finds where the lines of a block scalar begin and how far in. */
function blockOf(text: string, scalar: Scalar): Pick<SourceScalar, "block"> {
  const token = scalar.srcToken;
  if (token?.type !== "block-scalar") return {};
  const header = text.indexOf("\n", token.offset);
  const start = header < 0 ? text.length : header + 1;
  const digit = /^[|>][-+]?([1-9])/.exec(text.slice(token.offset))?.[1];
  const indent = digit === undefined
    ? /^(?:[ ]*\r?\n)*([ ]*)/.exec(token.source)?.[1]?.length ?? 0
    : Math.max(0, token.indent) + Number(digit);
  return { block: { start, indent } };
}

function spanOf(node: Node): Span {
  const [start, end] = node.range ?? [0, 0];
  return { start, end: Math.max(start, end) };
}

function spanFrom({ start, end }: Span): Span {
  return { start, end };
}
