/**
 * The order of values, and whether two are equal.
 *
 * @module
 */

import { raise } from "./failure.ts";
import { readText, step } from "./fuel.ts";
import {
  compareTexts,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  member,
} from "./json.ts";
import { listKeys, sortedKeys } from "./keys.ts";

/** How deep values nest that are compared. */
const DEPTH_MAX = 10_000;

/** null, false, true, numbers, texts, arrays, objects. */
function rank(value: Json): number {
  switch (typeof value) {
    case "boolean":
      return value ? 2 : 1;
    case "number":
      return 3;
    case "string":
      return 4;
    default:
      if (value === null) return 0;
      return Array.isArray(value) ? 5 : 6;
  }
}

/** Gives less than, equal to or more than 0, as the first is to the second. */
export function compare(a: Json, b: Json, depth = 0): number {
  if (typeof a === "number" && typeof b === "number") {
    // What is no number is less than all, even than itself.
    return a < b || Number.isNaN(a) ? -1 : a === b ? 0 : 1;
  }
  if (typeof a === "string" && typeof b === "string") {
    readText(a.length < b.length ? a : b);
    return compareTexts(a, b);
  }
  const difference = rank(a) - rank(b);
  if (difference !== 0) return difference;
  if (isArray(a) && isArray(b)) return compareArrays(a, b, depth);
  if (isObject(a) && isObject(b)) return compareObjects(a, b, depth);
  return 0;
}

function compareArrays(
  a: readonly Json[],
  b: readonly Json[],
  depth: number,
): number {
  if (depth > DEPTH_MAX) raise("Comparison too deep");
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    step();
    const order = compare(a[i] ?? null, b[i] ?? null, depth + 1);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareObjects(a: JsonObject, b: JsonObject, depth: number): number {
  if (depth > DEPTH_MAX) raise("Comparison too deep");
  const keys = sortedKeys(a);
  const order = compareArrays(keys, sortedKeys(b), depth);
  if (order !== 0) return order;
  for (const key of keys) {
    step();
    const found = compare(member(a, key), member(b, key), depth + 1);
    if (found !== 0) return found;
  }
  return 0;
}

/** Says whether two values are equal; the order of members does not count. */
export function equals(a: Json, b: Json, depth = 0): boolean {
  if (typeof a !== "object" || typeof b !== "object") {
    if (typeof a === "string" && typeof b === "string") readText(a);
    return a === b;
  }
  if (a === null || b === null) return a === b;
  if (depth > DEPTH_MAX) raise("Equality check too deep");
  if (isArray(a)) {
    if (!isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) {
      step();
      if (!equals(a[i] ?? null, b[i] ?? null, depth + 1)) return false;
    }
    return true;
  }
  if (!isObject(b) || !isObject(a)) return false;
  const keys = listKeys(a);
  if (keys.length !== listKeys(b).length) return false;
  for (const key of keys) {
    step();
    if (!Object.hasOwn(b, key)) return false;
    if (!equals(a[key] ?? null, b[key] ?? null, depth + 1)) return false;
  }
  return true;
}

/** Sorts values with their keys; equal ones stay in their order. */
export function sortBy(
  items: readonly Json[],
  keys: readonly Json[],
): readonly number[] {
  const order = items.map((_, i) => i);
  return order.sort((a, b) => {
    step();
    return compare(keys[a] ?? null, keys[b] ?? null) || a - b;
  });
}

/** Sorts values. */
export function sortValues(items: readonly Json[]): Json[] {
  return items.toSorted((a, b) => {
    step();
    return compare(a, b);
  });
}
