/**
 * Which stretches of a manifest hold secrets, so that nothing that is said of
 * the file shows them: neither the line under a problem nor its words.
 *
 * It goes by what the keys look like, also misspelled ones, and hides rather
 * too much: a secret that is shown cannot be taken back.
 *
 * @module
 */

import { MASK } from "../model/mask.ts";
import { nearestName } from "../model/near.ts";
import {
  camelCase,
  isNull,
  short,
  type SourceEntry,
  type SourceMap,
  type SourceNode,
  type SourceScalar,
  type Span,
  valueOf,
} from "./_node.ts";

/** A stretch that holds a secret. */
export interface Hidden extends Span {
  /** What it stands for, where that is known. */
  readonly value?: string;
  /**
   * From where on problems quote what could not be parsed, up to its end;
   * absent where they quote nothing but values.
   */
  readonly quotedFrom?: number;
}

/** Letters of a text at the least that is looked for inside of words. */
const TELLING_LENGTH_MIN = 4;
/** Kinds that have no secrets of their own to hide. */
const OTHER_KINDS: ReadonlySet<string> = new Set([
  "Agent",
  "AgentInstance",
  "McpServer",
  "Workflow",
  "WorkflowInstance",
]);
const REFERENCE_KEYS: ReadonlySet<string> = new Set([
  "env",
  "file",
  "keychain",
]);
const FLAG_KEYS: ReadonlySet<string> = new Set(["secret", "isSecret"]);
/** What proves who a client is; as it is it must not stand in a manifest. */
const PROOF_KEYS: ReadonlySet<string> = new Set(["clientSecret", "privateKey"]);
/** A secret that is named, which is none itself. */
const NAMED_REGEXP = /^\$\{\w+\}$/;
const VALUE_KEYS: ReadonlySet<string> = new Set(["value", "default"]);
/** What a problem quotes, quotes inside of it too, but for signs. */
const QUOTED_REGEXP = /"(?=[^]{4})[^]*"/;
const NAME_REGEXP = /^[\w.-]+$/;
const SECRETS_KEY_REGEXP = /(?:^|[\s{,"'#])(?:is_?)?secre?ts?\w*["']?\s*:/im;
const OTHER_KIND_REGEXP =
  /^["']?kind["']?\s*:\s*["']?(?:(?:Agent|Workflow)(?:Instance)?|McpServer)\b|^do\s*:/m;

/** What a document was made from. */
export interface DocumentText {
  readonly text: string;
  /** Places that were left out of the tree, as a key given twice. */
  readonly faults: readonly Span[];
}

/** Finds the secrets of a document. */
export function hiddenIn(root: SourceNode, from: DocumentText): Hidden[] {
  const each = (it: SourceNode): Hidden[] => hiddenIn(it, from);
  if (root.kind === "list") return root.items.flatMap(each);
  if (root.kind === "scalar") return [];
  const items = valueOf(root, "items");
  if (items?.kind === "list") return items.items.flatMap(each);
  const into: Collecting = { ...from, holdsSecrets: !isOther(root), found: [] };
  if (into.holdsSecrets) {
    collectResource(root, into);
    hideFaults(root, into);
  } else collect(root, into);
  return into.found;
}

/** Where no secret can be meant to be, unless a key below says so. */
const OPEN_KEYS: ReadonlySet<string> = new Set([
  "apiVersion",
  "kind",
  "metadata",
  "status",
]);
const OPEN_SPEC_KEYS: ReadonlySet<string> = new Set([
  "description",
  "variables",
  "data",
  "secretRefs",
]);

/**
 * Hides whatever has no place in a resource as well: a line that is indented
 * too little is no secret any more for whoever reads the file, but it is one.
 */
function collectResource(root: SourceMap, into: Collecting): void {
  const spec: SourceEntry[] = [];
  for (const entry of root.entries) {
    const isSpec = entry.key === "spec" && entry.value.kind === "map";
    if (isSpec) spec.push(...entry.value.entries);
    else if (!OPEN_KEYS.has(camelCase(entry.key))) hideEntry(entry, into);
  }
  for (const entry of spec) {
    if (!OPEN_SPEC_KEYS.has(camelCase(entry.key))) hideEntry(entry, into);
  }
  collect(root, into);
}

/**
 * Finds where secrets may stand in a text that could not be parsed: from the
 * first key that looks like theirs to the end of each document.
 */
export function hiddenInText(text: string): Hidden[] {
  const found: Hidden[] = [];
  let start = 0;
  for (const part of text.split(/^(?=---(?:\s|$))/m)) {
    const key = SECRETS_KEY_REGEXP.exec(part);
    const end = start + part.length;
    if (key !== null && !OTHER_KIND_REGEXP.test(part)) {
      const from = start + key.index + key[0].length;
      found.push({ start: from, end, quotedFrom: start });
    }
    start = end;
  }
  return found;
}

/** Masks secrets in words that speak of a place. */
export function hideInWords(
  words: string,
  { start }: Span,
  hidden: readonly Hidden[],
): string {
  const quotes = hidden.some(({ quotedFrom, end }) =>
    quotedFrom !== undefined && quotedFrom <= start && start < end
  );
  const texts = hidden.flatMap(({ value }) =>
    value === undefined ? [] : [value, short(value)]
  );
  return [...new Set(texts)].sort((a, b) => b.length - a.length)
    .reduce(
      (told, text) => hideText(told, text),
      quotes ? words.replace(QUOTED_REGEXP, `"${MASK}"`) : words,
    );
}

/** Masks secrets in a line of a text, and moves the place it is shown for. */
export function hideInLine(
  line: { readonly start: number; readonly text: string },
  shown: { readonly at: number; readonly length: number },
  hidden: readonly Hidden[],
): { readonly text: string; readonly at: number; readonly length: number } {
  const { start } = line;
  const end = start + line.text.length;
  const here = hidden.filter((it) => it.start < end && it.end > start)
    .map((it) => ({
      from: Math.max(0, it.start - start),
      to: Math.min(line.text.length, it.end - start),
    }));
  let { text } = line;
  let { at, length } = shown;
  for (const { from, to } of merged(here).toReversed()) {
    if (text.slice(from, to).trim() === "") continue;
    text = text.slice(0, from) + MASK + text.slice(to);
    if (at >= to) at += MASK.length - (to - from);
    else if (at >= from) [at, length] = [from, MASK.length];
  }
  return { text, at, length };
}

/** A part of a line. */
interface Part {
  readonly from: number;
  readonly to: number;
}

/** Puts parts in order, those that overlap as one. */
function merged(parts: readonly Part[]): readonly Part[] {
  const found: Part[] = [];
  for (const part of parts.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last === undefined || part.from >= last.to) found.push(part);
    else {
      found[found.length - 1] = {
        from: last.from,
        to: Math.max(last.to, part.to),
      };
    }
  }
  return found;
}

function hideText(words: string, text: string): string {
  if (text === "") return words;
  const quoted = words.replaceAll(`"${text}"`, `"${MASK}"`)
    .replaceAll(`the number ${text}`, `the number ${MASK}`);
  return text.length < TELLING_LENGTH_MIN
    ? quoted
    : quoted.replaceAll(text, MASK);
}

function isOther(root: SourceMap): boolean {
  const kind = valueOf(root, "kind");
  if (kind?.kind === "scalar") return OTHER_KINDS.has(kind.text);
  return valueOf(root, "do") !== undefined;
}

interface Collecting extends DocumentText {
  /** Whether a key of this name holds values, not names. */
  readonly holdsSecrets: boolean;
  readonly found: Hidden[];
}

function collect(node: SourceNode, into: Collecting): void {
  if (node.kind === "list") {
    return node.items.forEach((it) => collect(it, into));
  }
  if (node.kind === "scalar") return;
  const flagged = node.entries.some(isFlag);
  if (flagged) hideFaulty(node, into);
  for (const { key, value } of node.entries) {
    const name = camelCase(key);
    const hides = (flagged && VALUE_KEYS.has(name)) ||
      (PROOF_KEYS.has(name) && !isNamed(value));
    if (hides) hideWhole(value, into);
    else if (!into.holdsSecrets) collect(value, into);
    else {
      switch (nearestName(name, ["secrets", "secretRefs"])) {
        case "secrets":
          hideWhole(value, into);
          break;
        case "secretRefs":
          hideFaulty(value, into);
          hideReferred(value, into.found);
          break;
        default:
          collect(value, into);
      }
    }
  }
}

function isNamed(node: SourceNode): boolean {
  return node.kind === "scalar" && typeof node.value === "string" &&
    NAMED_REGEXP.test(node.value);
}

function isFlag({ key, value }: SourceEntry): boolean {
  return FLAG_KEYS.has(camelCase(key)) && value.kind === "scalar" &&
    value.value !== false && value.value !== null;
}

function hideEntry(entry: SourceEntry, into: Collecting): void {
  hideKey(entry, into);
  hideWhole(entry.value, into);
}

function hideWhole(node: SourceNode, into: Collecting): void {
  hideFaulty(node, into);
  if (node.kind === "map") {
    for (const entry of node.entries) {
      hideGap(entry, into);
      hideKey(entry, into);
    }
  }
  hideComments(node, into);
  hideAll(node, into.found);
}

/** Hides what YAML takes for an anchor or a tag: many a password begins so. */
function hideGap({ keySpan, value }: SourceEntry, into: Collecting): void {
  const gap = into.text.slice(keySpan.end, value.start);
  const before = /^["']?\s*:\s*/.exec(gap)?.[0].length ?? 0;
  if (gap.slice(before).trim() === "") return;
  const start = keySpan.end + before;
  into.found.push({ start, end: value.start, value: "" });
}

/** Hides a key that holds a value: `{KEY:value}` is no pair, `{value}` none. */
function hideKey({ key, keySpan, value }: SourceEntry, into: Collecting): void {
  const { start, end } = keySpan;
  const isPair = /^["']?\s*:/.test(into.text.slice(end));
  if (NAME_REGEXP.test(key) && (isPair || !isNull(value))) return;
  into.found.push({ start, end, value: key });
  // As a hint would write it.
  const plain = key.replaceAll(/[^A-Za-z0-9_]/g, "_");
  into.found.push({ start, end: start, value: plain });
}

/** Hides what is not in the tree, from the first key of secrets on. */
function hideFaults({ start }: Span, into: Collecting): void {
  const key = SECRETS_KEY_REGEXP.exec(into.text.slice(start));
  if (key === null) return;
  for (const fault of into.faults) {
    if (fault.start < start + key.index) continue;
    const lineEnd = into.text.indexOf("\n", fault.end);
    const end = lineEnd < 0 ? into.text.length : lineEnd;
    into.found.push({ start: fault.start, end, quotedFrom: fault.start });
  }
}

/** What is put out of use may still be in use elsewhere. */
function hideComments({ start, end }: Span, into: Collecting): void {
  const lineEnd = into.text.indexOf("\n", end);
  const part = into.text.slice(start, lineEnd < 0 ? undefined : lineEnd);
  for (const { index, 0: comment } of part.matchAll(/#.*/g)) {
    const at = start + index;
    into.found.push({ start: at, end: at + comment.length, value: "" });
  }
}

/** Hides the whole of what holds something that is not in the tree. */
function hideFaulty(node: SourceNode, { faults, found }: Collecting): void {
  const { start, end } = node;
  if (!faults.some((it) => it.start >= start && it.start <= end)) return;
  found.push({ start, end, value: "" });
}

/** Hides what stands in references where no place can be named. */
function hideReferred(node: SourceNode, found: Hidden[]): void {
  if (node.kind !== "map") return hideAll(node, found);
  for (const { value } of node.entries) {
    if (value.kind !== "map") hideAll(value, found);
    else {
      for (const part of value.entries) {
        if (!REFERENCE_KEYS.has(part.key)) hideAll(part.value, found);
      }
    }
  }
}

/** Hides every value; of a map only the keys of the outermost are names. */
function hideAll(node: SourceNode, found: Hidden[]): void {
  switch (node.kind) {
    case "list":
      return node.items.forEach((it) => hideInner(it, found));
    case "map":
      return node.entries.forEach(({ value }) => hideInner(value, found));
    case "scalar":
      if (isTelling(node)) {
        const { start, end } = node;
        found.push({ start, end, value: node.text });
        if (typeof node.value === "string" && node.value !== node.text) {
          found.push({ start, end: start, value: node.value });
        }
      }
  }
}

function hideInner(node: SourceNode, found: Hidden[]): void {
  hideAll(node, found);
  if (node.kind === "scalar") return;
  const { start, end } = node;
  found.push({ start, end, value: "" });
  for (const { key } of node.kind === "map" ? node.entries : []) {
    found.push({ start, end: start, value: key });
  }
}

/** Says whether a scalar tells more than that nothing is there. */
function isTelling({ value, text }: SourceScalar): boolean {
  return value !== null && typeof value !== "boolean" && text !== MASK &&
    text !== "";
}
