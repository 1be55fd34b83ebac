/**
 * Formats: `@csv`, `@base64` and the others.
 *
 * @module
 */

import { described } from "./arithmetic.ts";
import { raise } from "./failure.ts";
import { makeText } from "./fuel.ts";
import { isArray, type Json } from "./json.ts";
import { textOf, writeJson } from "./write_json.ts";

/** What may follow `@`. */
export const FORMATS: ReadonlySet<string> = new Set(
  "text json csv tsv html uri urid sh base64 base64d base32 base32d".split(" "),
);

const HTML: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
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
      return textOf(value).replace(/[<>&'"]/g, (it) => HTML[it] ?? it);
    case "uri":
      return encodeURIComponent(textOf(value).toWellFormed())
        .replace(/[!'()*]/g, percent);
    case "urid":
      return decodeUri(textOf(value));
    case "sh":
      return (isArray(value) ? value : [value]).map(shellWord).join(" ");
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
  if (isArray(value)) return value;
  return raise(`${described(value)} cannot be ${name}-formatted, only array`);
}

function csvCell(value: Json): string {
  switch (typeof value) {
    case "string":
      return `"${value.replaceAll('"', '""')}"`;
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
    return value.replace(/[\t\r\n\\]/g, (it) => TSV[it] ?? it);
  }
  return csvCell(value);
}

function shellWord(value: Json): string {
  if (typeof value === "string") return `'${value.replaceAll("'", "'\\''")}'`;
  if (typeof value !== "object" || value === null) return textOf(value);
  return raise(`${described(value)} can not be escaped for shell`);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decodeUri(text: string): string {
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
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) |
      (bytes[i + 2] ?? 0);
    const count = Math.min(3, bytes.length - i) + 1;
    for (let k = 0; k < 4; k++) {
      text += k < count ? BASE64[(group >> (18 - 6 * k)) & 63] : "=";
    }
  }
  return text;
}

function decodeBase64(text: string): string {
  const clean = text.replace(/=+$/, "");
  const bytes: number[] = [];
  let bits = 0;
  let group = 0;
  for (const char of clean) {
    const at = BASE64.indexOf(char);
    if (at < 0) raise(`${described(text)} is not valid base64 data`);
    group = (group << 6) | at;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((group >> bits) & 255);
  }
  if (clean.length % 4 === 1) {
    raise(`${described(text)} trailing base64 byte found`);
  }
  return new TextDecoder("utf-8", { ignoreBOM: true })
    .decode(new Uint8Array(bytes));
}

function encodeBase32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let group = 0;
  for (const byte of bytes) {
    group = ((group << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(group >> bits) & 31];
    }
  }
  if (bits > 0) text += BASE32[(group << (5 - bits)) & 31];
  return text.padEnd(Math.ceil(text.length / 8) * 8, "=");
}

function decodeBase32(text: string): string {
  const bytes: number[] = [];
  let bits = 0;
  let group = 0;
  for (const char of text.replace(/=+$/, "")) {
    const at = BASE32.indexOf(char);
    if (at < 0) raise(`${described(text)} is not valid base32 data`);
    group = ((group << 5) | at) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((group >> bits) & 255);
  }
  return new TextDecoder("utf-8", { ignoreBOM: true })
    .decode(new Uint8Array(bytes));
}
