/**
 * Messages of Protocol Buffers from JSON, in the mapping that the format
 * defines: names in lowerCamelCase (those of the definition are taken, too),
 * enums by name, 64-bit numbers and bytes as text, times as RFC 3339.
 *
 * @module
 */

import type { Enum, Field, Type } from "protobufjs";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  jsonTypeName,
  member,
} from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import type { Bytes } from "./_answer.ts";
import { fault } from "./_fault.ts";
import {
  hasOwnForm,
  isEnum,
  isUnsigned,
  jsonName,
  LONGS,
  type Spot,
  typeOfUrl,
  within,
  WRAPPER,
} from "./_proto_types.ts";

/** Characters of a wrong text that an error shows. */
const SHOWN_LENGTH_MAX = 80;

type Fields = Record<string, unknown>;

/** Encodes JSON as a message. */
export function encodeMessage(json: Json, type: Type): Bytes {
  const fields = toFields(json, type, { at: "arguments", depth: 0 });
  return type.encode(type.create(fields)).finish();
}

function toFields(json: Json, type: Type, spot: Spot): Fields {
  const known = wellKnownFields(json, type, spot);
  if (known !== undefined) return known;
  if (!isJsonObject(json)) throw mismatch(spot, "an object", json);
  const names = namesOf(type);
  const fields: Fields = {};
  for (const [key, value] of Object.entries(json)) {
    const field = names.get(key);
    if (field === undefined) {
      throw fault(
        "validation",
        `Message "${type.name}" has no field "${key}"${
          hintOf(key, [...names.keys()])
        }`,
      );
    }
    if (value === null && !isValue(field)) continue;
    fields[field.name] = toField(value, field, within(spot, key));
  }
  return fields;
}

function hintOf(key: string, names: readonly string[]): string {
  const { hint } = didYouMean(key, names);
  return hint === undefined ? "" : `. ${hint}`;
}

/** Fields by their names in JSON and in the definition. */
function namesOf(type: Type): Map<string, Field> {
  return new Map(type.fieldsArray.flatMap((field) => [
    [jsonName(field), field] as const,
    [field.name, field] as const,
  ]));
}

/** `google.protobuf.Value` alone can hold a null. */
function isValue({ resolvedType }: Field): boolean {
  return resolvedType?.fullName === ".google.protobuf.Value";
}

function toField(value: Json, field: Field, spot: Spot): unknown {
  if (field.map) {
    if (!isJsonObject(value)) throw mismatch(spot, "an object", value);
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        toKey(key, field.keyType ?? "string", within(spot, key)),
        toItem(item, field, within(spot, key)),
      ]),
    );
  }
  if (!field.repeated) return toItem(value, field, spot);
  if (!isJsonArray(value)) throw mismatch(spot, "an array", value);
  return value.map((item, i) => toItem(item, field, within(spot, String(i))));
}

/** A key of a map, which the library takes as a text and does not check. */
function toKey(key: string, type: string, spot: Spot): string {
  switch (type) {
    case "string":
      return key;
    case "bool":
      // Any text but the empty one is true to the library.
      if (key === "true" || key === "false") return key === "true" ? key : "";
      throw mismatch(spot, "true or false", key);
    default:
      return String(toScalar(key, type, spot));
  }
}

function toItem(value: Json, field: Field, spot: Spot): unknown {
  const { resolvedType } = field;
  if (resolvedType === null) return toScalar(value, field.type, spot);
  return isEnum(resolvedType)
    ? toEnum(value, resolvedType, spot)
    : toFields(value, resolvedType, spot);
}

function toEnum(value: Json, type: Enum, spot: Spot): number {
  if (typeof value === "number") return value;
  const id = typeof value === "string" && Object.hasOwn(type.values, value)
    ? type.values[value]
    : undefined;
  if (id !== undefined) return id;
  throw fault(
    "validation",
    `"${spot.at}" must be one of ${Object.keys(type.values).join(", ")}, not ${
      JSON.stringify(value)
    }`,
  );
}

function toScalar(value: Json, type: string, spot: Spot): unknown {
  switch (type) {
    case "bool":
      if (typeof value === "boolean") return value;
      throw mismatch(spot, "true or false", value);
    case "string":
      if (typeof value === "string") return value;
      throw mismatch(spot, "a string", value);
    case "bytes":
      return toBytes(value, spot);
    case "float":
    case "double":
      return toNumber(value, spot);
  }
  if (LONGS.has(type)) return toLong(value, type, spot);
  const number = toNumber(value, spot);
  const wrapped = isUnsigned(type) ? number >>> 0 : number | 0;
  if (wrapped === number) return number;
  throw mismatch(spot, `a whole number of ${type}`, value);
}

