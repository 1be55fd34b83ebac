/**
 * What becomes of a value that is written into a journal and read back: JSON.
 *
 * @module
 */

import type { Json } from "../model/json.ts";

/** A value that is JSON as it is. */
export type Scalar = string | number | boolean | null;

/** The members that are written. */
export type WrittenKeys<T> = {
  [Key in keyof T]: Key extends symbol ? never
    : [T[Key]] extends [undefined] ? never
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
/** Letters of a place that are told. */
const PLACE_LENGTH_MAX = 100;

/** Where a value stands. */
interface Where {
  /** Its JSON pointer. */
  readonly at: string;
  /** What it stands in, the outermost first. */
  readonly around: readonly object[];
}

/**
 * Writes a value as JSON, and refuses what JSON would silently change.
 *
 * @throws {TypeError} Naming the place of what cannot be written.
 */
export function toJournal(value: unknown): Json {
  return write(value, { at: "", around: [] });
}

function write(value: unknown, where: Where): Json {
  switch (typeof value) {
    case "undefined":
      return null;
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw refused(`${value}`, where);
      // It would come back as 0.
      return value === 0 ? 0 : value;
    case "object":
      return value === null ? null : writeObject(value, where);
    case "bigint":
    case "symbol":
    case "function":
      throw refused(`a ${typeof value}`, where);
  }
}

function writeObject(value: object, { at, around }: Where): Json {
  const where = { at, around: [...around, value] };
  if (around.includes(value)) throw refused("what holds itself", where);
  if (around.length > DEPTH_MAX) {
    throw refused(`what stands in over ${DEPTH_MAX} others`, where);
  }
  if ("toJSON" in value && typeof value.toJSON === "function") {
    const written: unknown = value.toJSON();
    const isNoTime = value instanceof Date && written === null;
    if (isNoTime) throw refused("an invalid Date", where);
    return write(written, where);
  }
  const within = (key: string | number): Where => ({
    ...where,
    at: `${at}/${key}`,
  });
  if (Array.isArray(value)) {
    return Array.from(value, (it, i) => write(it, within(i)));
  }
  if (!isPlain(value)) throw refused(`an instance of ${nameOf(value)}`, where);
  return Object.fromEntries(
    Object.entries(value).filter(([, it]) => it !== undefined)
      .map(([key, it]) => [key, write(it, within(key))]),
  );
}

/** Whether it is an object and nothing more, of whichever realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function nameOf(value: object): string {
  const made: unknown = Reflect.get(value, "constructor");
  return typeof made === "function" && made.name !== "" ? made.name : "a class";
}

function refused(what: string, { at }: Where): TypeError {
  const place = at.length > PLACE_LENGTH_MAX
    ? `${at.slice(0, PLACE_LENGTH_MAX)}…`
    : at;
  return new TypeError(
    `${what} is not JSON${place === "" ? "" : ` at ${place}`}`,
  );
}
