/**
 * The texts that an expression computes with what is secret: they tell of it,
 * too, and are hidden where it is.
 *
 * What it only passes on is none of these, nor what stands in its source or in
 * the data that it reads: that is no more secret than it was before.
 *
 * @module
 */

import type { Node } from "../jq/tree.ts";
import { eachNode } from "../jq/walk.ts";
import { isJsonArray, isJsonObject, type Json } from "../model/json.ts";
import { evaluate } from "./evaluate.ts";
import type { Expression, Scope } from "./expression.ts";
import { ExpressionError } from "./failure.ts";
import { treeOf } from "./_tree.ts";
import { valuesRead } from "./reads.ts";
import { sealedForm } from "./sealed_parts.ts";

/** Shorter texts are in everything. */
export const COMPUTED_LENGTH_MIN = 6;
/** Texts of one result that are looked at. */
const TEXTS_MAX = 1000;
/** Texts that are known from elsewhere; of more, more is hidden. */
const KNOWN_MAX = 10_000;
/** Those of them that are taken off the ends of a text. */
const AFFIXES_MAX = 1000;
/** Shorter ones are only taken off where they are more than letters. */
const AFFIX_LENGTH_MIN = 4;
/** Made when it is asked for: a class of Unicode takes its time at a start. */
const separator = (): RegExp => /[^\p{L}\p{N}]/u;
/** What `type` and `match` of jq write, whatever they look at. */
const JQ_WORDS: readonly string[] = [
  "boolean",
  "captures",
  "length",
  "number",
  "object",
  "offset",
  "string",
];
/** A group of a regular expression: its name is a key of what it matches. */
const GROUP_NAME = /\(\?P?<(\w+)>/g;

/** How secrets get into an expression. */
export interface Computing {
  /** With open secrets, and what it reads of them. */
  readonly scope: Scope;
  /** Offsets at which it reads a text that has something secret in it. */
  readonly hot: ReadonlySet<number>;
  /** Whether it looks into other values that have. */
  readonly isWhole: boolean;
  /** What it gave, where that is known. */
  readonly given?: Json;
}

/** Gives the texts that an expression computes with what is secret. */
export function computedTexts(
  expression: Expression,
  { scope, hot, isWhole, given }: Computing,
): readonly string[] {
  if (isPlain(expression)) return [];
  const parts = isWhole
    ? [expression]
    : sealedForm(expression, "secrets", hot).parts
      .filter(({ steps }) => steps === undefined)
      .map((it) => it.expression);
  return parts.filter((it) => !isPlain(it)).flatMap((part) => {
    // To evaluate takes far longer than the rest.
    const isAll = programOf(part) === programOf(expression);
    const value = isAll && given !== undefined ? given : valueOf(part, scope);
    return value === undefined ? [] : textsComputed(part, { value, scope });
  });
}

/** Gives those texts of the result of an expression that it computed. */
export function textsComputed(
  expression: Expression,
  { value, scope }: { readonly value: Json; readonly scope: Scope },
): readonly string[] {
  const texts = textsOf(value);
  if (texts.size === 0 || isPlain(expression)) return [];
  const known = knownTexts(expression, scope);
  const affixes = [...known].slice(0, AFFIXES_MAX)
    .filter((it) => it.length >= AFFIX_LENGTH_MIN || separator().test(it))
    .toSorted((a, b) => b.length - a.length);
  const found = new Set<string>();
  const words = wordsOf(expression);
  for (const text of texts) {
    if (words.has(text)) continue;
    const core = coreOf(text, affixes);
    if (known.has(text) || core === "" || known.has(core)) continue;
    const secret = core.length < COMPUTED_LENGTH_MIN ? text : core;
    if (secret.length >= COMPUTED_LENGTH_MIN) found.add(secret);
  }
  return [...found];
}

/** What is evaluated without jq gives on what it reads. */
function isPlain({ path, literal, text }: Expression): boolean {
  return (path ?? literal ?? text) !== undefined;
}

function programOf({ program, source }: Expression): string {
  return program ?? source;
}

/** The value of a part; `undefined` where it has none. */
function valueOf(part: Expression, scope: Scope): Json | undefined {
  try {
    return evaluate(part, scope);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

/** The texts and keys of a result, also their lines each. */
function textsOf(value: Json): ReadonlySet<string> {
  const texts = new Set<string>();
  collect(value, { into: texts, max: TEXTS_MAX });
  for (const text of [...texts]) {
    if (!text.includes("\n")) continue;
    for (const line of text.split(/\r?\n/).slice(0, TEXTS_MAX)) {
      texts.add(line.trim());
    }
  }
  return texts;
}

/** What stands in the source, and in what is read. */
function knownTexts(expression: Expression, scope: Scope): ReadonlySet<string> {
  const texts = new Set(writtenTexts(expression));
  for (const value of valuesRead(expression, scope)) {
    collect(value, { into: texts, max: KNOWN_MAX });
  }
  texts.delete("");
  return texts;
}

/** Texts and keys that stand in the source; no names of what is called. */
function writtenTexts(expression: Expression): readonly string[] {
  const texts: string[] = [];
  eachNode(treeOf(expression), (node) => texts.push(...textsAt(node)));
  return texts;
}

function textsAt(node: Node): readonly string[] {
  if (node.kind === "text") {
    return node.parts.filter((it) => typeof it === "string");
  }
  if (node.kind !== "literal" || typeof node.value !== "string") return [];
  return [node.value];
}

/** What jq writes of itself: not to be taken off the ends of a text. */
function wordsOf(expression: Expression): ReadonlySet<string> {
  const names = writtenTexts(expression)
    .flatMap((it) => [...it.matchAll(GROUP_NAME)]);
  return new Set([...JQ_WORDS, ...names.map(([, name = ""]) => name)]);
}

interface Collecting {
  readonly into: Set<string>;
  readonly max: number;
}

function collect(value: Json, collecting: Collecting): void {
  const { into, max } = collecting;
  if (into.size >= max) return;
  if (typeof value === "string") into.add(value);
  else if (typeof value === "number") into.add(String(value));
  else if (isJsonArray(value)) {
    for (const item of value) collect(item, collecting);
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      into.add(key);
      collect(item, collecting);
    }
  }
}

/** A text without what is known at its ends. */
function coreOf(text: string, affixes: readonly string[]): string {
  let core = text;
  for (;;) {
    const before = core;
    const first = affixes.find((it) => core.startsWith(it));
    if (first !== undefined) core = core.slice(first.length);
    const last = affixes.find((it) => core.endsWith(it));
    if (last !== undefined) core = core.slice(0, core.length - last.length);
    if (core === before || core === "") return core;
  }
}