/** As text, which the encoder takes without loss. */
function toLong(value: Json, type: string, spot: Spot): string {
  const text = String(value);
  if (/^-?\d{1,20}$/.test(text)) {
    const number = BigInt(text);
    const wrapped = isUnsigned(type)
      ? BigInt.asUintN(64, number)
      : BigInt.asIntN(64, number);
    if (wrapped === number) return text;
  }
  throw mismatch(spot, `a whole number of ${type}`, value);
}

function toNumber(value: Json, spot: Spot): number {
  const number = typeof value === "string" && value.trim() !== ""
    ? Number(value)
    : value;
  const isNumber = typeof number === "number" &&
    (!Number.isNaN(number) || value === "NaN");
  if (isNumber) return number;
  throw mismatch(spot, "a number", value);
}

function toBytes(value: Json, spot: Spot): Uint8Array {
  if (typeof value !== "string") throw mismatch(spot, "base64", value);
  try {
    return Uint8Array.fromBase64(
      value.replaceAll("-", "+").replaceAll("_", "/"),
    );
  } catch {
    throw mismatch(spot, "base64", value);
  }
}

/** Types that have a JSON form of their own. */
function wellKnownFields(
  json: Json,
  type: Type,
  spot: Spot,
): Fields | undefined {
  if (WRAPPER.test(type.fullName)) {
    const field = type.fields["value"];
    return { value: toScalar(json, field?.type ?? "string", spot) };
  }
  switch (type.fullName) {
    case ".google.protobuf.Timestamp":
      return typeof json === "string" ? timestampOf(json, spot) : undefined;
    case ".google.protobuf.Duration":
      return typeof json === "string" ? durationOf(json, spot) : undefined;
    case ".google.protobuf.FieldMask":
      return typeof json === "string"
        ? { paths: json.split(",").filter(Boolean) }
        : undefined;
    case ".google.protobuf.Struct":
      if (!isJsonObject(json)) throw mismatch(spot, "an object", json);
      return structOf(json, spot);
    case ".google.protobuf.ListValue":
      if (!isJsonArray(json)) throw mismatch(spot, "an array", json);
      return { values: json.map((item) => valueOf(item, within(spot, "0"))) };
    case ".google.protobuf.Value":
      return valueOf(json, spot);
    case ".google.protobuf.Any":
      return anyOf(json, type, spot);
    default:
      return undefined;
  }
}

function timestampOf(text: string, spot: Spot): Fields {
  const match =
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d{1,9}))?(?:Z|[+-]\d\d:\d\d)$/i
      .exec(text);
  const ms = Date.parse(text);
  if (match === null || Number.isNaN(ms)) {
    throw mismatch(spot, "a time as 2026-01-31T08:00:00Z", text);
  }
  return {
    seconds: String(Math.floor(ms / 1000)),
    nanos: Number((match[1] ?? "").padEnd(9, "0")),
  };
}

function durationOf(text: string, spot: Spot): Fields {
  const match = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/.exec(text);
  if (match === null) throw mismatch(spot, 'a duration as "1.5s"', text);
  const [, sign = "", seconds = "0", fraction = ""] = match;
  return {
    seconds: sign + seconds,
    nanos: Number(`${sign}${fraction.padEnd(9, "0")}`),
  };
}

function structOf(json: JsonObject, spot: Spot): Fields {
  return {
    fields: Object.fromEntries(
      Object.entries(json).map(([key, item]) => [
        key,
        valueOf(item, within(spot, key)),
      ]),
    ),
  };
}

function valueOf(json: Json, spot: Spot): Fields {
  if (json === null) return { nullValue: 0 };
  switch (typeof json) {
    case "boolean":
      return { boolValue: json };
    case "number":
      return { numberValue: json };
    case "string":
      return { stringValue: json };
  }
  if (isJsonArray(json)) {
    const values = json.map((item) => valueOf(item, within(spot, "0")));
    return { listValue: { values } };
  }
  return { structValue: structOf(isJsonObject(json) ? json : {}, spot) };
}

function anyOf(json: Json, any: Type, spot: Spot): Fields {
  if (!isJsonObject(json)) throw mismatch(spot, "an object", json);
  const { "@type": url, ...rest } = json;
  if (typeof url !== "string") {
    throw mismatch(spot, 'an object with "@type"', json);
  }
  const type = typeOfUrl(url, any);
  if (type === undefined) {
    throw fault("validation", `"${spot.at}" is of an unknown type, "${url}"`);
  }
  const content: Json = hasOwnForm(type) ? member(rest, "value") ?? null : rest;
  const fields = toFields(content, type, within(spot, "value"));
  return { type_url: url, value: type.encode(type.create(fields)).finish() };
}

function mismatch(spot: Spot, expected: string, value: Json) {
  const shown = typeof value !== "string"
    ? jsonTypeName(value)
    // The beginning of a secret would not be known for one, and be shown.
    : value.length > SHOWN_LENGTH_MAX
    ? `a text of ${value.length} characters`
    : JSON.stringify(value);
  return fault("validation", `"${spot.at}" must be ${expected}, not ${shown}`);
}
