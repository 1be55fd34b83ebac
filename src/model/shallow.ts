/**
 * Values that are nested no deeper than those who read messages take.
 *
 * @module
 */

import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
} from "./json.ts";

/**
 * Objects and lists in one another. Each takes up to three levels of a message
 * of the contract, of which clients read a hundred.
 */
const LEVELS_MAX = 28;

/** Writes what is nested deeper as the JSON of it. */
export function shallow(object: JsonObject): JsonObject {
  return isDeep(object, 1) ? members(object, 1) : object;
}

/** The same of any value. */
export function shallowValue(value: Json): Json {
  return isDeep(value, 1) ? shallowAt(value, 0) : value;
}

/** Nearly nothing is, and is left as it is. */
function isDeep(value: Json, level: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (level > LEVELS_MAX) return true;
  return Object.values(value).some((it) => isDeep(it, level + 1));
}

function members(object: JsonObject, level: number): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, it]) => [key, shallowAt(it, level)]),
  );
}

function shallowAt(value: Json, level: number): Json {
  if (typeof value !== "object" || value === null) return value;
  if (level >= LEVELS_MAX) return JSON.stringify(value);
  if (isJsonArray(value)) return value.map((it) => shallowAt(it, level + 1));
  return isJsonObject(value) ? members(value, level + 1) : value;
}
