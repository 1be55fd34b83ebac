/**
 * Makes something of all texts and numbers of a value.
 *
 * @module
 */

import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
} from "./json.ts";

/** What becomes of the leaves of a value. */
export interface LeafMap {
  /** Of a text, or a key. */
  readonly text: (from: string) => string;
  /** Of a number; absent means that they stay. */
  readonly number?: (from: number) => Json;
}

/** Maps the leaves of a value, keys included. */
export function mapLeaves(value: Json, map: LeafMap): Json {
  if (typeof value === "string") return map.text(value);
  if (typeof value === "number") return map.number?.(value) ?? value;
  if (isJsonArray(value)) return value.map((item) => mapLeaves(item, map));
  return isJsonObject(value) ? mapMembers(value, map) : value;
}

/** Maps the leaves of an object, keys included. */
export function mapMembers(object: JsonObject, map: LeafMap): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, item]) => [
      map.text(key),
      mapLeaves(item, map),
    ]),
  );
}

/** Lists all texts of a value, keys included. */
export function textsIn(value: Json): readonly string[] {
  const texts: string[] = [];
  const left: Json[] = [value];
  for (let item = left.pop(); item !== undefined; item = left.pop()) {
    if (typeof item === "string") texts.push(item);
    else if (isJsonArray(item)) { for (const it of item) left.push(it); }
    else if (isJsonObject(item)) {
      for (const [key, it] of Object.entries(item)) {
        texts.push(key);
        left.push(it);
      }
    }
  }
  return texts;
}
