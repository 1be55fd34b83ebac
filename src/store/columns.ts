/**
 * Reads the columns of a row as what they were written as.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import { isJsonArray, isJsonObject, type Json } from "../model/json.ts";
import type { JsonObject } from "../model/json.ts";
import type { SqlRow } from "./driver.ts";

/** Reads a text column. */
export function textOf(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw unexpected(column, "a text");
}

/** Reads an integer column. */
export function integerOf(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value === "number") return value;
  throw unexpected(column, "a number");
}

/** Reads a column of bytes. */
export function bytesOf(row: SqlRow, column: string): Uint8Array<ArrayBuffer> {
  const value = row[column];
  if (value instanceof Uint8Array) return value;
  throw unexpected(column, "bytes");
}

/** Reads a column that holds a JSON object. */
export function objectOf(row: SqlRow, column: string): JsonObject {
  const value = jsonOf(row, column);
  if (isJsonObject(value)) return value;
  throw unexpected(column, "a JSON object");
}

/** Reads a column that holds a JSON object of texts. */
export function textMapOf(
  row: SqlRow,
  column: string,
): Readonly<Record<string, string>> {
  const json = objectOf(row, column);
  if (isTextMap(json)) return json;
  const entries = Object.entries(json);
  return Object.fromEntries(entries.map(([key, it]) => [key, String(it)]));
}

/** Reads a column that holds a JSON array of texts. */
export function textListOf(row: SqlRow, column: string): readonly string[] {
  const value = jsonOf(row, column);
  if (isJsonArray(value)) return value.map(String);
  throw unexpected(column, "a JSON array");
}

function isTextMap(
  json: JsonObject,
): json is Readonly<Record<string, string>> {
  return Object.values(json).every((it) => typeof it === "string");
}

function jsonOf(row: SqlRow, column: string): Json {
  return JSON.parse(textOf(row, column));
}

function unexpected(column: string, what: string): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot read column "${column}": it does not hold ${what}`,
    { hints: ["Something else wrote to the database, restore a backup"] },
  );
}
