/**
 * Reads JSON as jq does: `nan` is a value, and messages say where it ends to
 * be JSON.
 *
 * @module
 */

import { raise } from "./failure.ts";
import { makeCells, steps } from "./fuel.ts";
import { type Json, type MutableObject, putMember } from "./json.ts";
import { parseNumber } from "./numbers.ts";

const DEPTH_MAX = 10_000;
/** What an array and an object take beside what is in them, in cells. */
const CONTAINER_CELLS = 6;
const COMMA = 44;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Reads a text. */
export function readJson(text: string): Json {
  steps(text.length >> 4);
  const { depth, containers, parts } = shapeOf(text);
  makeCells((text.length >> 3) + containers * CONTAINER_CELLS + parts);
  try {
    const value: Json = JSON.parse(text);
    if (depth <= DEPTH_MAX) return value;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError) && !(thrown instanceof RangeError)) {
      throw thrown;
    }
  }
  return new Reader(text).all();
}

/** What a text will become; what stands in its strings counts as well. */
interface Shape {
  /** At most how deep it nests. */
  readonly depth: number;
  /** Arrays and objects. */
  readonly containers: number;
  /** Items and members after the first ones. */
  readonly parts: number;
}

function shapeOf(text: string): Shape {
  let open = 0;
  let depth = 0;
  let containers = 0;
  let parts = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === COMMA) parts += 1;
    else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      containers += 1;
      if (++open > depth) depth = open;
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) open -= 1;
  }
  return { depth, containers, parts };
}

/** Reads what `JSON.parse` does not, and finds out what is wrong. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text.startsWith("\ufeff") ? text.slice(1) : text;
  }

  all(): Json {
    steps(this.#text.length >> 1);
    this.#space();
    if (this.#at >= this.#text.length) this.#failAs("Expected JSON value");
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) {
      this.#value(0);
      this.#failAs("Unexpected extra JSON values");
    }
    return value;
  }

  #space(): void {
    while (" \t\r\n".includes(this.#text[this.#at] ?? "x")) this.#at += 1;
  }

  #value(depth: number): Json {
    if (depth > DEPTH_MAX) this.#fail("Exceeds depth limit for parsing");
    this.#space();
    switch (this.#text[this.#at]) {
      case "[":
        return this.#array(depth);
      case "{":
        return this.#object(depth);
      case '"':
        return this.#string();
      case undefined:
        return this.#fail("Unfinished JSON term");
      default:
        return this.#literal();
    }
  }

  #array(depth: number): Json {
    const items: Json[] = [];
    this.#at += 1;
    this.#space();
    if (this.#take("]")) return items;
    for (;;) {
      items.push(this.#value(depth + 1));
      this.#space();
      if (this.#take("]")) return items;
      if (!this.#take(",")) this.#separator("[");
    }
  }

  #object(depth: number): Json {
    const object: MutableObject = {};
    this.#at += 1;
    this.#space();
    if (this.#take("}")) return object;
    for (;;) {
      const key = this.#value(depth + 1);
      if (typeof key !== "string") this.#fail("Object keys must be strings");
      this.#space();
      if (!this.#take(":")) this.#separator("{");
      putMember(object, String(key), this.#value(depth + 1));
      this.#space();
      if (this.#take("}")) return object;
      if (!this.#take(",")) this.#separator("{");
    }
  }

  #separator(opener: string): never {
    if (this.#at >= this.#text.length) this.#fail("Unfinished JSON term");
    this.#at += 1;
    this.#fail(
      opener === "["
        ? "Expected separator between values"
        : "Objects must consist of key:value pairs",
    );
  }

  #take(char: string): boolean {
    const is = this.#text[this.#at] === char;
    if (is) this.#at += 1;
    return is;
  }

  #string(): string {
    const end = /"(?:[^"\\]|\\[^])*"/y;
    end.lastIndex = this.#at;
    const found = end.exec(this.#text)?.[0];
    if (found === undefined) {
      this.#at = this.#text.length;
      return this.#fail("Unfinished string");
    }
    this.#at += found.length;
    try {
      const value: unknown = JSON.parse(
        // deno-lint-ignore no-control-regex -- jq takes them as they are
        found.replace(/[\x00-\x1f]/g, (it) => JSON.stringify(it).slice(1, -1)),
      );
      return String(value);
    } catch {
      return this.#fail("Invalid escape");
    }
  }

  #literal(): Json {
    const start = this.#at;
    while (!/^[[\]{}:,"\s]?$/.test(this.#text[this.#at] ?? "")) this.#at += 1;
    const text = this.#text.slice(start, this.#at);
    if (text === "true" || text === "false") return text === "true";
    if (text === "null") return null;
    const value = parseNumber(text);
    if (value !== undefined && !/^[+]/.test(text)) return value;
    if (this.#at < this.#text.length) this.#at += 1;
    if (text.startsWith("'")) {
      return this.#fail("Invalid string literal; expected \", but got '");
    }
    if (text === "") return this.#fail("Expected JSON value");
    return this.#fail(
      /^[nft]/.test(text) && !/[\d.]/.test(text)
        ? "Invalid literal"
        : "Invalid numeric literal",
    );
  }

  #fail(message: string): never {
    const isEnd = this.#at >= this.#text.length;
    const before = this.#text.slice(0, this.#at);
    const line = before.split("\n").length;
    const column = before.length - (before.lastIndexOf("\n") + 1);
    this.#failAs(
      `${message}${isEnd ? " at EOF" : ""} at line ${line}, column ${column}`,
    );
  }

  #failAs(message: string): never {
    raise(`${message} (while parsing '${this.#text}')`);
  }
}
