/**
 * Formats: `@csv`, `@base64` and the others.
 *
 * @module
 */

import { described } from "./arithmetic.ts";
import { raise } from "./failure.ts";
import { limitText, makeText, readText, steps } from "./fuel.ts";
import { isArray, type Json } from "./json.ts";
import { replaceEach } from "./texts.ts";
import { textOf, writeJson } from "./write_json.ts";

/** What may follow `@`. */
export const FORMATS: ReadonlySet<string> = new Set(
  "text json csv tsv html uri urid sh base64 base64d base32 base32d".split(" "),
);

const HTML: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&apos;",
  '"': "&quot;",
};
const TSV: Readonly<Record<string, string>> = {
  "\t": "\\t",
  "\r": "\\r",
  "\n": "\\n",
  "\\": "\\\\",
};
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/** Steps that it takes to write a cell of a row. */
const CELL_STEPS = 4;
/** `=`, which fills the last group up. */
const PADDING = 61;
const BASE64 =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Writes a value in a format. */
export function formatAs(name: string, value: Json): string {
  return makeText(format(name, value));
}

function format(name: string, value: Json): string {
  switch (name) {
    case "text":
      return textOf(value);
    case "json":
      return writeJson(value);
    case "csv":
      return row(value, "csv").map(csvCell).join(",");
    case "tsv":
      return row(value, "tsv").map(tsvCell).join("\t");
    case "html":
      return replaceEach(textOf(value), /[&<>'"]/g, (it) => HTML[it] ?? it);
    case "uri":
      return encodeURIComponent(textOf(value).toWellFormed())
        .replace(/[!'()*]/g, percent);
    case "urid":
      return decodeUri(textOf(value));
    case "sh":
      return row(isArray(value) ? value : [value], name)
        .map(shellWord).join(" ");
    case "base64":
      return encodeBase64(bytesOf(textOf(value)));
    case "base64d":
      return decodeBase64(textOf(value));
    case "base32":
      return encodeBase32(bytesOf(textOf(value)));
    case "base32d":
      return decodeBase32(textOf(value));
    default:
      return raise(`${name} is not a valid format`);
  }
}

function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
}

function row(value: Json, name: string): readonly Json[] {
  if (isArray(value)) {
    steps(value.length * CELL_STEPS);
    return value;
  }
  return raise(`${described(value)} cannot be ${name}-formatted, only array`);
}

function csvCell(value: Json): string {
  switch (typeof value) {
    case "string":
      readText(value);
      return `"${replaceEach(value, /"/g, () => '""')}"`;
    case "number":
    case "boolean":
      return textOf(value);
    default:
      if (value === null) return "";
      return raise(`${described(value)} is not valid in a csv row`);
  }
}

function tsvCell(value: Json): string {
  if (typeof value === "string") {
    readText(value);
    return replaceEach(value, /[\t\r\n\\]/g, (it) => TSV[it] ?? it);
  }
  return csvCell(value);
}

function shellWord(value: Json): string {
  if (typeof value === "string") {
    readText(value);
    return `'${replaceEach(value, /'/g, () => "'\\''")}'`;
  }
  if (typeof value !== "object" || value === null) return textOf(value);
  return raise(`${described(value)} can not be escaped for shell`);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decodeUri(text: string): string {
  steps(text.length >> 3);
  const failed = (): never =>
    raise(`${described(text)} is not a valid uri encoding`);
  return text.replace(/(?:%[^%]?[^%]?)+/g, (run) => {
    let hex = run;
    let rest = "";
    const clean = /^(?:%[0-9a-fA-F]{2})+/.exec(run)?.[0];
    if (clean === undefined) return failed();
    hex = clean;
    rest = run.slice(clean.length);
    if (rest.includes("%")) return failed();
    try {
      return decodeURIComponent(hex) + rest;
    } catch {
      return failed();
    }
  });
}

function encodeBase64(bytes: Uint8Array): string {
  return encodeBits(bytes, { digits: BASE64, bits: 6, group: 4 });
}

function decodeBase64(text: string): string {
  const clean = withoutPadding(text);
  const decoded = decodeBits(clean, BASE64, 6);
  if (decoded === undefined) {
    return raise(`${described(text)} is not valid base64 data`);
  }
  if (clean.length % 4 === 1) {
    raise(`${described(text)} trailing base64 byte found`);
  }
  return decoded;
}

/** The text without the signs at its end that fill it up. */
function withoutPadding(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === PADDING) end -= 1;
  return text.slice(0, end);
}

/** Reads digits of so many bits; `undefined` where one is none. */
function decodeBits(
  text: string,
  digits: string,
  bits: number,
): string | undefined {
  steps(text.length >> 3);
  const bytes = new Uint8Array(Math.floor(text.length * bits / 8));
  let length = 0;
  let rest = 0;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = digits.indexOf(text.charAt(i));
    if (digit < 0) return undefined;
    rest = ((rest << bits) | digit) & 0xffff;
    count += bits;
    if (count < 8) continue;
    count -= 8;
    bytes[length++] = (rest >> count) & 255;
  }
  return new TextDecoder("utf-8", { ignoreBOM: true })
    .decode(bytes.subarray(0, length));
}

function encodeBase32(bytes: Uint8Array): string {
  return encodeBits(bytes, { digits: BASE32, bits: 5, group: 8 });
}

/** Writes bytes with digits of so many bits, in groups of so many digits. */
function encodeBits(
  bytes: Uint8Array,
  { digits, bits, group }: {
    readonly digits: string;
    readonly bits: number;
    readonly group: number;
  },
): string {
  const length = Math.ceil(bytes.length * 8 / (bits * group)) * group;
  limitText(length);
  steps(bytes.length >> 3);
  // Digits are gathered as bytes: a text that grows by one takes much more.
  const codes = new Uint8Array(length).fill(PADDING);
  let at = 0;
  let rest = 0;
  let count = 0;
  const put = (digit: number) => codes[at++] = digits.charCodeAt(digit);
  const mask = (1 << bits) - 1;
  for (const byte of bytes) {
    rest = ((rest << 8) | byte) & 0xffff;
    count += 8;
    while (count >= bits) {
      count -= bits;
      put((rest >> count) & mask);
    }
  }
  if (count > 0) put((rest << (bits - count)) & mask);
  return new TextDecoder().decode(codes);
}

function decodeBase32(text: string): string {
  const decoded = decodeBits(withoutPadding(text), BASE32, 5);
  return decoded ?? raise(`${described(text)} is not valid base32 data`);
}
