/**
 * Writes values as JSON, as jq does.
 *
 * @module
 */

import { boundText } from "./fuel.ts";
import { isArray, type Json } from "./json.ts";
import { formatNumber } from "./numbers.ts";

/** Deeper values are left out. */
const DEPTH_MAX = 10_000;
const SKIPPED = "<skipped: too deep>";
/** Texts with one of these are not their own JSON. */
// deno-lint-ignore no-control-regex -- these are what JSON escapes
const ESCAPED = /["\\\x00-\x1f\x7f\ud800-\udfff]/;
/** How much of a value a message shows, in bytes. */
const SHOWN_BYTES = 29;

/** Writes a value. */
export function writeJson(value: Json): string {
  const text = write(value, 0);
  boundText(text.length);
  return text;
}

function write(value: Json, depth: number): string {
  switch (typeof value) {
    case "number":
      return formatNumber(value);
    case "string":
      return writeText(value);
    case "boolean":
      return value ? "true" : "false";
    default:
      break;
  }
  if (value === null) return "null";
  if (depth > DEPTH_MAX) return JSON.stringify(SKIPPED);
  let text = "";
  if (isArray(value)) {
    for (const item of value) {
      text += text === ""
        ? write(item, depth + 1)
        : `,${write(item, depth + 1)}`;
    }
    if (text.length > 1024) boundText(text.length);
    return `[${text}]`;
  }
  for (const key of Object.keys(value)) {
    const written = `${writeText(key)}:${write(value[key] ?? null, depth + 1)}`;
    text += text === "" ? written : `,${written}`;
  }
  if (text.length > 1024) boundText(text.length);
  return `{${text}}`;
}

function writeText(value: string): string {
  if (!ESCAPED.test(value)) return `"${value}"`;
  return JSON.stringify(value.toWellFormed()).replaceAll("\x7f", "\\u007f");
}

/** Writes a value as texts show it: strings as they are. */
export function textOf(value: Json): string {
  return typeof value === "string" ? value : writeJson(value);
}

/** Writes the beginning of a value for a message. */
export function writeShort(value: Json): string {
  const text = write(value, 0);
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
