/**
 * What becomes of a value that is written into a journal and read back: JSON.
 *
 * @module
 */

import type { Json } from "../model/json.ts";

/** A value that is JSON as it is. */
export type Scalar = string | number | boolean | null;

/** What JSON has no place for. */
export type Lost = undefined | symbol | ((...parameters: never[]) => unknown);

/** The members that are written. */
export type WrittenKeys<T> = {
  [Key in keyof T]: Key extends symbol ? never
    : [T[Key]] extends [Lost] ? never
    : Key;
}[keyof T];

/**
 * The type that a value has once it was journalled: a `Date` is a string then,
 * `undefined` is gone from objects, and what JSON cannot hold is `never`.
 */
export type Journalled<T> = unknown extends T ? Json
  : [T] extends [Json] ? T
  : T extends Scalar ? T
  : T extends { toJSON(): infer Written } ? Journalled<Written>
  : T extends bigint | symbol | ((...parameters: never[]) => unknown) ? never
  : T extends undefined | void ? null
  : T extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> ? never
  : T extends readonly unknown[] ? { [Key in keyof T]: Journalled<T[Key]> }
  : T extends object ? { [Key in WrittenKeys<T>]: Journalled<NonLost<T[Key]>> }
  : never;

/** A member without its `undefined`, which leaves the member out. */
export type NonLost<T> = T extends undefined ? never : T;

/** Values within values at the most. */
const DEPTH_MAX = 256;

/**
 * Writes a value as JSON, and refuses what JSON would silently change.
 *
 * @throws {TypeError} Naming the place of what cannot be written.
 */
export function toJournal(value: unknown, at = "", depth = 0): Json {
  if (depth > DEPTH_MAX) {
    throw new TypeError(
      `over ${DEPTH_MAX} values stand in each other${where(at)}`,
    );
  }
  switch (typeof value) {
    case "undefined":
      return null;
    case "string":
    case "boolean":
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      throw new TypeError(`${value} is not JSON${where(at)}`);
    case "object":
      return value === null ? null : objectOf(value, at, depth);
    case "bigint":
    case "symbol":
    case "function":
      throw new TypeError(`a ${typeof value} is not JSON${where(at)}`);
  }
}

function objectOf(value: object, at: string, depth: number): Json {
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return toJournal(value.toJSON(), at, depth + 1);
  }
  if (Array.isArray(value)) {
    return value.map((it, i) => toJournal(it, `${at}/${i}`, depth + 1));
  }
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  if (name !== undefined && name !== "Object" && !isRecord(value)) {
    throw new TypeError(`a ${name} is not JSON${where(at)}`);
  }
  return Object.fromEntries(
    Object.entries(value).filter(([, it]) => it !== undefined)
      .map(([key, it]) => [key, toJournal(it, `${at}/${key}`, depth + 1)]),
  );
}

/** Instances of classes are written by their members; what holds more is not. */
function isRecord(value: object): boolean {
  return !(value instanceof Map) && !(value instanceof Set) &&
    !(value instanceof Promise) && !ArrayBuffer.isView(value) &&
    !(value instanceof ArrayBuffer) && !(value instanceof RegExp) &&
    !(value instanceof Error);
}

function where(at: string): string {
  return at === "" ? "" : ` at ${at}`;
}
