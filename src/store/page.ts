/**
 * Pages of a list by key: their size, and the tokens that lead from one to
 * the next.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from "../model/limits.ts";
import { checksum } from "./checksum.ts";

/** Which page of which list. */
export interface PageQuery {
  /** Items at the most; 0 means 50. */
  readonly size: number;
  /** `nextToken` of the page before; empty for the first page. */
  readonly token: string;
  /** The list and its filters: a token of another one is refused. */
  readonly scope: Json;
}

/** A page asked for, checked. */
export interface PageStart {
  readonly size: number;
  /** The key of the last item before the page; absent on the first. */
  readonly after?: readonly string[];
}

/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** For the next page; empty on the last. */
  readonly nextToken: string;
}

const TOKEN_LENGTH_MAX = 1024;

/**
 * Checks the size and the token of a page.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a size that is too large, and
 * for a token that no list with these filters gave.
 */
export function readPage(query: PageQuery, keyLength: number): PageStart {
  const size = pageSize(query.size);
  if (query.token === "") return { size };
  const [scope, ...after] = decodeToken(query.token);
  if (scope !== scopeMark(query.scope) || after.length !== keyLength) {
    throw badToken();
  }
  return { size, after };
}

/**
 * Makes a page of rows that were read with one more than its size.
 *
 * @param rows At most `size + 1` rows; the one too many shows that more follow.
 * @param keyOf Gives the key that the list is ordered by.
 */
export function toPage<Row>(
  rows: readonly Row[],
  options: {
    readonly start: PageStart;
    readonly scope: Json;
    readonly keyOf: (row: Row) => readonly string[];
  },
): Page<Row> {
  const items = rows.slice(0, options.start.size);
  const last = items.at(-1);
  if (rows.length <= options.start.size || last === undefined) {
    return { items, nextToken: "" };
  }
  const token = [scopeMark(options.scope), ...options.keyOf(last)];
  return { items, nextToken: encodeToken(token) };
}

function pageSize(size: number): number {
  if (size === 0) return PAGE_SIZE_DEFAULT;
  if (Number.isInteger(size) && size > 0 && size <= PAGE_SIZE_MAX) return size;
  throw invalidArgument(
    `Cannot list ${size} items a page, ask for 1 to ${PAGE_SIZE_MAX}`,
  );
}

function scopeMark(scope: Json): string {
  return checksum(JSON.stringify(scope));
}

/** Writes a token: base64url of the checksum and the JSON of its parts. */
function encodeToken(parts: readonly string[]): string {
  const body = JSON.stringify(parts);
  const bytes = new TextEncoder().encode(checksum(body) + body);
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function decodeToken(token: string): string[] {
  if (token.length > TOKEN_LENGTH_MAX) throw badToken();
  const text = decodeText(token);
  const body = text.slice(16);
  if (text.length < 16 || checksum(body) !== text.slice(0, 16)) {
    throw badToken();
  }
  const parts: unknown = JSON.parse(body);
  return Array.isArray(parts) ? parts.map(String) : [];
}

function decodeText(token: string): string {
  try {
    const bytes = Uint8Array.fromBase64(token, { alphabet: "base64url" });
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw badToken(error);
  }
}

function badToken(cause?: unknown): Error {
  return invalidArgument(
    "Cannot read the page token: it is not one that this list gave",
    {
      cause,
      hints: [
        "Leave the token out to begin anew, with the same filters as before",
      ],
    },
  );
}
