/**
 * Functions of texts.
 *
 * @module
 */

import { add, described } from "./arithmetic.ts";
import { raise } from "./failure.ts";
import { formatAs } from "./formats.ts";
import { limitText, makeArray, makeText, step, steps } from "./fuel.ts";
import { isArray, type Json } from "./json.ts";
import { valuesOf } from "./indexing.ts";
import { type Native, ofInput, ofOne } from "./native.ts";
import {
  byteLengthOf,
  indicesOfText,
  lengthOf,
  replaceEach,
  splitText,
} from "./texts.ts";
import { textOf } from "./write_json.ts";

const SPACE =
  /^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;
const LAST_SPACE =
  /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/u;

function both(
  name: string,
  test: (text: string, part: string) => Json,
): Native {
  return ofOne((input, part) => {
    if (typeof input === "string" && typeof part === "string") {
      return test(input, part);
    }
    return raise(`${name}() requires string inputs`);
  });
}

/** Takes a part off an end; what is no text stays as it is. */
function without(take: (text: string, part: string) => string): Native {
  return ofOne((input, part) =>
    typeof input === "string" && typeof part === "string"
      ? take(input, part)
      : input
  );
}

function withoutStart(text: string, part: string): string {
  return text.startsWith(part) ? text.slice(part.length) : text;
}

function withoutEnd(text: string, part: string): string {
  return part !== "" && text.endsWith(part)
    ? text.slice(0, -part.length)
    : text;
}

function trimmed(where: "start" | "end" | "both"): Native {
  return ofInput((input) => {
    if (typeof input !== "string") return raise("trim input must be a string");
    const text = where === "end" ? input : input.replace(SPACE, "");
    return where === "start" ? text : trimEnd(text);
  });
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && LAST_SPACE.test(text.charAt(end - 1))) end -= 1;
  steps((text.length - end) >> 2);
  return text.slice(0, end);
}

function explode(input: Json): Json {
  if (typeof input !== "string") {
    return raise("explode input must be a string");
  }
  makeArray(lengthOf(input));
  return Array.from(input, (char) => char.codePointAt(0) ?? 0);
}

function implode(input: Json): Json {
  if (!isArray(input)) return raise("implode input must be an array");
  const pieces: string[] = [];
  let codes: number[] = [];
  steps(input.length);
  for (const item of input) {
    if (typeof item !== "number" || Number.isNaN(item)) {
      raise(
        `${
          described(item)
        } can't be imploded, unicode codepoint needs to be numeric`,
      );
    }
    codes.push(pointOf(Math.trunc(Number(item))));
    if (codes.length < PIECE_LENGTH) continue;
    pieces.push(String.fromCodePoint(...codes));
    codes = [];
  }
  pieces.push(String.fromCodePoint(...codes));
  return makeText(pieces.join(""));
}

/** Characters that are made at once. */
const PIECE_LENGTH = 4096;

/** What is no character is shown as one that says so. */
function pointOf(code: number): number {
  const isNone = !(code >= 0 && code <= 0x10ffff) ||
    (code >= 0xd800 && code <= 0xdfff);
  return isNone ? 0xfffd : code;
}

function joinable(item: Json): Json {
  const isWritten = typeof item === "number" || typeof item === "boolean";
  return item === null ? "" : isWritten ? textOf(item) : item;
}

function join(input: Json, separator: Json): Json {
  const items = valuesOf(input);
  if (items.length === 0) return "";
  if (typeof separator === "string") {
    const texts: string[] = [];
    for (const item of items) {
      const text = joinable(item);
      if (typeof text !== "string") break;
      step();
      texts.push(text);
    }
    if (texts.length === items.length) {
      limitText(separator.length * (items.length - 1));
      return makeText(texts.join(separator));
    }
  }
  let joined: Json = "";
  for (const [i, item] of items.entries()) {
    if (i > 0) joined = add(joined, separator);
    joined = add(joined, joinable(item));
  }
  return joined;
}

function changedCase(
  name: string,
  from: RegExp,
  change: (letters: string) => string,
): Native {
  return ofInput((input) => {
    if (typeof input !== "string") {
      return raise(`${name} input must be a string`);
    }
    steps(input.length >> 4);
    return makeText(replaceEach(input, from, change));
  });
}

/** `name/count` to what it does. */
export const TEXT_BUILTINS: Readonly<Record<string, Native>> = {
  "startswith/1": both("startswith", (text, part) => text.startsWith(part)),
  "endswith/1": both("endswith", (text, part) => text.endsWith(part)),
  "ltrimstr/1": without(withoutStart),
  "rtrimstr/1": without(withoutEnd),
  "trimstr/1": without((text, part) =>
    withoutEnd(withoutStart(text, part), part)
  ),
  "trim/0": trimmed("both"),
  "ltrim/0": trimmed("start"),
  "rtrim/0": trimmed("end"),
  "explode/0": ofInput(explode),
  "implode/0": ofInput(implode),
  "ascii_downcase/0": changedCase(
    "ascii_downcase",
    /[A-Z]+/g,
    (it) => it.toLowerCase(),
  ),
  "ascii_upcase/0": changedCase(
    "ascii_upcase",
    /[a-z]+/g,
    (it) => it.toUpperCase(),
  ),
  "utf8bytelength/0": ofInput((input) => {
    if (typeof input === "string") {
      return byteLengthOf(input);
    }
    return raise(`${described(input)} only strings have UTF-8 byte length`);
  }),
  "split/1": ofOne((input, separator) => {
    if (typeof input === "string" && typeof separator === "string") {
      return splitText(input, separator);
    }
    return raise("split input and separator must be strings");
  }),
  "join/1": ofOne(join),
  "format/1": ofOne((input, name) => {
    if (typeof name === "string") return formatAs(name, input);
    return raise(`${described(name)} is not a valid format`);
  }),
  "_strindices/1": ofOne((input, part) => {
    if (typeof input !== "string") {
      return raise(
        `${described(input)} cannot be searched, as it is not a string`,
      );
    }
    if (typeof part !== "string") {
      return raise(`${described(part)} is not a string`);
    }
    return indicesOfText(input, part);
  }),
};
