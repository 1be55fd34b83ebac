/**
 * Free-form values of the contract (`google.protobuf.Value`) as plain JSON and
 * back, without the protobuf library: a script needs nothing but this one.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  Value as ValueMessage,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import { isJsonArray, isJsonObject, type Json } from "../model/json.ts";

/**
 * A free-form value as a response carries it.
 *
 * @internal
 */
export type Value = ValueMessage;

/**
 * What a request takes in the place of a free-form value.
 *
 * @internal
 */
export type ValueInit = MessageInitShape<typeof ValueSchema>;

/**
 * Reads a free-form value, as `status.output`, as plain JSON.
 *
 * @param value The value; absent gives `undefined`.
 */
export function jsonOf(value: Value | undefined): Json | undefined {
  if (value === undefined) return undefined;
  const { kind } = value;
  switch (kind.case) {
    case "structValue":
      return Object.fromEntries(
        Object.entries(kind.value.fields)
          .map(([key, it]) => [key, jsonOf(it) ?? null]),
      );
    case "listValue":
      return kind.value.values.map((it) => jsonOf(it) ?? null);
    case "boolValue":
    case "numberValue":
    case "stringValue":
      return kind.value;
    case "nullValue":
    case undefined:
      return null;
  }
}

/**
 * Writes plain JSON as a free-form value, as `input` of `createExecution`.
 *
 * @param json Any JSON value; numbers must be finite.
 */
export function valueOf(json: Json): ValueInit {
  if (json === null) return { kind: { case: "nullValue", value: 0 } };
  if (isJsonArray(json)) {
    const values = json.map(valueOf);
    return { kind: { case: "listValue", value: { values } } };
  }
  if (isJsonObject(json)) {
    const fields = Object.fromEntries(
      Object.entries(json).map(([key, it]) => [key, valueOf(it)]),
    );
    return { kind: { case: "structValue", value: { fields } } };
  }
  switch (typeof json) {
    case "boolean":
      return { kind: { case: "boolValue", value: json } };
    case "number":
      return { kind: { case: "numberValue", value: json } };
    case "string":
      return { kind: { case: "stringValue", value: json } };
  }
}
