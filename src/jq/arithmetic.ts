/**
 * What operators do with two values.
 *
 * @module
 */

import { raise } from "./failure.ts";
import {
  boundText,
  makeArray,
  makeGrown,
  makeObject,
  step,
  steps,
} from "./fuel.ts";
import {
  isArray,
  isContainer,
  isObject,
  type Json,
  type JsonObject,
  member,
  type MutableObject,
  putMember,
  typeName,
} from "./json.ts";
import { listKeys } from "./keys.ts";
import { equals } from "./order.ts";
import { splitText } from "./texts.ts";
import { writeShort } from "./write_json.ts";

/** How deep objects nest that are merged. */
const DEPTH_MAX = 10_000;
const INTEGER_MAX = 2n ** 63n - 1n;
const INTEGER_MIN = -(2n ** 63n);
/** UTF-16 units that a repeated text may have, by jq. */
const REPEATED_MAX = 0x7fff_ffff;

/** Names a value for a message: its type and its beginning. */
export function described(value: Json): string {
  return `${typeName(value)} (${writeShort(value)})`;
}

function cannot(a: Json, b: Json, what: string): never {
  return raise(`${described(a)} and ${described(b)} cannot be ${what}`);
}

/** `a + b` */
export function add(a: Json, b: Json): Json {
  if (typeof a === "number" && typeof b === "number") return a + b;
  if (typeof a === "string" && typeof b === "string") {
    boundText(a.length + b.length);
    return a + b;
  }
  if (a === null) return b;
  if (b === null) return a;
  if (isArray(a) && isArray(b)) {
    makeArray(a.length + b.length);
    return a.concat(b);
  }
  if (isObject(a) && isObject(b)) {
    const sum = { ...a, ...b };
    makeObject(Object.keys(sum).length);
    return sum;
  }
  return cannot(a, b, "added");
}

/** `a - b` */
export function subtract(a: Json, b: Json): Json {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (isArray(a) && isArray(b)) {
    return without(a, b);
  }
  return cannot(a, b, "subtracted");
}

/** Leaves items out; those that are no containers are looked up at once. */
function without(items: readonly Json[], gone: readonly Json[]): Json[] {
  const plain = new Set(gone.filter((it) => !isContainer(it)));
  // What is no number (NaN) equals nothing, not even itself.
  plain.delete(NaN);
  const others = gone.filter(isContainer);
  steps(gone.length);
  const left = items.filter((item) => {
    if (!isContainer(item)) {
      step();
      return !plain.has(item);
    }
    steps(1 + others.length);
    return !others.some((it) => equals(item, it));
  });
  makeGrown(left.length);
  return left;
}

/** `a * b` */
export function multiply(a: Json, b: Json): Json {
  if (typeof a === "number" && typeof b === "number") return a * b;
  if (typeof a === "string" && typeof b === "number") return repeat(a, b);
  if (typeof a === "number" && typeof b === "string") return repeat(b, a);
  if (isObject(a) && isObject(b)) return merge(a, b, 0);
  return cannot(a, b, "multiplied");
}

function repeat(text: string, times: number): Json {
  if (!(times >= 0)) return null;
  const count = times < 1 ? (times > 0 ? 0 : 0) : Math.floor(times);
  const length = text.length * count;
  if (length === 0) return "";
  if (length > REPEATED_MAX) raise("Repeat string result too long");
  boundText(length);
  return text.repeat(count);
}

function merge(a: JsonObject, b: JsonObject, depth: number): JsonObject {
  if (depth > DEPTH_MAX) raise("Object merge too deep");
  const merged: MutableObject = { ...a };
  for (const key of listKeys(b)) {
    const left = member(a, key);
    const right = b[key] ?? null;
    const both = isObject(left) && isObject(right);
    putMember(merged, key, both ? merge(left, right, depth + 1) : right);
  }
  makeObject(Object.keys(merged).length);
  return merged;
}

/** `a / b` */
export function divide(a: Json, b: Json): Json {
  if (typeof a === "number" && typeof b === "number") {
    if (b !== 0) return a / b;
    return cannot(a, b, "divided because the divisor is zero");
  }
  if (typeof a === "string" && typeof b === "string") return splitText(a, b);
  return cannot(a, b, "divided");
}

/** `a % b`, of whole numbers; what is left has the sign of the first. */
export function modulo(a: Json, b: Json): Json {
  if (typeof a !== "number" || typeof b !== "number") {
    return cannot(a, b, "divided (remainder)");
  }
  if (Number.isNaN(a) || Number.isNaN(b)) return NaN;
  const divisor = Math.trunc(b);
  if (divisor === 0) {
    return cannot(a, b, "divided (remainder) because the divisor is zero");
  }
  if (Number.isSafeInteger(divisor) && Math.abs(a) < 2 ** 53) {
    return Math.trunc(a) % divisor + 0;
  }
  return Number(toInteger(a) % magnitude(toInteger(b)));
}

function toInteger(value: number): bigint {
  if (value >= 2 ** 63) return INTEGER_MAX;
  return value < -(2 ** 63) ? INTEGER_MIN : BigInt(Math.trunc(value));
}

function magnitude(value: bigint): bigint {
  return value < 0n ? (value === INTEGER_MIN ? INTEGER_MAX : -value) : value;
}

/** `-a` */
export function negate(value: Json): Json {
  if (typeof value === "number") return -value;
  return raise(`${described(value)} cannot be negated`);
}
