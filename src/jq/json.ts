/**
 * The values that programs work on: those of JSON, and numbers that are none.
 *
 * @module
 */

/** Any value. Numbers may be NaN or infinite inside a program. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | JsonObject;

/** An object; only its own members count. */
export interface JsonObject {
  /** The member with that key. */
  readonly [key: string]: Json;
}

/** An object that is being made. */
export interface MutableObject {
  [key: string]: Json;
}

/** What jq calls the types of values. */
export type TypeName =
  | "null"
  | "boolean"
  | "number"
  | "string"
  | "array"
  | "object";

/** Says whether a value is an array. */
export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Says whether a value is an object, not an array and not null. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Says whether a value has others in it: an array or an object. */
export function isContainer(
  value: Json,
): value is readonly Json[] | JsonObject {
  return typeof value === "object" && value !== null;
}

/** Names the type of a value. */
export function typeName(value: Json): TypeName {
  switch (typeof value) {
    case "boolean":
      return "boolean";
    case "number":
      return "number";
    case "string":
      return "string";
    default:
      if (value === null) return "null";
      return Array.isArray(value) ? "array" : "object";
  }
}

/** Reads a member by its own key: `constructor` is not there by itself. */
export function member(object: JsonObject, key: string): Json {
  return Object.hasOwn(object, key) ? object[key] ?? null : null;
}

/** Gives an object a member, whatever its key: `__proto__` is one, too. */
export function putMember(
  object: MutableObject,
  key: string,
  value: Json,
): void {
  if (key !== "__proto__") {
    object[key] = value;
    return;
  }
  Object.defineProperty(object, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** Says whether a value counts as true: all but null and false do. */
export function isTrue(value: Json): boolean {
  return value !== null && value !== false;
}

/** Orders texts by their code points. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    // Surrogates stand for what is above all other units.
    const isLeftHigh = left >= 0xd800 && left <= 0xdfff;
    const isRightHigh = right >= 0xd800 && right <= 0xdfff;
    if (isLeftHigh !== isRightHigh) return isLeftHigh ? 1 : -1;
    return left < right ? -1 : 1;
  }
  return a.length < b.length ? -1 : 1;
}
