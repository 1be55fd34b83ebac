/**
 * What all calls have: `call` and `with`.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../../model/json.ts";
import type { Place, TaskPlace } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import {
  checkKeys,
  type KeyRules,
  placeOf,
  readObject,
  reportType,
} from "../fields.ts";
import type { TaskBase } from "../tree.ts";
import { readBase } from "./_base.ts";

/** A call whose arguments are to be read. */
export interface CallPlace {
  readonly base: TaskBase;
  readonly args: JsonObject;
  /** Where the arguments stand. */
  readonly at: Place;
  /** The place of an argument. */
  readonly of: (key: string) => Place;
}

/** What is known of the arguments of a call. */
export interface CallRules extends Omit<KeyRules, "what"> {
  /** As `HTTP`, for "an HTTP call". */
  readonly what: string;
}

/** Reads what all calls have, and checks the keys of `with`. */
export function readCallBase(
  place: TaskPlace,
  name: string,
  rules: CallRules,
): CallPlace {
  const instead = Object.fromEntries(
    rules.known.map((key) => [key, `with.${key}`]),
  );
  const base = readBase(place, {
    kind: `call: ${name}`,
    known: ["call", "with"],
    required: ["with"],
    instead,
  });
  const at = placeOf(place, "with");
  const value = member(place.object, "with");
  const args = readObject(value, at);
  if (args !== undefined) checkKeys(args, at, rules);
  return { base, args: args ?? {}, at, of: (key) => placeOf(at, key) };
}

/** Reads an object whose values may be expressions, or one expression. */
export function readMap(
  value: Json | undefined,
  place: Place,
): Template | undefined {
  const isExpression = typeof value === "string" && value.includes("${");
  if (value !== undefined && !isExpression && !isJsonObject(value)) {
    reportType(place, "an object", value);
    return undefined;
  }
  return readTemplate(value, place);
}
