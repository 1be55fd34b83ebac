/**
 * What a JSON Schema says of values, as a type of expressions.
 *
 * Whatever a keyword says, it only leaves fewer values: what is not read here
 * makes the type wider than it need be, and never wrong.
 *
 * @module
 */

import {
  ANY,
  arrayOf,
  BOOLEAN,
  type FieldType,
  type JqType,
  NEVER,
  NULL,
  NUMBER,
  OBJECT,
  objectOf,
  restrict,
  STRING,
  typeOf,
  union,
} from "../jq/types.ts";
import { isJsonArray, isJsonObject, type Json, member } from "../model/json.ts";

/** Schemas inside one another that are read. */
const DEPTH_MAX = 8;
/** Values of an `enum` that are told apart. */
const VALUES_MAX = 50;

const TYPES: Readonly<Record<string, JqType>> = {
  null: NULL,
  boolean: BOOLEAN,
  integer: NUMBER,
  number: NUMBER,
  string: STRING,
};

/** The type of what fits a schema. */
export function typeOfSchema(schema: Json | undefined, depth = 0): JqType {
  if (schema === false) return NEVER;
  if (!isJsonObject(schema) || depth > DEPTH_MAX) return ANY;
  const known = valuesOf(schema);
  if (known !== undefined) return known;
  const type = member(schema, "type");
  const names = isJsonArray(type) ? type : [type];
  const parts = names.map((name) => partOf(schema, name, depth));
  if (parts.includes(undefined)) {
    // It says nothing of the type, and perhaps something of objects.
    const others = restrict(ANY, ~(OBJECT.kinds | arrayOf(ANY).kinds));
    return [others, arrayOfSchema(schema, depth), objectOfSchema(schema, depth)]
      .reduce(union);
  }
  return parts.filter((it) => it !== undefined).reduce(union, NEVER);
}

/** What `const` and `enum` leave. */
function valuesOf(schema: Json): JqType | undefined {
  if (!isJsonObject(schema)) return undefined;
  const value = member(schema, "const");
  if (value !== undefined) return typeOf(value);
  const values = member(schema, "enum");
  if (!isJsonArray(values) || values.length > VALUES_MAX) return undefined;
  return values.map(typeOf).reduce(union, NEVER);
}

function partOf(
  schema: Json,
  name: Json | undefined,
  depth: number,
): JqType | undefined {
  if (name === "array") return arrayOfSchema(schema, depth);
  if (name === "object") return objectOfSchema(schema, depth);
  return typeof name === "string" && Object.hasOwn(TYPES, name)
    ? TYPES[name]
    : undefined;
}

function arrayOfSchema(schema: Json, depth: number): JqType {
  const object = isJsonObject(schema) ? schema : {};
  const items = member(object, "items");
  const hasFirst = member(object, "prefixItems") !== undefined;
  return arrayOf(
    hasFirst || isJsonArray(items) ? ANY : typeOfSchema(items, depth + 1),
  );
}

function objectOfSchema(schema: Json, depth: number): JqType {
  const object = isJsonObject(schema) ? schema : {};
  const properties = member(object, "properties");
  const required = member(object, "required");
  const needed = isJsonArray(required) ? required : [];
  const fields = new Map<string, FieldType>();
  for (const key of needed) {
    if (typeof key === "string") {
      fields.set(key, { type: ANY, isRequired: true });
    }
  }
  const parts = isJsonObject(properties) ? Object.entries(properties) : [];
  for (const [key, part] of parts) {
    const type = typeOfSchema(part, depth + 1);
    fields.set(key, { type, isRequired: needed.includes(key) });
  }
  const hasPatterns = member(object, "patternProperties") !== undefined;
  const others = member(object, "additionalProperties");
  return objectOf(
    fields,
    hasPatterns ? ANY : typeOfSchema(others, depth + 1),
  );
}
