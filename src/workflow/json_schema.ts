/**
 * Values against JSON Schemas, with the first problem in words.
 *
 * @module
 */

import { type Schema, Validator } from "@cfworker/json-schema";
import { messageOf } from "../model/error.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { schemaWords } from "../model/schema_words.ts";

const VALIDATORS: WeakMap<object, Validator> = new WeakMap();

/** What is wrong with a value, and where in it. */
export interface SchemaProblem {
  /** JSON pointer in the value. */
  readonly pointer: string;
  readonly reason: string;
}

/**
 * Says what is wrong with a value, or `undefined` when it fits. Nothing fits a
 * schema that cannot be applied: it may come from anywhere.
 */
export function schemaProblem(schema: Json, value: Json): string | undefined {
  try {
    const problem = findSchemaProblem(schema, value);
    if (problem === undefined) return undefined;
    const { pointer, reason } = problem;
    return `${pointer === "" ? "" : `at ${pointer}: `}${reason}`;
  } catch (error) {
    const [reason] = messageOf(error).split("\n");
    return `the schema cannot be applied: ${reason}`;
  }
}

/**
 * Finds what is wrong with a value, or `undefined` when it fits.
 *
 * @throws {Error} When the schema cannot be applied.
 */
export function findSchemaProblem(
  schema: Json,
  value: Json,
): SchemaProblem | undefined {
  if (schema === true) return undefined;
  if (!isJsonObject(schema)) {
    return { pointer: "", reason: "nothing fits the schema" };
  }
  const { valid, errors } = validatorOf(schema).validate(value);
  if (valid) return undefined;
  // The last error is the innermost one.
  const error = errors.at(-1);
  return {
    pointer: error?.instanceLocation.replace(/^#/, "") ?? "",
    reason: error === undefined
      ? "it does not fit the schema"
      : schemaWords(error.error),
  };
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
