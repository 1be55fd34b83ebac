/**
 * Checks that a JSON Schema is one: each keyword has a value of its type.
 *
 * Keywords that are not known are left alone, as the specification of JSON
 * Schema asks.
 *
 * @module
 */

import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  jsonTypeName,
} from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import { error } from "./_check_rules.ts";

type Check = (value: Json, pointer: string) => Diagnostic[];

const TYPES: readonly string[] = [
  "null",
  "boolean",
  "object",
  "array",
  "number",
  "integer",
  "string",
];

const KEYWORDS: Readonly<Record<string, Check>> = {
  type: checkType,
  enum: (value, pointer) =>
    isJsonArray(value) && value.length > 0
      ? []
      : [wrong(value, pointer, "a list of values")],
  required: checkNames,
  properties: schemasByName,
  patternProperties: schemasByPattern,
  $defs: schemasByName,
  definitions: schemasByName,
  dependentSchemas: schemasByName,
  items: (value, pointer) =>
    isJsonArray(value) ? schemaList(value, pointer) : subschema(value, pointer),
  prefixItems: schemaList,
  allOf: schemaList,
  anyOf: schemaList,
  oneOf: schemaList,
  not: subschema,
  if: subschema,
  then: subschema,
  else: subschema,
  contains: subschema,
  propertyNames: subschema,
  additionalProperties: subschema,
  additionalItems: subschema,
  unevaluatedItems: subschema,
  unevaluatedProperties: subschema,
  pattern: checkPattern,
  format: checkText,
  title: checkText,
  description: checkText,
  $ref: checkText,
  $schema: checkText,
  $id: checkText,
  minimum: checkNumber,
  maximum: checkNumber,
  exclusiveMinimum: checkNumber,
  exclusiveMaximum: checkNumber,
  multipleOf: (value, pointer) =>
    typeof value === "number" && value > 0
      ? []
      : [wrong(value, pointer, "a number above 0")],
  minLength: checkCount,
  maxLength: checkCount,
  minItems: checkCount,
  maxItems: checkCount,
  minProperties: checkCount,
  maxProperties: checkCount,
  minContains: checkCount,
  maxContains: checkCount,
  uniqueItems: (value, pointer) =>
    typeof value === "boolean" ? [] : [wrong(value, pointer, "true or false")],
};

/** Says everything that is wrong with a JSON Schema. */
export function checkSchema(schema: Json, pointer: string): Diagnostic[] {
  return subschema(schema, pointer);
}

function subschema(schema: Json, pointer: string): Diagnostic[] {
  if (typeof schema === "boolean") return [];
  if (!isJsonObject(schema)) return [wrong(schema, pointer, "a schema")];
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const check = Object.hasOwn(KEYWORDS, keyword)
      ? KEYWORDS[keyword]
      : undefined;
    return check?.(value, pointerTo(pointer, keyword)) ?? [];
  });
}

function schemaList(value: Json, pointer: string): Diagnostic[] {
  if (!isJsonArray(value)) return [wrong(value, pointer, "a list of schemas")];
  return value.flatMap((item, i) => subschema(item, pointerTo(pointer, i)));
}

function schemasByName(value: Json, pointer: string): Diagnostic[] {
  if (!isJsonObject(value)) return [wrong(value, pointer, "schemas by name")];
  return Object.entries(value).flatMap(([name, item]) =>
    subschema(item, pointerTo(pointer, name))
  );
}

function schemasByPattern(value: Json, pointer: string): Diagnostic[] {
  const names = isJsonObject(value) ? Object.keys(value) : [];
  return [
    ...schemasByName(value, pointer),
    ...names.filter((it) => !isPattern(it)).map((it) =>
      error(pointerTo(pointer, it), `"${it}" is no regular expression`, {
        atKey: true,
      })
    ),
  ];
}

function checkType(value: Json, pointer: string): Diagnostic[] {
  const names = isJsonArray(value) ? value : [value];
  return names.flatMap((name, i) => {
    if (typeof name === "string" && TYPES.includes(name)) return [];
    const place = isJsonArray(value) ? pointerTo(pointer, i) : pointer;
    if (typeof name !== "string") return [wrong(name, place, "a type's name")];
    const { hint = `The types are ${TYPES.join(", ")}` } = didYouMean(
      name,
      TYPES,
    );
    return [error(place, `Unknown type "${name}" in a schema`, { hint })];
  });
}

function checkNames(value: Json, pointer: string): Diagnostic[] {
  if (!isJsonArray(value)) return [wrong(value, pointer, "a list of names")];
  return value.flatMap((name, i) =>
    typeof name === "string"
      ? []
      : [wrong(name, pointerTo(pointer, i), "a property's name")]
  );
}

function checkPattern(value: Json, pointer: string): Diagnostic[] {
  if (typeof value !== "string") return [wrong(value, pointer, "text")];
  return isPattern(value)
    ? []
    : [error(pointer, `"${value}" is no regular expression`)];
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, "u");
    return true;
  } catch {
    return false;
  }
}

function checkText(value: Json, pointer: string): Diagnostic[] {
  return typeof value === "string" ? [] : [wrong(value, pointer, "text")];
}

function checkNumber(value: Json, pointer: string): Diagnostic[] {
  return typeof value === "number" ? [] : [wrong(value, pointer, "a number")];
}

function checkCount(value: Json, pointer: string): Diagnostic[] {
  return typeof value === "number" && Number.isInteger(value) && value >= 0
    ? []
    : [wrong(value, pointer, "a whole number from 0")];
}

function wrong(value: Json, pointer: string, wanted: string): Diagnostic {
  const keyword = pointer.slice(pointer.lastIndexOf("/") + 1);
  const got = jsonTypeName(value);
  return error(
    pointer,
    `"${keyword}" in a schema must be ${wanted}, got ${got}`,
  );
}
