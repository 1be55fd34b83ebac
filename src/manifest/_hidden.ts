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
  /** What it stands for; absent where the text could not be parsed. */
  readonly value?: string;
}

/** Letters of a text at the least that is looked for inside of words. */
const TELLING_LENGTH_MIN = 4;
/** Kinds that have no secrets of their own to hide. */
const OTHER_KINDS: ReadonlySet<string> = new Set([
  "Agent",
  "AgentInstance",
  "Workflow",
  "WorkflowInstance",
]);
const REFERENCE_KEYS: ReadonlySet<string> = new Set([
  "env",
  "file",
  "keychain",
]);
const FLAG_KEYS: ReadonlySet<string> = new Set(["secret", "isSecret"]);
const VALUE_KEYS: ReadonlySet<string> = new Set(["value", "default"]);
const SECRETS_KEY_REGEXP = /(?:^|[\s{,"'])(?:is_?)?secre?ts?\w*["']?\s*:/im;
const OTHER_KIND_REGEXP =
  /^["']?kind["']?\s*:\s*["']?(?:Agent|Workflow)(?:Instance)?\b|^do\s*:/m;

/**
 * Finds the secrets of a document.
 *
 * @param faults Places that were left out of the tree, as a key given twice.
 */
export function hiddenIn(
  root: SourceNode,
  faults: readonly Span[] = [],
): Hidden[] {
  const each = (it: SourceNode): Hidden[] => hiddenIn(it, faults);
  if (root.kind === "list") return root.items.flatMap(each);
  if (root.kind === "scalar") return [];
  const items = valueOf(root, "items");
  if (items?.kind === "list") return items.items.flatMap(each);
  const found: Hidden[] = [];
  collect(root, { holdsSecrets: !isOther(root), faults, found });
  return found;
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
      found.push({ start: start + key.index + key[0].length, end });
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
  const unparsed = hidden.some((it) =>
    it.value === undefined && it.start <= start && start < it.end
  );
  const texts = hidden.flatMap(({ value }) =>
    value === undefined ? [] : [value, short(value)]
  );
  return [...new Set(texts)].sort((a, b) => b.length - a.length)
    .reduce(
      (told, text) => hideText(told, text),
      unparsed ? words.replaceAll(/"[^"]*"/g, `"${MASK}"`) : words,
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
    .sort((a, b) => b.start - a.start);
  let { text } = line;
  let { at, length } = shown;
  for (const it of here) {
    const from = Math.max(0, it.start - start);
    const to = Math.min(line.text.length, it.end - start);
    if (text.slice(from, to).trim() === "") continue;
    text = text.slice(0, from) + MASK + text.slice(to);
    if (at >= to) at += MASK.length - (to - from);
    else if (at >= from) [at, length] = [from, MASK.length];
  }
  return { text, at, length };
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

interface Collecting {
  /** Whether a key of this name holds values, not names. */
  readonly holdsSecrets: boolean;
  readonly faults: readonly Span[];
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
    if (flagged && VALUE_KEYS.has(name)) hideWhole(value, into);
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

function isFlag({ key, value }: SourceEntry): boolean {
  return FLAG_KEYS.has(camelCase(key)) && value.kind === "scalar" &&
    value.value !== false && value.value !== null;
}

function hideWhole(node: SourceNode, into: Collecting): void {
  hideFaulty(node, into);
  hideAll(node, into.found);
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

function hideAll(node: SourceNode, found: Hidden[]): void {
  switch (node.kind) {
    case "list":
      return node.items.forEach((it) => hideAll(it, found));
    case "map":
      return node.entries.forEach(({ value }) => hideAll(value, found));
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

/** Says whether a scalar tells more than that nothing is there. */
function isTelling({ value, text }: SourceScalar): boolean {
  return value !== null && typeof value !== "boolean" && text !== MASK &&
    text !== "";
}
