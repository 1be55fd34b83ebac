/**
 * Reads `.env` files.
 *
 * | written | read |
 * |---|---|
 * | `KEY=value # note`, `export KEY = value` | `value`; a comment begins with a space and `#` |
 * | `KEY='as it is'`, `` KEY=`as it is` `` | what is between the quotes, over lines too |
 * | `KEY="a\nb"` | `\n`, `\r`, `\t`, `\"`, `\\` and `\$` stand for what they do in a shell |
 * | `KEY=` | an empty text |
 *
 * Nothing is replaced: `$OTHER` stays as it is. No error holds any part of a
 * line, since what looks broken may be a secret.
 *
 * @module
 */

import { invalidArgument, type StigmerError } from "../../model/error.ts";

/** One line of such a file. */
export interface EnvEntry {
  readonly value: string;
  /** The line at which it begins, from 1. */
  readonly line: number;
}

/** Where the reader is. */
interface Cursor {
  readonly file: string;
  readonly text: string;
  at: number;
  /** Up to where lines were counted, and which one that is in, from 1. */
  readonly counted: { at: number; line: number };
}

const NAME_REGEXP = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** The start of a line up to the value. */
const HEAD_REGEXP = /[ \t]*(?:export[ \t]+)?([^\s=]*)[ \t]*=[ \t]*/y;
const BLANK_REGEXP = /[ \t]*(?:#[^\n]*)?(?:\n|$)/y;
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  '"': '"',
  "\\": "\\",
  "$": "$",
};

/**
 * Reads the text of a file.
 *
 * @throws {StigmerError} For the first line that is none, with its number.
 */
export function readEnvFile(
  file: string,
  written: string,
): ReadonlyMap<string, EnvEntry> {
  const text = written.replace(/^\ufeff/, "").replaceAll(/\r\n?/g, "\n");
  const counted = { at: 0, line: 1 };
  const cursor: Cursor = { file, text, at: 0, counted };
  const entries = new Map<string, EnvEntry>();
  while (cursor.at < text.length) {
    if (take(cursor, BLANK_REGEXP) !== undefined) continue;
    const line = lineOf(cursor);
    const name = nameAt(cursor);
    const first = entries.get(name);
    if (first !== undefined) {
      const what = `"${name}" is given twice, first in line ${first.line}`;
      throw broken(cursor, what);
    }
    entries.set(name, { value: valueAt(cursor), line });
  }
  return entries;
}

/** Takes what an expression matches here; it never matches nothing. */
function take(cursor: Cursor, regexp: RegExp): RegExpExecArray | undefined {
  regexp.lastIndex = cursor.at;
  const found = regexp.exec(cursor.text);
  if (found === null || found[0] === "") return undefined;
  cursor.at += found[0].length;
  return found;
}

function nameAt(cursor: Cursor): string {
  const start = cursor.at;
  const head = take(cursor, HEAD_REGEXP);
  const name = head?.[1] ?? "";
  if (NAME_REGEXP.test(name)) return name;
  throw broken(
    { ...cursor, at: start },
    head === undefined
      ? "expected KEY=VALUE"
      : "what stands before = is no name for a variable",
  );
}

function valueAt(cursor: Cursor): string {
  const quote = cursor.text[cursor.at] ?? "";
  return quote === "'" || quote === '"' || quote === "`"
    ? quotedAt(cursor, quote)
    : plainAt(cursor);
}

function plainAt(cursor: Cursor): string {
  const [line = ""] = take(cursor, /[^\n]*\n?/y) ?? [];
  const value = line.startsWith("#") ? "" : line.replace(/\s#[^]*$/, "");
  return value.trim();
}

function quotedAt(cursor: Cursor, quote: string): string {
  const { text } = cursor;
  const start = cursor.at;
  const end = endOfQuoted(text, start, quote);
  if (end < 0) throw broken(cursor, "the quoted value is never closed");
  cursor.at = end + 1;
  if (cursor.at < text.length && take(cursor, BLANK_REGEXP) === undefined) {
    throw broken(cursor, "there is more after the closing quote");
  }
  const inside = text.slice(start + 1, end);
  if (quote !== '"') return inside;
  return inside.replaceAll(
    /\\(.)/gs,
    (whole, letter: string) => ESCAPES[letter] ?? whole,
  );
}

/** Finds the quote that closes another, or -1. */
function endOfQuoted(text: string, start: number, quote: string): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\" && quote === '"') i++;
    else if (text[i] === quote) return i;
  }
  return -1;
}

/** Counts on from where it was asked before, which is never further on. */
function lineOf({ text, at, counted }: Cursor): number {
  for (let end = text.indexOf("\n", counted.at); end >= 0 && end < at;) {
    counted.line++;
    counted.at = end + 1;
    end = text.indexOf("\n", counted.at);
  }
  return counted.line;
}

function broken(cursor: Cursor, what: string): StigmerError {
  return invalidArgument(
    `Cannot read "${cursor.file}", line ${lineOf(cursor)}: ${what}`,
  );
}
