/**
 * Reads the inputs that a graph declares.
 *
 * @module
 */

import { isJsonArray, isJsonObject, type Json, member } from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import type { Place } from "./context.ts";
import {
  checkKeys,
  placeOf,
  readBoolean,
  readObject,
  readString,
  reportError,
  reportType,
} from "./fields.ts";
import type { GraphInput } from "./tree.ts";

/** What an input may be. */
export const INPUT_TYPES: readonly GraphInput["type"][] = [
  "string",
  "integer",
  "number",
  "boolean",
  "array",
  "object",
  "any",
];

/** Reads `inputs`: by name a type, or `{type, description, required, default}`. */
export function readInputs(
  value: Json | undefined,
  place: Place,
): Readonly<Record<string, GraphInput>> {
  const object = readObject(value, place) ?? {};
  return Object.fromEntries(
    Object.entries(object).map((
      [name, item],
    ) => [name, readInput(item, placeOf(place, name))]),
  );
}

function readInput(value: Json, place: Place): GraphInput {
  if (typeof value === "string") {
    return { type: readType(value, place) ?? "any", required: true };
  }
  if (!isJsonObject(value)) {
    reportType(place, "the name of a type, or an object", value);
    return { type: "any", required: false };
  }
  checkKeys(value, place, {
    known: ["type", "description", "required", "default"],
    what: "an input",
    instead: { value: "default", optional: "required" },
  });
  const type = readType(member(value, "type"), placeOf(place, "type")) ?? "any";
  const required = readBoolean(
    member(value, "required"),
    placeOf(place, "required"),
  );
  readString(member(value, "description"), placeOf(place, "description"));
  const given = member(value, "default");
  if (given !== undefined && !fitsInput(given, type)) {
    reportError(placeOf(place, "default"), {
      message: `The default ${JSON.stringify(given)} is not of type ${type}`,
    });
  }
  return {
    type,
    required: (required ?? false) && given === undefined,
    ...(given === undefined ? {} : { default: given }),
  };
}

function readType(
  value: Json | undefined,
  place: Place,
): GraphInput["type"] | undefined {
  const text = readString(value, place);
  if (text === undefined) return undefined;
  const type = INPUT_TYPES.find((known) => known === text);
  if (type !== undefined) return type;
  reportError(place, {
    message: `Unknown type "${text}"`,
    hint: didYouMean(text, INPUT_TYPES).hint ??
      `Use one of ${INPUT_TYPES.join(", ")}`,
  });
  return undefined;
}

/** Says whether a value is of the type that an input declares. */
export function fitsInput(value: Json, type: GraphInput["type"]): boolean {
  switch (type) {
    case "any":
      return true;
    case "integer":
      return typeof value === "number" && Number.isInteger(value);
    case "array":
      return isJsonArray(value);
    case "object":
      return isJsonObject(value);
    case "string":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
  }
}
