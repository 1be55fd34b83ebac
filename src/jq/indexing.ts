/**
 * Takes values apart: members, items and slices.
 *
 * @module
 */

import { described } from "./arithmetic.ts";
import { raise } from "./failure.ts";
import { makeArray, readText, steps } from "./fuel.ts";
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  member,
  typeName,
} from "./json.ts";
import { listKeys } from "./keys.ts";
import { compare, equals } from "./order.ts";
import { lengthOf, sliceText } from "./texts.ts";

/** `value[key]` */
export function index(value: Json, key: Json): Json {
  if (typeof key === "string") {
    if (isObject(value)) return member(value, key);
    if (value === null) return null;
  } else if (typeof key === "number") {
    if (isArray(value)) return item(value, key);
    if (value === null) return null;
  } else if (isObject(key)) {
    if (value === null) return null;
    if (isArray(value)) return sliceBy(value, key);
    if (typeof value === "string") return sliceBy(value, key);
  } else if (isArray(key) && isArray(value)) {
    return indicesOf(value, key);
  }
  return cannotIndex(value, key);
}

/** Fails as there is no such key in such a value. */
export function cannotIndex(value: Json, key: Json): never {
  const name = typeof key === "string" ? `string "${key}"` : typeName(key);
  return raise(`Cannot index ${typeName(value)} with ${name}`);
}

function item(items: readonly Json[], key: number): Json {
  const at = Math.floor(key);
  return items[at < 0 ? at + items.length : at] ?? null;
}

/** Bounds of a slice, in items. */
export interface Bounds {
  readonly start: number;
  readonly end: number;
}

/** Finds the bounds of a slice of something so long. */
export function boundsOf(length: number, from: Json, to: Json): Bounds {
  if (
    (from !== null && typeof from !== "number") ||
    (to !== null && typeof to !== "number")
  ) {
    return raise("Array/string slice indices must be integers");
  }
  const start = bound(from ?? 0, length, 0);
  const end = bound(to ?? length, length, length);
  return {
    start: Math.floor(start),
    end: Math.max(Math.floor(start), Math.ceil(end)),
  };
}

function bound(value: number, length: number, instead: number): number {
  if (Number.isNaN(value)) return instead;
  const at = value < 0 ? value + length : value;
  return Math.min(Math.max(at, 0), length);
}

function sliceBy(value: Json, key: JsonObject): Json {
  if (!Object.hasOwn(key, "start") || !Object.hasOwn(key, "end")) {
    return raise("Array/string slice indices must be integers");
  }
  return slice(value, member(key, "start"), member(key, "end"));
}

/** `value[from:to]` */
export function slice(value: Json, from: Json, to: Json): Json {
  if (value === null) return null;
  if (typeof value === "string") {
    const { start, end } = boundsOf(lengthOf(value), from, to);
    return sliceText(value, start, end);
  }
  if (!isArray(value)) return cannotIndex(value, {});
  const { start, end } = boundsOf(value.length, from, to);
  makeArray(end - start);
  return value.slice(start, end);
}

/** Places at which items stand in a row; in a text, see there. */
export function indicesOf(
  items: readonly Json[],
  wanted: readonly Json[],
): Json {
  const found: number[] = [];
  if (wanted.length === 0) return found;
  steps(items.length);
  for (let i = 0; i + wanted.length <= items.length; i++) {
    if (wanted.every((it, k) => equals(items[i + k] ?? null, it))) {
      found.push(i);
    }
  }
  return found;
}

/** The items of an array or the values of an object. */
export function valuesOf(value: Json): readonly Json[] {
  if (isArray(value)) return value;
  if (isObject(value)) {
    const values = Object.values(value);
    makeArray(values.length);
    steps(values.length);
    return values;
  }
  return raise(`Cannot iterate over ${described(value)}`);
}

/** Says whether a value has a key. */
export function has(value: Json, key: Json): boolean {
  if (value === null) return false;
  if (isObject(value) && typeof key === "string") {
    return Object.hasOwn(value, key);
  }
  if (isArray(value) && typeof key === "number") {
    return Math.floor(key) >= 0 && Math.floor(key) < value.length;
  }
  return raise(
    `Cannot check whether ${typeName(value)} has a ${typeName(key)} key`,
  );
}

/** Says whether a value holds another, part by part. */
export function contains(a: Json, b: Json, depth = 0): boolean {
  steps(1);
  if (depth > 10_000) raise("Containment check too deep");
  if (isObject(a) && isObject(b)) {
    return listKeys(b).every((key) =>
      Object.hasOwn(a, key) &&
      contains(a[key] ?? null, b[key] ?? null, depth + 1)
    );
  }
  if (isArray(a) && isArray(b)) {
    return b.every((wanted) => {
      // What is of another type is passed over, which is less than a step.
      let passed = 0;
      const isThere = a.some((it) => {
        passed += 1;
        return typeName(it) === typeName(wanted) &&
          contains(it, wanted, depth + 1);
      });
      steps(1 + (passed >> 4));
      return isThere;
    });
  }
  if (typeof a === "string" && typeof b === "string") {
    readText(a);
    return a.includes(b);
  }
  const isBoolean = typeof a === "boolean";
  if (typeName(a) === typeName(b) && (!isBoolean || a === b)) {
    return compare(a, b) === 0;
  }
  if (depth > 0) return false;
  return raise(
    `${described(a)} and ${described(b)} cannot have their containment checked`,
  );
}
