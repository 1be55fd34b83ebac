/**
 * From scalars of the tree to scalars of the contract, and what to say of
 * those that do not fit.
 *
 * @module
 */

import { type DescEnum, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { pointerTo } from "../model/diagnostic.ts";
import { describe, short, type SourceEntry, type SourceNode } from "./_node.ts";
import { addError, labelOf, type Report } from "./_report.ts";
import { isExact } from "./_scalar.ts";

/** Where in a document, and who takes note of problems. */
export interface Place {
  readonly report: Report;
  readonly pointer: string;
}

const NUMBER_REGEXP = /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
const INTEGER_RANGES: ReadonlyMap<ScalarType, readonly [number, number]> =
  new Map([
    [ScalarType.INT32, [-(2 ** 31), 2 ** 31 - 1]],
    [ScalarType.SINT32, [-(2 ** 31), 2 ** 31 - 1]],
    [ScalarType.SFIXED32, [-(2 ** 31), 2 ** 31 - 1]],
    [ScalarType.UINT32, [0, 2 ** 32 - 1]],
    [ScalarType.FIXED32, [0, 2 ** 32 - 1]],
    [ScalarType.INT64, [-(2 ** 53) + 1, 2 ** 53 - 1]],
    [ScalarType.UINT64, [0, 2 ** 53 - 1]],
  ]);

/** Goes one key or index deeper. */
export function inside(at: Place, key: string | number): Place {
  return { report: at.report, pointer: pointerTo(at.pointer, key) };
}

/** Takes `8080`, `1.10` and `true` as the text that was written. */
export function asWritten(node: SourceNode): SourceNode {
  return node.kind === "scalar" && node.value !== null
    ? { ...node, value: node.text }
    : node;
}

/** Makes the JSON form of a scalar of some type. */
export function decodeScalar(
  type: ScalarType,
  node: SourceNode,
  at: Place,
): JsonValue | undefined {
  if (type === ScalarType.STRING || type === ScalarType.BYTES) {
    return decodeText(node, at);
  }
  if (type === ScalarType.BOOL) {
    return node.kind === "scalar" && typeof node.value === "boolean"
      ? node.value
      : wrongType(node, at, "true or false");
  }
  const number = decodeNumber(node, at);
  const range = INTEGER_RANGES.get(type);
  if (number === undefined || range === undefined) return number;
  const [min, max] = range;
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  return wrongType(node, at, `a whole number from ${min} to ${max}`);
}

/** Makes the JSON form of one of some names. */
export function decodeEnum(
  type: DescEnum,
  node: SourceNode,
  at: Place,
): JsonValue | undefined {
  const names = type.values.map((value) => value.name);
  const name = node.kind === "scalar" ? node.value : undefined;
  if (typeof name === "string" && names.includes(name)) return name;
  const words = names.map((it) => `"${it}"`).join(", ");
  return wrongType(node, at, `one of ${words}`);
}

/** Makes the JSON form of a text. */
export function decodeText(node: SourceNode, at: Place): string | undefined {
  if (node.kind !== "scalar" || typeof node.value !== "string") {
    const hint = node.kind !== "scalar"
      ? undefined
      : node.value === null
      ? nothingHint(at)
      : "Put it in quotes";
    return wrongType(node, at, "text", hint);
  }
  if (node.value.isWellFormed()) return node.value;
  const message = "Half of a surrogate pair is not a character";
  addError(at.report, { span: node, pointer: at.pointer, message });
  return undefined;
}

/** A secret cannot be empty; whoever leaves its value out may mean to keep it. */
function nothingHint({ pointer }: Place): string {
  return pointer.startsWith("/spec/secrets/")
    ? 'Write "***" to keep the value that it has, or leave it out'
    : 'Write "" for an empty text';
}

/** Makes the JSON form of a number, which must be kept exactly. */
export function decodeNumber(node: SourceNode, at: Place): number | undefined {
  if (node.kind !== "scalar") return wrongType(node, at, "a number");
  // The JSON form of the contract allows numbers in quotes.
  const number =
    typeof node.value === "string" && NUMBER_REGEXP.test(node.value)
      ? Number(node.value)
      : node.value;
  if (typeof number !== "number") return wrongType(node, at, "a number");
  if (!Number.isFinite(number)) return wrongType(node, at, "a finite number");
  if (isExact(node.text)) return number;
  addError(at.report, {
    span: node,
    pointer: at.pointer,
    message: `The number ${short(node.text)} is too large to be kept exactly`,
    hint: "Put it in quotes to keep it as text",
  });
  return undefined;
}

/** Says whether a key can be kept, and reports it where not. */
export function isUsableKey(entry: SourceEntry, at: Place): boolean {
  if (entry.key !== "__proto__" && entry.key.isWellFormed()) return true;
  keyError(entry, at, `"${short(entry.key)}" cannot be used as a key`);
  return false;
}

/** Reports a value that is not what it must be. */
export function wrongType(
  node: SourceNode,
  at: Place,
  wanted: string,
  hint?: string,
): undefined {
  const message = `Expected ${wanted} for ${labelOf(at.pointer)}, got ${
    describe(node)
  }`;
  addError(at.report, { span: node, pointer: at.pointer, message, hint });
  return undefined;
}

/** Reports a key that cannot stand where it does. */
export function keyError(
  entry: SourceEntry,
  at: Place,
  message: string,
  hint?: string,
): void {
  const pointer = pointerTo(at.pointer, entry.key);
  addError(at.report, { span: entry.keySpan, pointer, message, hint });
}
