/**
 * From the tree to the contract's JSON form, led by the contract itself: its
 * descriptors know every field, its type and its name.
 *
 * Every problem is reported at its place; what comes out holds only what fits,
 * so that it can always be made a message.
 *
 * @module
 */

import {
  type DescEnum,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  ScalarType,
} from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { pointerTo } from "../model/diagnostic.ts";
import { didYouMean } from "../model/near.ts";
import { DURATION_FORMS, durationJson } from "./_duration.ts";
import { fieldHint } from "./_field_hints.ts";
import {
  camelCase,
  describe,
  isNull,
  short,
  type SourceEntry,
  type SourceMap,
  type SourceNode,
} from "./_node.ts";
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

/** Makes JSON of a tree that has no type of its own. */
export function decodeValue(node: SourceNode, at: Place): JsonValue {
  switch (node.kind) {
    case "list":
      return node.items.map((item, i) => decodeValue(item, inside(at, i)));
    case "map":
      return Object.fromEntries(
        node.entries.filter((entry) => isUsableKey(entry, at)).map((entry) => [
          entry.key,
          decodeValue(entry.value, inside(at, entry.key)),
        ]),
      );
    case "scalar":
      if (typeof node.value === "number") return decodeNumber(node, at) ?? null;
      return typeof node.value === "string"
        ? decodeText(node, at) ?? null
        : node.value;
  }
}

/** Makes the JSON form of a message; unknown fields are errors. */
export function decodeMessage(
  message: DescMessage,
  node: SourceNode,
  at: Place,
): JsonValue | undefined {
  const known = decodeWellKnown(message, node, at);
  if (known !== undefined) return known.json;
  if (node.kind !== "map") {
    if (isNull(node)) return undefined;
    return wrongType(node, at, "an object");
  }
  const fields: [string, JsonValue][] = [];
  for (const [field, entry] of fieldEntries(message, node, at)) {
    const value = decodeField(field, entry.value, inside(at, field.jsonName));
    if (value !== undefined) fields.push([field.jsonName, value]);
  }
  return Object.fromEntries(fields);
}

/** Pairs what is written with the fields of a message, each field once. */
function fieldEntries(
  message: DescMessage,
  node: SourceMap,
  at: Place,
): [DescField, SourceEntry][] {
  const found = new Map<string, [DescField, SourceEntry]>();
  const choices = new Map<string, string>();
  for (const entry of node.entries) {
    const field = fieldOf(message, entry.key);
    if (field === undefined) {
      unknownField(message, entry, at);
      continue;
    }
    const choice = field.oneof && !isNull(entry.value)
      ? choices.get(field.oneof.name)
      : undefined;
    if (found.has(field.jsonName)) {
      const text =
        `"${entry.key}" stands for "${field.jsonName}", which is given too`;
      keyError(entry, at, text);
    } else if (choice !== undefined) {
      const text =
        `Only one of "${choice}" and "${field.jsonName}" can be given`;
      keyError(entry, at, text);
    } else {
      found.set(field.jsonName, [field, entry]);
      if (field.oneof && !isNull(entry.value)) {
        choices.set(field.oneof.name, field.jsonName);
      }
    }
  }
  return [...found.values()];
}

function fieldOf(message: DescMessage, key: string): DescField | undefined {
  return message.fields.find((it) => it.jsonName === key || it.name === key);
}

function unknownField(
  message: DescMessage,
  entry: SourceEntry,
  at: Place,
): void {
  const names = message.fields.map((field) => field.jsonName);
  const hint = fieldHint(message, entry.key) ??
    didYouMean(camelCase(entry.key), names).hint;
  const meant = /^Did you mean "(.*)"\?$/.exec(hint ?? "")?.[1];
  if (meant !== undefined) at.report.meant.add(pointerTo(at.pointer, meant));
  const where = labelOf(at.pointer);
  keyError(entry, at, `Unknown field "${short(entry.key)}" in ${where}`, hint);
}

function keyError(
  entry: SourceEntry,
  at: Place,
  message: string,
  hint?: string,
): void {
  const pointer = pointerTo(at.pointer, entry.key);
  addError(at.report, { span: entry.keySpan, pointer, message, hint });
}

function decodeField(
  field: DescField,
  node: SourceNode,
  at: Place,
): JsonValue | undefined {
  // Null is the absent value everywhere but in free-form JSON.
  if (isNull(node) && !isFreeForm(field)) return undefined;
  switch (field.fieldKind) {
    case "scalar":
      return decodeScalar(field.scalar, node, at);
    case "enum":
      return decodeEnum(field.enum, node, at);
    case "message":
      return decodeMessage(field.message, node, at);
    case "list":
      return decodeList(field, node, at);
    case "map":
      return decodeMap(field, node, at);
  }
}

