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
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  ScalarType,
} from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { pointerTo } from "../model/diagnostic.ts";
import { didYouMean } from "../model/near.ts";
import {
  asWritten,
  decodeEnum,
  decodeNumber,
  decodeScalar,
  decodeText,
  inside,
  isUsableKey,
  keyError,
  type Place,
  wrongType,
} from "./_decode_scalar.ts";
import { DURATION_FORMS, durationJson } from "./_duration.ts";
import { fieldHint } from "./_field_hints.ts";
import { misplaced } from "./_misplaced.ts";
import {
  camelCase,
  isNull,
  short,
  type SourceEntry,
  type SourceMap,
  type SourceNode,
} from "./_node.ts";
import { labelOf } from "./_report.ts";
import { shapeOf } from "./_shapes.ts";

/** Makes JSON of a tree that has no type of its own. */
function decodeValue(node: SourceNode, at: Place): JsonValue {
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
    return wrongType(node, at, "an object", shapeOf(node, at, "object"));
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

/** Hints that name what the field stands for, or belongs to. */
const MEANING_REGEXP = /^(?:Did you mean|Put it under) "/;

function unknownField(
  message: DescMessage,
  entry: SourceEntry,
  at: Place,
): void {
  const names = message.fields.map((field) => field.jsonName);
  const elsewhere = misplaced(message, entry.key, at.pointer);
  const hint = elsewhere?.hint ?? fieldHint(message, entry.key) ??
    didYouMean(camelCase(entry.key), names).hint;
  const { meant } = at.report;
  for (const pointer of elsewhere?.meant ?? []) meant.add(pointer);
  if (MEANING_REGEXP.test(hint ?? "")) {
    for (const [, name = ""] of hint?.matchAll(/"(\w+)"/g) ?? []) {
      meant.add(pointerTo(at.pointer, name));
    }
  }
  const where = labelOf(at.pointer);
  keyError(entry, at, `Unknown field "${short(entry.key)}" in ${where}`, hint);
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
  if (node.kind !== "list") {
    return wrongType(node, at, "a list", shapeOf(node, at, "list"));
  }
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
  if (node.kind !== "map") {
    return wrongType(node, at, "an object", shapeOf(node, at, "map"));
  }
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
      return {
        json: wrongType(node, at, "an object", shapeOf(node, at, "object")),
      };
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
