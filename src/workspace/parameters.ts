/**
 * What may be asked of a built-in tool: as JSON Schema for the model, and read
 * into the one form that rules are held against and that is carried out.
 *
 * @module
 */

import type { Platform } from "../host/host.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  jsonTypeName,
  member,
} from "../model/json.ts";
import { nearestName } from "../model/near.ts";
import { readPath } from "./path.ts";

/** The parameters of a tool by name. */
export type Parameters = Readonly<Record<string, Parameter>>;

/** A parameter of a tool. */
export interface Parameter {
  /** JSON Schema of it, with its description. */
  readonly schema: JsonObject;
  readonly isRequired: boolean;
  /** Reads a value; `null` counts as not given and does not come here. */
  readonly read: (value: Json, os: Platform["os"]) => Reading;
}

/** A value as it is carried out, or what is wrong with it. */
export type Reading =
  | { readonly kind: "value"; readonly value: Json }
  | { readonly kind: "wrong"; readonly problem: string };

/** Arguments as they are carried out, or what is wrong with them. */
export type ArgumentsReading =
  | { readonly kind: "arguments"; readonly arguments: JsonObject }
  | { readonly kind: "wrong"; readonly problem: string };

/** Gives the JSON Schema of the arguments. */
export function schemaOf(parameters: Parameters): JsonObject {
  const entries = Object.entries(parameters);
  const required = entries.filter(([, it]) => it.isRequired).map(([name]) =>
    name
  );
  return {
    type: "object",
    properties: Object.fromEntries(
      entries.map(([name, { schema }]) => [name, schema]),
    ),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

/** Reads arguments: what is left is what is judged, and what is done. */
export function readParameters(
  parameters: Parameters,
  given: JsonObject,
  os: Platform["os"],
): ArgumentsReading {
  const known = Object.keys(parameters);
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const near = nearestName(unknown, known);
    const help = near === undefined
      ? `it takes ${known.join(", ")}`
      : `did you mean "${near}"?`;
    return wrong(`There is no argument "${unknown}", ${help}`);
  }
  const args: Record<string, Json> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const value = member(given, name) ?? null;
    if (value === null) {
      if (!parameter.isRequired) continue;
      return wrong(`The argument "${name}" is missing`);
    }
    const reading = parameter.read(value, os);
    if (reading.kind === "wrong") {
      return wrong(`Argument "${name}": ${reading.problem}`);
    }
    args[name] = reading.value;
  }
  return { kind: "arguments", arguments: args };
}

/** A parameter that is a text. */
export function textParameter(
  description: string,
  { isRequired = false, lengthMax = Infinity, read = valueOf }: {
    readonly isRequired?: boolean;
    readonly lengthMax?: number;
    /** Reads a text that is short enough. */
    readonly read?: (text: string, os: Platform["os"]) => Reading;
  } = {},
): Parameter {
  return {
    schema: { type: "string", description },
    isRequired,
    read(value, os) {
      if (typeof value !== "string") return mistyped("a text", value);
      return value.length > lengthMax
        ? wrong(`it may have ${lengthMax} characters, this has ${value.length}`)
        : read(value, os);
    },
  };
}

/** A parameter that is a path in the folder. */
export function pathParameter(
  description: string,
  { isRequired = false }: { readonly isRequired?: boolean } = {},
): Parameter {
  return textParameter(description, {
    isRequired,
    read(text, os) {
      const reading = readPath(text, os);
      return reading.kind === "path" ? valueOf(reading.path) : reading;
    },
  });
}

/** A parameter that is a whole number. */
export function integerParameter(
  description: string,
  { min, max }: { readonly min: number; readonly max: number },
): Parameter {
  return {
    schema: { type: "integer", minimum: min, maximum: max, description },
    isRequired: false,
    read(given) {
      const value = typeof given === "string" ? numberIn(given) : given;
      if (typeof value !== "number" || !Number.isInteger(value)) {
        return mistyped("a whole number", given);
      }
      return value < min || value > max
        ? wrong(`${value} is not from ${min} to ${max}`)
        : valueOf(value);
    },
  };
}

/** A parameter that is true or false. */
export function flagParameter(description: string): Parameter {
  return {
    schema: { type: "boolean", description },
    isRequired: false,
    read(value) {
      if (value === "true" || value === "false") {
        return valueOf(value === "true");
      }
      return typeof value === "boolean"
        ? valueOf(value)
        : mistyped("true or false", value);
    },
  };
}

/** A parameter that is a list. */
export function listParameter(
  description: string,
  { items, isRequired = false, countMax, read }: {
    readonly items: JsonObject;
    readonly isRequired?: boolean;
    readonly countMax: number;
    readonly read: (item: Json) => Reading;
  },
): Parameter {
  return {
    schema: { type: "array", items, maxItems: countMax, description },
    isRequired,
    read(value) {
      if (!Array.isArray(value)) return mistyped("a list", value);
      if (value.length > countMax) {
        return wrong(`it may have ${countMax} items, this has ${value.length}`);
      }
      const found: Json[] = [];
      for (const [i, item] of value.entries()) {
        const reading = read(item);
        if (reading.kind === "wrong") {
          return wrong(`item ${i + 1}: ${reading.problem}`);
        }
        found.push(reading.value);
      }
      return valueOf(found);
    },
  };
}

/** What was read. */
export function valueOf(value: Json): Reading {
  return { kind: "value", value };
}

/** What is wrong with a value, or with the whole. */
export function wrong(
  problem: string,
): { readonly kind: "wrong"; readonly problem: string } {
  return { kind: "wrong", problem };
}

/** Says that a value is of another type. */
export function mistyped(expected: string, value: Json): Reading {
  return wrong(`expected ${expected}, got ${jsonTypeName(value)}`);
}

/** Reads an argument that is a text, where there is one. */
export function textIn(args: JsonObject, name: string): string {
  const value = member(args, name);
  return typeof value === "string" ? value : "";
}

/** Reads an argument that is a number, where there is one. */
export function numberOf(
  args: JsonObject,
  name: string,
  otherwise: number,
): number {
  const value = member(args, name);
  return typeof value === "number" ? value : otherwise;
}

/** Reads an argument that is true or false; absent is false. */
export function isSet(args: JsonObject, name: string): boolean {
  return member(args, name) === true;
}

/** Reads an object with nothing but some members. */
export function objectOf(value: Json): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

/** Models write numbers as texts now and then. */
function numberIn(text: string): number | undefined {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}
