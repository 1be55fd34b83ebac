/**
 * `call: llm`: asks a model once.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import { type Json, member } from "../../model/json.ts";
import type { Place, TaskPlace } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import {
  checkKeys,
  placeOf,
  readInteger,
  readObject,
  readString,
  reportError,
} from "../fields.ts";
import type { LlmTask } from "../tree_calls.ts";
import { readBareSchema } from "./_bare_schema.ts";
import { readBase } from "./_base.ts";
import { readModel } from "./_model.ts";

/** The highest sampling temperature. */
const TEMPERATURE_MAX = 2;
const OUTPUT_TOKENS_MAX = 2 ** 31 - 1;

/** Reads a `call: llm` task. */
export function readLlm(place: TaskPlace): LlmTask {
  const base = readBase(place, {
    kind: "call: llm",
    known: ["call", "with"],
    required: ["with"],
    instead: { prompt: "with.prompt", model: "with.model" },
  });
  const at = placeOf(place, "with");
  const args = readObject(member(place.object, "with"), at) ?? {};
  if (member(place.object, "with") !== undefined) {
    checkKeys(args, at, {
      known: [
        "model",
        "prompt",
        "system",
        "schema",
        "temperature",
        "maxOutputTokens",
      ],
      required: ["prompt"],
      what: "a call of a model",
      instead: {
        message: "prompt",
        messages: "prompt",
        instructions: "system",
        output: "schema",
        maxTokens: "maxOutputTokens",
        max_tokens: "maxOutputTokens",
      },
    });
  }
  const text = (key: string): Template | undefined => {
    const field = placeOf(at, key);
    return readTemplate(readString(member(args, key), field), field);
  };
  const model = readModel(member(args, "model"), placeOf(at, "model"));
  const system = text("system");
  const schema = readBareSchema(member(args, "schema"), placeOf(at, "schema"));
  const temperature = readTemperature(
    member(args, "temperature"),
    placeOf(at, "temperature"),
  );
  const maxOutputTokens = readInteger(
    member(args, "maxOutputTokens"),
    placeOf(at, "maxOutputTokens"),
    { min: 1, max: OUTPUT_TOKENS_MAX, what: '"maxOutputTokens"' },
  );
  return {
    ...base,
    kind: "llm",
    prompt: text("prompt") ?? { kind: "literal", value: "" },
    ...(model === undefined ? {} : { model }),
    ...(system === undefined ? {} : { system }),
    ...(schema === undefined ? {} : { schema }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
}

function readTemperature(
  value: Json | undefined,
  place: Place,
): number | undefined {
  if (value === undefined) return undefined;
  const fits = typeof value === "number" && value >= 0 &&
    value <= TEMPERATURE_MAX;
  if (fits) return value;
  reportError(place, {
    message: `A temperature lies between 0 and ${TEMPERATURE_MAX}, not ` +
      JSON.stringify(value),
  });
  return undefined;
}
