/**
 * Writes JSON values as YAML that people like to read.
 *
 * Blocks for texts of several lines, quotes only where a reader could take a
 * text for something else: YAML 1.1 readers included, to which `on` is true.
 * It is its own module because printing must not load a YAML parser.
 *
 * @module
 */

import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
} from "../model/json.ts";

const INDENT = "  ";
/** YAML allows 1024 for a key on the line of its value. */
const SIMPLE_KEY_LENGTH_MAX = 1000;
/** Texts that begin like this and hold nothing odd need no quotes. */
const PLAIN_REGEXP =
  /^[\p{L}_./$(][\p{L}\p{M}\p{N}\p{S} _./$(){}\[\]:@+*?&|!=<>,;'"\\^~%-]*$/u;
const WORD_REGEXP =
  /^(?:null|true|false|yes|no|on|off|y|n|[-+]?\.(?:inf|nan)|[-+]?\.?[0-9].*|\.+|---.*|=|<<)$/i;
/** What a block cannot show: controls, and what looks like a line's end. */
const HIDDEN_REGEXP =
  // deno-lint-ignore no-control-regex -- these are what it looks for
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffd-\uffff]/;

/** Writes a value as YAML with a final newline. */
export function toYaml(value: Json): string {
  if (isJsonObject(value) && Object.keys(value).length > 0) {
    return objectLines(value, "").join("\n") + "\n";
  }
  if (isJsonArray(value) && value.length > 0) {
    return listLines(value, "").join("\n") + "\n";
  }
  return inline(value, "") + "\n";
}

function objectLines(object: JsonObject, indent: string): string[] {
  return Object.entries(object).flatMap(([key, value]) => {
    const text = textOf(key);
    return text.length > SIMPLE_KEY_LENGTH_MAX
      ? [`${indent}? ${text}`, ...entryLines(`${indent}:`, value, indent)]
      : entryLines(`${indent}${text}:`, value, indent);
  });
}

function entryLines(head: string, value: Json, indent: string): string[] {
  if (isJsonObject(value) && Object.keys(value).length > 0) {
    return [head, ...objectLines(value, indent + INDENT)];
  }
  if (isJsonArray(value) && value.length > 0) {
    return [head, ...listLines(value, indent + INDENT)];
  }
  return [`${head} ${inline(value, indent + INDENT)}`];
}

function listLines(list: readonly Json[], indent: string): string[] {
  return list.flatMap((item) => {
    const inner = indent + INDENT;
    const lines = isJsonObject(item) && Object.keys(item).length > 0
      ? objectLines(item, inner)
      : isJsonArray(item) && item.length > 0
      ? listLines(item, inner)
      : [inner + inline(item, inner)];
    const [first = "", ...rest] = lines;
    return [`${indent}- ${first.slice(inner.length)}`, ...rest];
  });
}

/** Writes what fits behind a key: a scalar, a block, an empty collection. */
function inline(value: Json, indent: string): string {
  if (isJsonArray(value)) return "[]";
  if (isJsonObject(value)) return "{}";
  if (typeof value !== "string") return JSON.stringify(value);
  return isBlock(value) ? block(value, indent) : textOf(value);
}

/** Says whether a text is best shown as a block, and can be. */
function isBlock(text: string): boolean {
  const lines = text.split("\n");
  return lines.length > 1 && !HIDDEN_REGEXP.test(withoutPairs(text)) &&
    !/^\s/.test(text) && !/[ \t]\n*$/.test(text);
}

/** Drops surrogate pairs, so that what is left of surrogates is halves. */
function withoutPairs(text: string): string {
  return text.replaceAll(/[\ud800-\udbff][\udc00-\udfff]/g, "");
}

function block(text: string, indent: string): string {
  const ending = /\n*$/.exec(text)?.[0].length ?? 0;
  const sign = ending === 0 ? "-" : ending === 1 ? "" : "+";
  const body = text.endsWith("\n") ? text.slice(0, -1) : text;
  const lines = body.split("\n").map((line) =>
    line === "" ? "" : indent + line
  );
  return `|${sign}\n${lines.join("\n")}`;
}

function textOf(text: string): string {
  const isPlain = PLAIN_REGEXP.test(text) && !WORD_REGEXP.test(text) &&
    !text.endsWith(" ") && !text.endsWith(":") && !text.includes(": ") &&
    !text.includes(" #") && !HIDDEN_REGEXP.test(withoutPairs(text));
  return isPlain ? text : quoted(text);
}

/** A JSON text is a YAML text in double quotes. */
function quoted(text: string): string {
  return escapeHidden(JSON.stringify(text));
}

/**
 * Escapes, in the text of a JSON value, what JSON shows as it is and readers
 * may trip over: controls, line separators, signs of a broken encoding.
 */
export function escapeHidden(json: string): string {
  return json.replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffd-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
