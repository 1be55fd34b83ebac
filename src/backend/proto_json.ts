/**
 * Our JSON and times in the types of the protobuf runtime, both ways.
 *
 * @module
 */

import { create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import {
  type Duration,
  DurationSchema,
  type Value,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import { invalidArgument, messageOf } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import { shallowValue } from "../model/shallow.ts";

/**
 * Gives JSON to the protobuf runtime. It only reads what it is given: the type
 * alone is made mutable, nothing is copied.
 */
export function toProtoJson(json: Json): JsonValue {
  return json as JsonValue;
}

/** Writes any JSON as the contract's free-form value. */
export function valueMessage(json: Json): Value {
  return fromJson(ValueSchema, toProtoJson(json));
}

/**
 * The same for what was made elsewhere, as answers of models and tools: what
 * is nested too deep for readers of messages is the JSON of it.
 */
export function readableMessage(json: Json): Value {
  return valueMessage(shallowValue(json));
}

/**
 * Reads a free-form value of the contract.
 *
 * @param options What is taken where it is absent, and what it is in words.
 * @throws {StigmerError} INVALID_ARGUMENT for what JSON cannot say.
 */
export function jsonOfValue(
  value: Value | undefined,
  options: { readonly absent: Json; readonly what: string },
): Json {
  if (value === undefined) return options.absent;
  try {
    return toJson(ValueSchema, value);
  } catch (error) {
    throw invalidArgument(
      `Cannot read ${options.what}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Writes milliseconds as a duration. */
export function durationMessage(ms: number): Duration {
  const seconds = Math.floor(ms / 1000);
  return create(DurationSchema, {
    seconds: BigInt(seconds),
    nanos: Math.round((ms - seconds * 1000) * 1_000_000),
  });
}

/** A duration in milliseconds; absent or nothing is `undefined`. */
export function durationMs(duration: Duration | undefined): number | undefined {
  if (duration === undefined) return undefined;
  const ms = Number(duration.seconds) * 1000 + duration.nanos / 1_000_000;
  return ms > 0 ? ms : undefined;
}
