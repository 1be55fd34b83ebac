/**
 * Puts values into a statement of the FFI driver.
 *
 * What SQLite is given is either copied by it at once, or, where it is large,
 * held until the statement has run: it must neither be collected nor moved
 * while SQLite has its address.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import { CODE } from "./_ffi_functions.ts";
import type { SqliteFunctions } from "./_ffi_functions.ts";
import type { SqlValue } from "./driver.ts";

/** SQLite copies the bytes, or trusts that they stay. */
const COPIED = -1n;
const HELD = 0n;
/** Bytes from which on a value is not copied once more. */
const HELD_BYTES_MIN = 16 * 1024;
/** Bytes that a character takes at the most. */
const CHARACTER_BYTES_MAX = 3;
/** Characters of a text that is encoded here, quicker than by a call. */
const SHORT_LENGTH_MAX = 48;
const BYTES_MAX = 2 ** 31 - 1;

const ENCODER: TextEncoder = new TextEncoder();
/** Where texts are encoded one after another. */
const SCRATCH: Uint8Array<ArrayBuffer> = new Uint8Array(
  new ArrayBuffer(HELD_BYTES_MIN * CHARACTER_BYTES_MAX),
);

/** A text as UTF-8 with the NUL that C asks for. */
export function toCString(text: string): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(`${text}\0`);
}

/**
 * Binds one value; the first place has number 1.
 *
 * @param held Keeps what SQLite was given without a copy.
 * @returns SQLite's result code.
 * @throws {StigmerError} For a value that SQLite would take for another.
 */
export function bindValue(
  sqlite: SqliteFunctions,
  to: { readonly handle: bigint; readonly place: number },
  value: SqlValue | undefined,
  held: Uint8Array<ArrayBuffer>[],
): number {
  const { handle, place } = to;
  switch (typeof value) {
    case "number":
      // What comes out of `|` is no -0, which is no integer to a call.
      if ((value | 0) === value) {
        return sqlite.sqlite3_bind_int(handle, place, value | 0);
      }
      if (Number.isSafeInteger(value)) {
        return sqlite.sqlite3_bind_int64(handle, place, BigInt(value));
      }
      if (Number.isNaN(value)) break;
      return sqlite.sqlite3_bind_double(handle, place, value);
    case "string":
      return bindText(sqlite, to, value, held);
    case "bigint":
      if (BigInt.asIntN(64, value) !== value) {
        throw new StigmerError(
          "INTERNAL",
          "Cannot bind a number of more than 64 bits to a statement",
        );
      }
      return sqlite.sqlite3_bind_int64(handle, place, value);
    case "object":
      if (value === null) return sqlite.sqlite3_bind_null(handle, place);
      if (value instanceof Uint8Array) {
        return bindBlob(sqlite, to, value, held);
      }
  }
  throw new StigmerError(
    "INTERNAL",
    `Cannot bind a value of type ${typeof value} to a statement`,
  );
}

function bindText(
  sqlite: SqliteFunctions,
  { handle, place }: { readonly handle: bigint; readonly place: number },
  text: string,
  held: Uint8Array<ArrayBuffer>[],
): number {
  const short = encodeShort(text);
  if (short >= 0) {
    return sqlite.sqlite3_bind_text(handle, place, SCRATCH, short, COPIED);
  }
  if (text.includes("\0")) {
    throw new StigmerError(
      "INVALID_ARGUMENT",
      "Cannot store a text with a NUL character, leave it out",
    );
  }
  if (text.length <= HELD_BYTES_MIN) {
    const { written } = ENCODER.encodeInto(text, SCRATCH);
    return sqlite.sqlite3_bind_text(handle, place, SCRATCH, written, COPIED);
  }
  const bytes = ENCODER.encode(text);
  if (bytes.length > BYTES_MAX) return CODE.tooBig;
  held.push(bytes);
  return sqlite.sqlite3_bind_text(handle, place, bytes, bytes.length, HELD);
}

/** Encodes a short text of ASCII; -1 where it is another. */
function encodeShort(text: string): number {
  const { length } = text;
  if (length > SHORT_LENGTH_MAX) return -1;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0 || code > 0x7f) return -1;
    SCRATCH[i] = code;
  }
  return length;
}

function bindBlob(
  sqlite: SqliteFunctions,
  { handle, place }: { readonly handle: bigint; readonly place: number },
  bytes: Uint8Array<ArrayBuffer>,
  held: Uint8Array<ArrayBuffer>[],
): number {
  const { length } = bytes;
  if (length > BYTES_MAX) return CODE.tooBig;
  // Of no bytes there is no address, and no address means NULL.
  if (length === 0) return sqlite.sqlite3_bind_zeroblob(handle, place, 0);
  if (length < HELD_BYTES_MIN) {
    return sqlite.sqlite3_bind_blob(handle, place, bytes, length, COPIED);
  }
  held.push(bytes);
  return sqlite.sqlite3_bind_blob(handle, place, bytes, length, HELD);
}
