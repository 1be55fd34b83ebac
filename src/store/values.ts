/**
 * Large values, stored once under their SHA-256 and referred to.
 *
 * They stand apart because a journal with large outputs in place becomes slow
 * for everyone: 64 KiB in each record cost more than nine tenths of the speed.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import {
  INLINE_VALUE_BYTES_MAX,
  VALUE_SIZE_BYTES_MAX,
} from "../model/limits.ts";
import type { Database, SqlRow } from "./driver.ts";
import { sha256Hex } from "../model/sha256.ts";

/** A JSON value as a row keeps it: one of the two is null. */
export interface KeptValue {
  /** The JSON itself. */
  readonly data: string | null;
  /** SHA-256 of the JSON, which stands in `stored_values`. */
  readonly value: string | null;
}

/** UTF-8 bytes that one UTF-16 unit takes at the most. */
const BYTES_PER_UNIT_MAX = 3;

const INSERT = `
  INSERT INTO stored_values (sha256, size_bytes, content) VALUES (?, ?, ?)
  ON CONFLICT (sha256) DO NOTHING`;
const SELECT = "SELECT content FROM stored_values WHERE sha256 = ?";

/**
 * Keeps a JSON value, in place or apart.
 *
 * @throws {StigmerError} RESOURCE_EXHAUSTED past `VALUE_SIZE_BYTES_MAX`.
 */
export function keepValue(database: Database, json: Json): KeptValue {
  const text = JSON.stringify(json);
  if (text.length * BYTES_PER_UNIT_MAX <= INLINE_VALUE_BYTES_MAX) {
    return { data: text, value: null };
  }
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= INLINE_VALUE_BYTES_MAX) {
    return { data: text, value: null };
  }
  if (bytes.length > VALUE_SIZE_BYTES_MAX) throw tooLarge(bytes.length);
  return { data: null, value: keepBytes(database, bytes) };
}

/** Reads a value that {@linkcode keepValue} kept. */
export function readValue(database: Database, kept: KeptValue): Json {
  if (kept.data !== null) return JSON.parse(kept.data);
  if (kept.value === null) return null;
  const bytes = readBytes(database, kept.value);
  if (bytes === undefined) throw lost(database, kept.value);
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Keeps bytes under their SHA-256, which it gives. */
export function keepBytes(
  database: Database,
  bytes: Uint8Array<ArrayBuffer>,
): string {
  const sha256 = sha256Hex(bytes);
  database.prepare(INSERT).run(sha256, bytes.length, bytes);
  return sha256;
}

/** Reads bytes by their SHA-256. */
export function readBytes(
  database: Database,
  sha256: string,
): Uint8Array<ArrayBuffer> | undefined {
  const content = database.prepare(SELECT).get(sha256)?.content;
  return content instanceof Uint8Array ? content : undefined;
}

/** Reads the two columns of a kept value from a row. */
export function keptValueOf(row: SqlRow): KeptValue {
  return {
    data: typeof row.data === "string" ? row.data : null,
    value: typeof row.value === "string" ? row.value : null,
  };
}

function tooLarge(sizeBytes: number): StigmerError {
  return new StigmerError(
    "RESOURCE_EXHAUSTED",
    `Cannot keep a value of ${sizeBytes} bytes, ${VALUE_SIZE_BYTES_MAX} are ` +
      "allowed: store it as an artifact or a file",
  );
}

function lost(database: Database, sha256: string): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot read value ${sha256} of database "${database.path}": it is gone`,
    { hints: ["Restore the database from a backup"] },
  );
}
