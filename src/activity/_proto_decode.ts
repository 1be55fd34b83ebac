/**
 * Messages of Protocol Buffers to JSON, in the mapping that the format
 * defines.
 *
 * Fields without presence are always written, so that an expression finds a
 * zero and not a null.
 *
 * @module
 */

import type { Field, Type } from "protobufjs";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
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

/** Decodes a message to JSON. */
export function decodeMessage(bytes: Uint8Array, type: Type): Json {
  return toJson(type.decode(bytes), type, { at: "", depth: 0 });
}

function toJson(message: object, type: Type, spot: Spot): Json {
  const get = (name: string): unknown =>
    Object.hasOwn(message, name) ? Reflect.get(message, name) : undefined;
  const known = wellKnownJson(get, type, spot);
  if (known !== undefined) return known;
  const entries = type.fieldsArray.flatMap((field): [string, Json][] => {
    field.resolve();
    const value = get(field.name);
    if (value === undefined) {
      const isAbsent = hasPresence(field);
      return isAbsent ? [] : [[jsonName(field), emptyOf(field)]];
    }
    return [[
      jsonName(field),
      fieldJson(value, field, within(spot, field.name)),
    ]];
  });
  return Object.fromEntries(entries);
}

/** Whether a field that is not there is told apart from an empty one. */
function hasPresence(field: Field): boolean {
  if (field.repeated || field.map) return false;
  const { resolvedType } = field;
  return (resolvedType !== null && !isEnum(resolvedType)) ||
    field.partOf !== null || field.hasPresence;
}

/** What stands for a field without presence that is not there. */
function emptyOf(field: Field): Json {
  if (field.map) return {};
  if (field.repeated) return [];
  const { resolvedType } = field;
  if (resolvedType !== null && isEnum(resolvedType)) {
    return resolvedType.valuesById[0] ?? 0;
  }
  switch (field.type) {
    case "bool":
      return false;
    case "string":
    case "bytes":
      return "";
    default:
      return LONGS.has(field.type) ? "0" : 0;
  }
}

function fieldJson(value: unknown, field: Field, spot: Spot): Json {
  if (field.map && typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        keyText(key, field.keyType),
        itemJson(item, field, spot),
      ]),
    );
  }
  return field.repeated && Array.isArray(value)
    ? value.map((item: unknown) => itemJson(item, field, spot))
    : itemJson(value, field, spot);
}

/** The library writes a key of 64 bits as its bytes, the lowest first. */
function keyText(key: string, type: string | undefined): string {
  if (type === undefined || !LONGS.has(type)) return key;
  const number = [...key].reduceRight(
    (sum, char) => sum << 8n | BigInt(char.charCodeAt(0)),
    0n,
  );
  return String(isUnsigned(type) ? number : BigInt.asIntN(64, number));
}

function itemJson(value: unknown, field: Field, spot: Spot): Json {
  const { resolvedType } = field;
  if (resolvedType !== null && isEnum(resolvedType)) {
    return resolvedType.valuesById[Number(value)] ?? Number(value);
  }
  if (resolvedType !== null && typeof value === "object" && value !== null) {
    return toJson(value, resolvedType, spot);
  }
  return scalarJson(value, field.type);
}

function scalarJson(value: unknown, type: string): Json {
  if (type === "bytes" && value instanceof Uint8Array) {
    return new Uint8Array(value).toBase64();
  }
  if (LONGS.has(type)) return String(value);
  switch (typeof value) {
    case "boolean":
    case "string":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    default:
      return null;
  }
}

function wellKnownJson(
  get: (name: string) => unknown,
  type: Type,
  spot: Spot,
): Json | undefined {
  if (WRAPPER.test(type.fullName)) {
    const field = type.fields["value"];
    if (field === undefined) return undefined;
    const value = get("value");
    return value === undefined ? emptyOf(field) : scalarJson(value, field.type);
  }
  const seconds = (): number => Number(String(get("seconds") ?? 0));
  const nanos = (): number => Number(get("nanos") ?? 0);
  switch (type.fullName) {
    case ".google.protobuf.Timestamp":
      return timeText(seconds(), nanos());
    case ".google.protobuf.Duration":
      return durationText(seconds(), nanos());
    case ".google.protobuf.FieldMask": {
      const paths = get("paths");
      return Array.isArray(paths) ? paths.join(",") : "";
    }
    case ".google.protobuf.Struct":
      return structJson(get("fields"), spot);
    case ".google.protobuf.ListValue":
      return listJson(get("values"), spot);
    case ".google.protobuf.Value":
      return valueJson(get, spot);
    case ".google.protobuf.Any":
      return anyJson(get, type, spot);
    default:
      return undefined;
  }
}

function timeText(seconds: number, nanos: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) {
    throw fault(
      "communication",
      `The server sent a time of ${seconds} seconds, which no calendar has`,
    );
  }
  const text = date.toISOString().slice(0, 19);
  return `${text}${fractionText(nanos)}Z`;
}

function durationText(seconds: number, nanos: number): string {
  const sign = seconds < 0 || nanos < 0 ? "-" : "";
  return `${sign}${Math.abs(seconds)}${fractionText(Math.abs(nanos))}s`;
}

/** Three, six or nine digits, as the mapping wants it; none for zero. */
function fractionText(nanos: number): string {
  if (nanos === 0) return "";
  return `.${String(nanos).padStart(9, "0").replace(/(?:000){1,2}$/, "")}`;
}

function structJson(fields: unknown, spot: Spot): JsonObject {
  if (typeof fields !== "object" || fields === null) return {};
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      valueJson(getterOf(value), within(spot, key)),
    ]),
  );
}

function listJson(values: unknown, spot: Spot): Json {
  if (!Array.isArray(values)) return [];
  return values.map((value: unknown) =>
    valueJson(getterOf(value), within(spot, "0"))
  );
}

function valueJson(get: (name: string) => unknown, spot: Spot): Json {
  const [text, number, flag] = [
    get("stringValue"),
    get("numberValue"),
    get("boolValue"),
  ];
  if (typeof text === "string") return text;
  if (typeof number === "number") return scalarJson(number, "double");
  if (typeof flag === "boolean") return flag;
  const struct = get("structValue");
  if (struct !== undefined) return structJson(getterOf(struct)("fields"), spot);
  const list = get("listValue");
  return list === undefined ? null : listJson(getterOf(list)("values"), spot);
}

function getterOf(value: unknown): (name: string) => unknown {
  return (name) =>
    typeof value === "object" && value !== null && Object.hasOwn(value, name)
      ? Reflect.get(value, name)
      : undefined;
}

function anyJson(
  get: (name: string) => unknown,
  any: Type,
  spot: Spot,
): Json {
  const url = String(get("type_url") ?? "");
  const bytes = get("value");
  const value = bytes instanceof Uint8Array ? bytes : new Uint8Array();
  const type = typeOfUrl(url, any);
  if (type === undefined) {
    return { "@type": url, value: new Uint8Array(value).toBase64() };
  }
  const json = toJson(type.decode(value), type, within(spot, "value"));
  return isJsonObject(json) && !hasOwnForm(type)
    ? { "@type": url, ...json }
    : { "@type": url, value: json };
}