function isFreeForm(field: DescField): boolean {
  return field.fieldKind === "message" &&
    field.message.typeName === "google.protobuf.Value";
}

function decodeList(
  field: DescField & { fieldKind: "list" },
  node: SourceNode,
  at: Place,
): JsonValue | undefined {
  if (node.kind !== "list") return wrongType(node, at, "a list");
  return node.items.map((item, i): JsonValue => {
    const place = inside(at, i);
    // A wrong item keeps its place, so that pointers to the next stay right.
    switch (field.listKind) {
      case "message":
        if (isNull(item)) wrongType(item, place, "an object");
        return decodeMessage(field.message, item, place) ?? {};
      case "enum":
        return decodeEnum(field.enum, item, place) ?? 0;
      case "scalar":
        return decodeScalar(field.scalar, item, place) ??
          (field.scalar === ScalarType.STRING ? "" : 0);
    }
  });
}

function decodeMap(
  field: DescField & { fieldKind: "map" },
  node: SourceNode,
  at: Place,
): JsonValue | undefined {
  if (node.kind !== "map") return wrongType(node, at, "an object");
  const entries: [string, JsonValue][] = [];
  for (const entry of node.entries) {
    if (!isUsableKey(entry, at)) continue;
    const value = decodeMapValue(field, entry.value, inside(at, entry.key));
    if (value !== undefined) entries.push([entry.key, value]);
  }
  return Object.fromEntries(entries);
}

function decodeMapValue(
  field: DescField & { fieldKind: "map" },
  node: SourceNode,
  at: Place,
): JsonValue | undefined {
  switch (field.mapKind) {
    case "message":
      return decodeMessage(field.message, node, at) ?? {};
    case "enum":
      return decodeEnum(field.enum, node, at);
    case "scalar":
      return field.scalar === ScalarType.STRING
        ? decodeText(asWritten(node), at)
        : decodeScalar(field.scalar, node, at);
  }
}

/** Takes `8080`, `1.10` and `true` as the text that was written. */
export function asWritten(node: SourceNode): SourceNode {
  return node.kind === "scalar" && node.value !== null
    ? { ...node, value: node.text }
    : node;
}

function decodeScalar(
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

function decodeEnum(
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

function decodeText(node: SourceNode, at: Place): string | undefined {
  if (node.kind !== "scalar" || typeof node.value !== "string") {
    const hint = node.kind !== "scalar"
      ? undefined
      : node.value === null
      ? 'Write "" for an empty text'
      : "Put it in quotes";
    return wrongType(node, at, "text", hint);
  }
  if (node.value.isWellFormed()) return node.value;
  const message = "Half of a surrogate pair is not a character";
  addError(at.report, { span: node, pointer: at.pointer, message });
  return undefined;
}

function decodeNumber(node: SourceNode, at: Place): number | undefined {
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

function isUsableKey(entry: SourceEntry, at: Place): boolean {
  if (entry.key !== "__proto__" && entry.key.isWellFormed()) return true;
  keyError(entry, at, `"${short(entry.key)}" cannot be used as a key`);
  return false;
}

/** Reports a value that is not what it must be. */
function wrongType(
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

/** Decodes the types whose JSON form is not that of their fields. */
function decodeWellKnown(
  message: DescMessage,
  node: SourceNode,
  at: Place,
): { readonly json: JsonValue | undefined } | undefined {
  switch (message.typeName) {
    case "google.protobuf.Value":
      return { json: decodeValue(node, at) };
    case "google.protobuf.Struct":
      if (node.kind === "map") return { json: decodeValue(node, at) };
      return { json: wrongType(node, at, "an object") };
    case "google.protobuf.Duration":
      return { json: decodeDuration(node, at) };
    case "google.protobuf.Timestamp":
      return { json: decodeTimestamp(node, at) };
    default:
      return undefined;
  }
}

function decodeDuration(node: SourceNode, at: Place): string | undefined {
  const number = node.kind === "scalar" && typeof node.value === "number";
  const json = number ? undefined : durationJson(decodeValue(node, at));
  if (json !== undefined) return json;
  const hint = number
    ? `Write the unit, as "${node.text}s"`
    : `Write it as ${DURATION_FORMS}`;
  return wrongType(node, at, "a duration", hint);
}

function decodeTimestamp(node: SourceNode, at: Place): string | undefined {
  const text = decodeText(node, at);
  if (text === undefined) return undefined;
  try {
    fromJson(TimestampSchema, text);
    return text;
  } catch {
    return wrongType(node, at, 'a time as "2026-01-31T12:00:00Z"');
  }
}
