/**
 * What may be written at a place of a program: functions, variables, formats,
 * and the members that are known to be there. For editors.
 *
 * @module
 */

import { knownFunctions } from "./check.ts";
import { FORMATS } from "./formats.ts";
import { Inference, type InferOptions, type Known } from "./infer.ts";
import { tokenize } from "./lexer.ts";
import { parseJq } from "./parser.ts";
import { REFUSED_FUNCTIONS } from "./refused.ts";
import type { Node } from "./tree.ts";
import { ANY, type JqType, keysOf, kindsInWords, memberOf } from "./types.ts";

/** Something that may be written. */
export interface Completion {
  /** What is written: `map`, `$name`, `@base64`, `price`. */
  readonly label: string;
  /** What it is. */
  readonly kind: "function" | "variable" | "format" | "field";
  /** What is known of it: its arguments, or the type of its values. */
  readonly detail: string;
}

/** What may be written at a place. */
export interface Completions {
  /** UTF-16 units from the start to what is replaced. */
  readonly start: number;
  /** UTF-16 units from the start to where that ends. */
  readonly end: number;
  /** In the order of their names. */
  readonly items: readonly Completion[];
}

/** What is known around a program. */
export type CompleteOptions = Omit<InferOptions, "source">;

/** The word that is written: a name, or the beginning of one. */
const BEFORE = /[$@]?[A-Za-z_]?\w*$/;
const AFTER = /^\w*/;
/** Stands where the cursor is, as no program has it. */
const MARK = "__cursor__";
const CLOSERS: Readonly<Record<string, string>> = {
  "(": ")",
  "[": "]",
  "{": "}",
};

/**
 * Lists what may be written at an offset, whether the program is whole or is
 * only being written. An offset that is outside of it is its start or its end.
 *
 * @example
 * ```ts
 * import { completeAt, typeOf } from "@stigmer/cli/jq";
 *
 * const input = typeOf({ items: [{ price: 2 }] });
 * const source = ".items[] | .pr";
 * const { items } = completeAt(source, source.length, { input });
 * console.assert(items[0]?.label === "price");
 * ```
 */
export function completeAt(
  source: string,
  offset: number,
  options: CompleteOptions = {},
): Completions {
  const at = Math.floor(offset) || 0;
  return completeWithin(
    source,
    Math.min(Math.max(at, 0), source.length),
    options,
  );
}

function completeWithin(
  source: string,
  offset: number,
  options: CompleteOptions,
): Completions {
  const before = source.slice(0, offset);
  const word = BEFORE.exec(before)?.[0] ?? "";
  const start = offset - word.length;
  const end = offset + (AFTER.exec(source.slice(offset))?.[0].length ?? 0);
  const items = isInText(before)
    ? []
    : all(source, { start, end, word, options });
  return {
    start,
    end,
    items: items.filter(({ label }) => label.startsWith(word))
      .toSorted((a, b) => a.label < b.label ? -1 : 1),
  };
}

interface Cursor {
  readonly start: number;
  readonly end: number;
  readonly word: string;
  readonly options: CompleteOptions;
}

function all(source: string, cursor: Cursor): readonly Completion[] {
  const { start, end, word, options } = cursor;
  if (word.startsWith("@")) return [...FORMATS].map(formatItem);
  const head = source.slice(0, start);
  const isField = /(?:^|[^.])\.\s*$/.test(head);
  const mark = word.startsWith("$") ? `$${MARK}` : MARK;
  const whole = look(head + mark + source.slice(end), options) ??
    look(head + mark + closersOf(head + mark), options);
  if (isField) return whole?.type === undefined ? [] : fieldItems(whole.type);
  if (word.startsWith("$")) {
    return variableItems(whole?.known.variables ?? options.variables);
  }
  return functionItems(whole?.known);
}

function formatItem(name: string): Completion {
  return { label: `@${name}`, kind: "format", detail: "format" };
}

function fieldItems(type: JqType): readonly Completion[] {
  return keysOf(type).filter((key) => /^[A-Za-z_]\w*$/.test(key)).map((
    key,
  ) => ({
    label: key,
    kind: "field",
    detail: kindsInWords(memberOf(type, key)),
  }));
}

function variableItems(
  variables: ReadonlyMap<string, JqType> = new Map(),
): readonly Completion[] {
  return [...variables].map(([name, type]) => ({
    label: `$${name}`,
    kind: "variable",
    detail: kindsInWords(type),
  }));
}

function functionItems(known: Known | undefined): readonly Completion[] {
  const counts = new Map<string, Set<string>>();
  for (const key of [...known?.functions.keys() ?? [], ...knownFunctions()]) {
    const [name = "", count = "0"] = key.split("/");
    if (name.startsWith("_") || Object.hasOwn(REFUSED_FUNCTIONS, name)) {
      continue;
    }
    counts.set(name, (counts.get(name) ?? new Set()).add(count));
  }
  return [...counts].map(([label, of]) => ({
    label,
    kind: "function",
    detail: argumentsInWords([...of].toSorted()),
  }));
}

function argumentsInWords(counts: readonly string[]): string {
  const words = counts.join(" or ");
  return words === "1" ? "1 argument" : `${words} arguments`;
}

/** What is known at the mark; `undefined` where the parser did not come to it. */
function look(
  source: string,
  { input = ANY, variables = new Map() }: CompleteOptions,
): { readonly known: Known; readonly type?: JqType } | undefined {
  let found: { readonly known: Known; readonly type?: JqType } | undefined;
  const inference = new Inference(source, (node, known, target) => {
    if (isMark(node)) {
      found = target === undefined ? { known } : { known, type: target };
    }
  });
  inference.flow(parseJq(source).tree, {
    input,
    variables,
    functions: new Map(),
    isCaught: true,
  });
  return found;
}

function isMark(node: Node): boolean {
  switch (node.kind) {
    case "call":
    case "variable":
      return node.name === MARK;
    case "index":
      return node.key.kind === "literal" && node.key.value === MARK;
    default:
      return false;
  }
}

/** Whether a place is inside of a text, or a comment. */
function isInText(before: string): boolean {
  const last = tokenize(before).findLast(({ kind }) => kind !== "end");
  if (/#[^\n]*$/.test(before.slice(last?.end ?? 0))) return true;
  return openIn(before).at(-1) === '"';
}

/** What is open at the end of a text, the innermost last. */
function openIn(text: string): readonly string[] {
  const open: string[] = [];
  for (const { kind, text: word } of tokenize(text)) {
    if (kind === "text-start") open.push('"');
    else if (kind === "open") open.push("(");
    else if (kind === "keyword" && word === "if") open.push("if");
    else if (kind === "operator" && Object.hasOwn(CLOSERS, word)) {
      open.push(word);
    } else if (kind === "text-end" || kind === "close") open.pop();
    else if (kind === "keyword" && word === "end") open.pop();
    else if (kind === "operator" && /^[)\]}]$/.test(word)) open.pop();
  }
  return open;
}

/** What closes all that is open at the end of a text. */
function closersOf(text: string): string {
  return openIn(text).toReversed().map((it) => {
    if (it === '"') return '"';
    if (it !== "if") return CLOSERS[it] ?? "";
    const inside = text.slice(text.lastIndexOf("if"));
    return /\bthen\b/.test(inside) ? " end" : " then . end";
  }).join("");
}
