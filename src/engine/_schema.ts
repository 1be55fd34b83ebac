/**
 * Values against JSON Schemas, with the first problem in words.
 *
 * @module
 */

import { type Schema, Validator } from "@cfworker/json-schema";
import { isJsonObject, type Json } from "../model/json.ts";

const VALIDATORS: WeakMap<object, Validator> = new WeakMap();

/** Says what is wrong with a value, or `undefined` when it fits. */
export function schemaProblem(schema: Json, value: Json): string | undefined {
  if (schema === true) return undefined;
  if (!isJsonObject(schema)) return "nothing fits the schema";
  const { valid, errors } = validatorOf(schema).validate(value);
  if (valid) return undefined;
  // The last error is the innermost one.
  const error = errors.at(-1);
  if (error === undefined) return "it does not fit the schema";
  const where = error.instanceLocation.replace(/^#/, "");
  return `${where === "" ? "" : `at ${where}: `}${error.error}`;
}

function validatorOf(schema: object): Validator {
  const known = VALIDATORS.get(schema);
  if (known !== undefined) return known;
  const made = new Validator(asSchema(schema), "2020-12", false);
  VALIDATORS.set(schema, made);
  return made;
}

/** The library types schemas by keyword; any object is one to it. */
function asSchema(schema: object): Schema {
  return schema as Schema;
}
