/**
 * Writes values as JSON, as jq does.
 *
 * @module
 */

import { limitText, makeText, meter, readText, step, steps } from "./fuel.ts";
import { isArray, type Json } from "./json.ts";
import { listKeys } from "./keys.ts";
import { replaceEach } from "./texts.ts";
import { formatNumber } from "./numbers.ts";

/** Deeper values are left out. */
const DEPTH_MAX = 10_000;
const SKIPPED = "<skipped: too deep>";
/** Texts with one of these are not their own JSON. */
// deno-lint-ignore no-control-regex -- these are what JSON escapes
const ESCAPED = /["\\\x00-\x1f\x7f\ud800-\udfff]/;
/** How much of a value a message shows, in bytes. */
const SHOWN_BYTES = 29;
/** Steps that it takes to write the beginning of a value. */
const SHORT_STEPS = 8;
/** Steps that it takes to write an item. */
const ITEM_STEPS = 4;
/** UTF-16 units up to which what was written is one growing text. */
const START_LENGTH = 512;
/** Tokens after which what was written is made one piece. */
const PIECE_TOKENS = 2048;
/** UTF-16 units of a token after which that is done at once. */
const PIECE_LENGTH = 8192;

/** Writes a value. */
export function writeJson(value: Json): string {
  switch (typeof value) {
    case "string":
      return makeText(writeText(value));
    case "object":
      break;
    default:
      return makeText(writeScalar(value));
  }
  const writer = new Writer(meter.limits.stringLengthMax);
  writer.write(value, 0);
  return makeText(writer.text());
}

/** Writes a value as texts show it: strings as they are. */
export function textOf(value: Json): string {
  return typeof value === "string" ? value : writeJson(value);
}

function writeScalar(value: null | boolean | number | string): string {
  switch (typeof value) {
    case "number":
      return formatNumber(value);
    case "string":
      return writeText(value);
    default:
      return String(value);
  }
}

function writeText(value: string): string {
  limitText(value.length);
  readText(value);
  if (!ESCAPED.test(value)) return `"${value}"`;
  const text = JSON.stringify(value.toWellFormed());
  return replaceEach(text, /\x7f/g, () => "\\u007f");
}

/** Writes as much as is wanted: a small value may be a part of itself often. */
class Writer {
  readonly #lengthMax: number;
  readonly #isCut: boolean;
  // A text that is added to is a tree of all that was added: the fastest for a
  // short one, and of a long one ten times what it says. That is a list.
  #start = "";
  #tokens: string[] | undefined;
  readonly #pieces: string[] = [];
  #length = 0;

  constructor(lengthMax: number, options: { readonly isCut?: boolean } = {}) {
    this.#lengthMax = lengthMax;
    this.#isCut = options.isCut ?? false;
  }

  text(): string {
    if (this.#tokens === undefined) return this.#start;
    return [this.#start, ...this.#pieces, ...this.#tokens].join("");
  }

  /** Whether there is enough, or else too much. */
  #isFull(): boolean {
    if (this.#length <= this.#lengthMax) return false;
    if (!this.#isCut) limitText(this.#length);
    return true;
  }

  #add(text: string): void {
    this.#length += text.length;
    if (this.#length <= START_LENGTH) {
      this.#start += text;
      return;
    }
    this.#tokens ??= [];
    const count = this.#tokens.push(text);
    if (count < PIECE_TOKENS && text.length < PIECE_LENGTH) return;
    this.#isFull();
    this.#pieces.push(this.#tokens.join(""));
    this.#tokens = [];
  }

  /** A text or a key, no longer than is wanted. */
  #shown(text: string): string {
    return writeText(this.#isCut ? text.slice(0, this.#lengthMax + 1) : text);
  }

  write(value: Json, depth: number): void {
    if (typeof value === "string") return this.#add(this.#shown(value));
    if (typeof value !== "object" || value === null) {
      return this.#add(writeScalar(value));
    }
    step();
    if (depth > DEPTH_MAX) return this.#add(JSON.stringify(SKIPPED));
    if (isArray(value)) {
      let mark = "[";
      steps(this.#isCut ? 0 : value.length * ITEM_STEPS);
      for (const item of value) {
        if (this.#isCut && this.#isFull()) return;
        this.#add(mark);
        this.write(item, depth + 1);
        mark = ",";
      }
      return this.#add(mark === "[" ? "[]" : "]");
    }
    let mark = "{";
    const keys = listKeys(value);
    steps(this.#isCut ? 0 : keys.length * ITEM_STEPS);
    for (const key of keys) {
      if (this.#isCut && this.#isFull()) return;
      this.#add(`${mark}${this.#shown(key)}:`);
      this.write(value[key] ?? null, depth + 1);
      mark = ",";
    }
    this.#add(mark === "{" ? "{}" : "}");
  }
}

/** Writes the beginning of a value for a message. */
export function writeShort(value: Json): string {
  steps(SHORT_STEPS);
  const text = beginningOf(value);
  const bytes = new TextEncoder().encode(text.slice(0, SHOWN_BYTES + 1));
  if (bytes.length <= SHOWN_BYTES && text.length <= SHOWN_BYTES) return text;
  const closer = typeof value === "string"
    ? '"'
    : isArray(value)
    ? "]"
    : typeof value === "object"
    ? "}"
    : "";
  let end = SHOWN_BYTES - 3 - closer.length;
  // A character that is cut is left out.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${new TextDecoder().decode(bytes.subarray(0, end))}...${closer}`;
}

function beginningOf(value: Json): string {
  if (typeof value === "string") {
    return writeText(value.slice(0, SHOWN_BYTES + 1));
  }
  const writer = new Writer(SHOWN_BYTES, { isCut: true });
  writer.write(value, 0);
  return writer.text();
}
