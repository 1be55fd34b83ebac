/**
 * The parts that JSON Schemas of manifests are built of.
 *
 * @module
 */

import type { Json, JsonObject } from "../model/json.ts";

/** A JSON Schema, or a part of one. */
export type Part = JsonObject;

/** A text; with an expression in it, whatever that gives. */
export const TEXT: Part = { type: "string" };
/** `true` or `false`. */
export const FLAG: Part = { type: "boolean" };
/** Any value; texts in it may hold `${ … }`. */
export const ANY: Part = {};
/** Free notes. */
export const OBJECT: Part = { type: "object" };
/** An expression, or an object of them. */
export const TRANSFORM: Part = { type: ["string", "object"] };
/** A condition; YAML reads the expressions `true` and `false` as such. */
export const CONDITION: Part = { type: ["string", "boolean"] };
/** A whole number, or an expression that gives one. */
export const NUMBER: Part = { type: ["integer", "string"] };

/** Refers to a definition. */
export function ref(name: string): Part {
  return { $ref: `#/definitions/${name}` };
}

/** Says what a part is for, as editors show it. */
export function said(part: Part, description: string): Part {
  // Beside a `$ref` draft 7 has nothing count.
  return "$ref" in part
    ? { allOf: [part], description }
    : { ...part, description };
}

/** One of some words. */
export function choice(...words: readonly string[]): Part {
  return { enum: words };
}

/** A list. */
export function list(items: Part, min = 0): Part {
  return { type: "array", items, ...(min === 0 ? {} : { minItems: min }) };
}

/** Values by names of the author's own. */
export function map(values: Part): Part {
  return { type: "object", additionalProperties: values };
}

/** An object of one key, a name of the author's own. */
export function named(value: Part): Part {
  return { ...map(value), minProperties: 1, maxProperties: 1 };
}

/** Any of some parts. */
export function anyOf(...parts: readonly Part[]): Part {
  return { anyOf: parts };
}

/** An expression in the place of something else. */
export function orExpression(part: Part): Part {
  return anyOf(part, { type: "string", pattern: "\\$\\{" });
}

/** An object that has these keys and no others; those with `!` it must have. */
export function object(
  title: string,
  keys: Readonly<Record<string, Part>>,
): Part {
  const names = Object.keys(keys).filter((key) => key.endsWith("!"))
    .map((key) => key.slice(0, -1));
  return {
    title,
    type: "object",
    properties: Object.fromEntries(
      Object.entries(keys).map(([key, part]) => [key.replace(/!$/, ""), part]),
    ),
    ...(names.length === 0 ? {} : { required: names }),
    additionalProperties: false,
  };
}

/** A value that is one alone. */
export function constant(value: Json): Part {
  return { const: value };
}
