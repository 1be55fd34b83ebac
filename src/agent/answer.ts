/**
 * The final answer of an agent: free text, or JSON that fits a schema.
 *
 * @module
 */

import { type Schema, Validator } from "@cfworker/json-schema";
import { messageOf } from "../model/error.ts";
import { isJsonArray, type Json, type JsonObject } from "../model/json.ts";
import { schemaWords } from "../model/schema_words.ts";

/** Problems of one answer that are told at the most. */
const PROBLEMS_MAX = 5;
const FENCE_REGEXP = /```(?:json)?\s*\n(.*?)\n?```/su;
const REQUIRED_REGEXP = /required property "(.*)"/su;

/** What became of an answer. */
export type Answer =
  | { readonly kind: "fits"; readonly value: Json }
  | {
    readonly kind: "misfits";
    /** What is wrong, for the model and for people. */
    readonly problem: string;
  }
  /** No answer can be checked: the schema itself is wrong. */
  | { readonly kind: "unusable"; readonly problem: string };

/** Reads an answer as JSON and checks it against a schema. */
export function checkAnswer(text: string, schema: JsonObject): Answer {
  const value = extractJson(text);
  if (value === undefined) {
    return { kind: "misfits", problem: "it is no JSON" };
  }
  try {
    const problem = problemOf(value, schema);
    return problem === undefined
      ? { kind: "fits", value }
      : { kind: "misfits", problem };
  } catch (error) {
    return { kind: "unusable", problem: messageOf(error) };
  }
}

/** Finds the JSON of an answer: all of it, a fenced block, or a part. */
function extractJson(text: string): Json | undefined {
  const first = text.search(/[{[]/);
  const last = Math.max(text.lastIndexOf("}"), text.lastIndexOf("]"));
  const candidates = [
    text,
    FENCE_REGEXP.exec(text)?.[1],
    first >= 0 && last > first ? text.slice(first, last + 1) : undefined,
  ];
  for (const candidate of candidates) {
    if (candidate === undefined) continue;
    try {
      return JSON.parse(candidate);
    } catch {
      // The next candidate may do.
    }
  }
  return undefined;
}

function problemOf(value: Json, schema: JsonObject): string | undefined {
  const result = new Validator(toSchema(schema), "2020-12", false)
    .validate(value);
  if (result.valid) return undefined;
  const errors = result.errors.map(({ keyword, error, instanceLocation }) => ({
    keyword,
    error,
    place: instanceLocation,
  }));
  const missing = errors.filter((it) => it.keyword === "required")
    .map((it) => {
      const key = REQUIRED_REGEXP.exec(it.error)?.[1] ?? it.error;
      return it.place === "#" ? `"${key}"` : `"${key}" at ${it.place.slice(1)}`;
    });
  // A keyword that applies schemas only repeats what is wrong below it.
  const other = errors.filter((it) => it.keyword !== "required")
    .filter((it) => !["properties", "items", "$ref"].includes(it.keyword))
    .map(({ place, error }) => {
      const words = schemaWords(error);
      return place === "#" ? words : `at ${place.slice(1)}: ${words}`;
    });
  const problems = [
    ...(missing.length > 0 ? [`missing ${missing.join(", ")}`] : []),
    ...other.slice(0, PROBLEMS_MAX),
  ];
  return problems.join("; ") || "it does not fit the schema";
}

/** A schema is JSON; the validator's own type says no more. */
function toSchema(schema: JsonObject): Schema {
  return schema as Schema;
}

/** Tells the model which shape its answer must have. */
export function schemaInstruction(schema: JsonObject): string {
  return "When you are done, answer with one JSON value that fits this JSON " +
    "Schema, and with nothing else: no prose, no code fence.\n" +
    JSON.stringify(schema);
}

/** Asks again for an answer that fits. */
export function askAgain(problem: string): string {
  return `Your answer does not fit the JSON Schema: ${problem}. Answer again ` +
    "with one JSON value that fits it, and with nothing else.";
}

/** Says whether an input holds anything to tell the model. */
export function hasContent(input: Json): boolean {
  if (input === null || input === "") return false;
  if (typeof input !== "object" || isJsonArray(input)) return true;
  return Object.keys(input).length > 0;
}
