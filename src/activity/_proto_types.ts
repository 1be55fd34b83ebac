/**
 * What both directions between messages of Protocol Buffers and JSON need to
 * know of types.
 *
 * @module
 */

import type { Enum, Field, Type } from "protobufjs";
import { fault } from "./_fault.ts";

/** Messages in messages at the most. */
const DEPTH_MAX = 100;

/** Types that hold one scalar, so that it can be absent. */
export const WRAPPER: RegExp =
  /^\.google\.protobuf\.(?:Double|Float|U?Int64|U?Int32|Bool|String|Bytes)Value$/;

/** Types of 64 bits, which JSON writes as text. */
export const LONGS: ReadonlySet<string> = new Set([
  "int64",
  "uint64",
  "sint64",
  "fixed64",
  "sfixed64",
]);

/** Whether a type of whole numbers has no negative ones. */
export function isUnsigned(type: string): boolean {
  return /^(?:uint|fixed)/.test(type);
}

/** Where the conversion is. */
export interface Spot {
  /** As `arguments.pet.name`. */
  readonly at: string;
  readonly depth: number;
}

/** The spot of a member. */
export function within(spot: Spot, key: string): Spot {
  if (spot.depth >= DEPTH_MAX) {
    throw fault(
      "validation",
      `A message stands more than ${DEPTH_MAX} messages deep`,
    );
  }
  return { ...spot, at: `${spot.at}.${key}`, depth: spot.depth + 1 };
}

/** The name of a field in JSON. */
export function jsonName(field: Field): string {
  const given: unknown = field.options?.["json_name"];
  return typeof given === "string"
    ? given
    : field.name.replaceAll(/_+([a-zA-Z\d])/g, (_, char: string) =>
      char.toUpperCase());
}

/** Tells an enum from a message. */
export function isEnum(type: Type | Enum): type is Enum {
  return "valuesById" in type;
}

/** The type that an address names, after its last slash. */
export function typeOfUrl(url: string, any: Type): Type | undefined {
  const name = url.slice(url.lastIndexOf("/") + 1);
  try {
    return any.root.lookupType(`.${name}`);
  } catch {
    return undefined;
  }
}

/** Whether a type has a JSON form that is no object of its fields. */
export function hasOwnForm({ fullName }: Type): boolean {
  return WRAPPER.test(fullName) ||
    /^\.google\.protobuf\.(?:Timestamp|Duration|FieldMask|Struct|ListValue|Value)$/
      .test(fullName);
}
