/**
 * The keys of objects. To list those of a large one takes as long as to come to
 * each of them, and is work that counts.
 *
 * @module
 */

import { makeObject, readText, step, steps } from "./fuel.ts";
import { compareTexts, type JsonObject, type MutableObject } from "./json.ts";

/** Members that an object has listed at once. */
const FEW = 16;

/** The keys of an object in the order in which they were made. */
export function listKeys(object: JsonObject): string[] {
  const keys = Object.keys(object);
  if (keys.length > FEW) steps(keys.length);
  return keys;
}

/** The keys of an object in the order of jq, which is that of code points. */
export function sortedKeys(object: JsonObject): string[] {
  return listKeys(object).sort((a, b) => {
    step();
    readText(a.length < b.length ? a : b);
    return compareTexts(a, b);
  });
}

/** An object that is changed in place of another one. */
export function copyObject(object: JsonObject): MutableObject {
  const copy: MutableObject = { ...object };
  makeObject(Object.keys(copy).length);
  return copy;
}
