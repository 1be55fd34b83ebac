/**
 * Reads the row that a statement of the FFI driver stands at.
 *
 * A call costs some nanoseconds and decoding a text a hundred, so the texts of
 * a row are put side by side and decoded at once where they are short.
 *
 * @module
 */

import { CODE, NULL } from "./_ffi_functions.ts";
import { readMemory, type SqliteLibrary } from "./_ffi_library.ts";
import type { SqlRow, SqlValue } from "./driver.ts";

/** SQLite's types of values. */
const INTEGER = 1;
const FLOAT = 2;
const TEXT = 3;
const BLOB = 4;
/**
 * Bytes of texts that are decoded as one. Each is a part of that one from then
 * on and keeps it in memory, so it is no more.
 */
const TOGETHER_BYTES_MAX = 1024;

const DECODER: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
const TOGETHER: Uint8Array<ArrayBuffer> = new Uint8Array(
  new ArrayBuffer(TOGETHER_BYTES_MAX),
);
/** Which columns stand in {@linkcode TOGETHER}, and where each ends. */
const columns: number[] = [];
const ends: number[] = [];

/** The columns of a statement. */
export interface Columns {
  readonly names: readonly string[];
  /** Whether two have one name, of which the last is what counts. */
  readonly hasTwins: boolean;
}

/** A code that SQLite gave, or would have given. */
export class RowError extends Error {
  /** The result code. */
  readonly code: number;

  /** Makes the error of a result code. */
  constructor(code: number) {
    super(`SQLite says ${code}`);
    this.code = code;
  }
}

/**
 * Reads a row.
 *
 * @throws {RangeError} For an integer that no number holds.
 * @throws {RowError} When there is no memory for a value.
 */
export function readRow(
  library: SqliteLibrary,
  handle: bigint,
  { names, hasTwins }: Columns,
): SqlRow {
  const { sqlite } = library;
  const row: Record<string, SqlValue> = {};
  columns.length = 0;
  ends.length = 0;
  let end = 0;
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? "";
    switch (sqlite.sqlite3_column_type(handle, i)) {
      case INTEGER:
        row[name] = wholeNumber(sqlite.sqlite3_column_double(handle, i));
        break;
      case FLOAT:
        row[name] = sqlite.sqlite3_column_double(handle, i);
        break;
      case TEXT: {
        const from = sqlite.sqlite3_column_text(handle, i);
        const length = sqlite.sqlite3_column_bytes(handle, i);
        // What is put in later would stand over the last of a name.
        if (hasTwins || length > TOGETHER_BYTES_MAX - end) {
          row[name] = untilNul(DECODER.decode(bytesAt(library, from, length)));
          break;
        }
        if (from === NULL) throw new RowError(CODE.noMemory);
        readMemory(
          library,
          from,
          end === 0 ? TOGETHER : TOGETHER.subarray(end),
          length,
        );
        end += length;
        columns.push(i);
        ends.push(end);
        row[name] = "";
        break;
      }
      case BLOB: {
        const from = sqlite.sqlite3_column_blob(handle, i);
        const length = sqlite.sqlite3_column_bytes(handle, i);
        row[name] = bytesAt(library, from, length);
        break;
      }
      default:
        row[name] = null;
    }
  }
  if (end > 0) putTexts(row, names, end);
  return row;
}

/** Decodes the texts that stand together. */
function putTexts(
  row: Record<string, SqlValue>,
  names: readonly string[],
  end: number,
): void {
  const all = DECODER.decode(TOGETHER.subarray(0, end));
  // As many characters as bytes: each has its own, so places are the same.
  const isPlain = all.length === end && !all.includes("\0");
  let start = 0;
  for (let i = 0; i < columns.length; i++) {
    const name = names[columns[i] ?? 0] ?? "";
    const stop = ends[i] ?? 0;
    row[name] = isPlain
      ? all.substring(start, stop)
      : untilNul(DECODER.decode(TOGETHER.subarray(start, stop)));
    start = stop;
  }
}

function bytesAt(
  library: SqliteLibrary,
  from: bigint,
  length: number,
): Uint8Array<ArrayBuffer> {
  // Without its buffer made first, a short one could be moved meanwhile.
  const bytes = new Uint8Array(new ArrayBuffer(length));
  if (length === 0) return bytes;
  if (from === NULL) throw new RowError(CODE.noMemory);
  readMemory(library, from, bytes, length);
  return bytes;
}

/** As the other driver reads it. */
function untilNul(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

/**
 * An integer that came as a floating number: up to 2^53 it is the same, and
 * beyond it is beyond still.
 */
function wholeNumber(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(
    `Value is too large to be represented as a JavaScript number: ${
      BigInt(value)
    }`,
  );
}
