/**
 * Lengths of time as definitions write them.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { DURATION_MS_MAX } from "./limits.ts";

const ISO_8601 =
  /^P(?!$)(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?=\d)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const ISO_UNITS_MS: readonly number[] = [
  604_800_000,
  86_400_000,
  3_600_000,
  60_000,
  1000,
];
/** Milliseconds of each key of a duration object. */
export const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
  milliseconds: 1,
};

/**
 * Reads a duration: ISO 8601 as `PT1M30S`, or an object with `days`, `hours`,
 * `minutes`, `seconds` and `milliseconds`.
 *
 * Years and months have no fixed length and are not read, nor is anything
 * longer than {@linkcode DURATION_MS_MAX}.
 *
 * @returns Milliseconds, or `undefined` when it is no duration.
 */
export function parseDuration(value: Json): number | undefined {
  const ms = measure(value);
  return ms === undefined || ms > DURATION_MS_MAX ? undefined : ms;
}

const SPOKEN =
  /^(?:\d+(?:\.\d+)?\s*(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)\s*)+$/i;
const SPOKEN_PART = /(\d+(?:\.\d+)?)\s*(ms|mil|[smhd])/gi;
const SPOKEN_UNITS: Readonly<Record<string, string>> = {
  mil: "milliseconds",
  ms: "milliseconds",
  s: "seconds",
  m: "minutes",
  h: "hours",
  d: "days",
};

/**
 * Writes what people give as `5`, `5s`, `1h30m` or `2 minutes` as a duration;
 * `undefined` for anything else.
 */
export function durationMeant(value: Json): string | undefined {
  if (typeof value === "number") return `{seconds: ${value}}`;
  if (typeof value !== "string" || !SPOKEN.test(value.trim())) return undefined;
  const parts = [...value.matchAll(SPOKEN_PART)].map(([, amount, unit]) =>
    `${SPOKEN_UNITS[(unit ?? "").toLowerCase()]}: ${amount}`
  );
  return `{${parts.join(", ")}}`;
}

/** Says whether a value is a duration but for its length. */
export function isDurationTooLong(value: Json): boolean {
  return (measure(value) ?? 0) > DURATION_MS_MAX;
}

const UNIT =
  /^(?:ms$|mil(?=lis(?:econds?)?$)|s(?=(?:ecs?|econds?)?$)|m(?=(?:ins?|inutes?)?$)|h(?=(?:rs?|ours?)?$)|d(?=(?:ays?)?$))/i;

/** Names the unit that another word stands for, as `secs`. */
export function unitMeant(word: string): string | undefined {
  const [unit = ""] = UNIT.exec(word) ?? [];
  return SPOKEN_UNITS[unit.toLowerCase()];
}

function measure(value: Json): number | undefined {
  if (typeof value === "string") return parseIso(value);
  return isJsonObject(value) ? sumUnits(value) : undefined;
}

function sumUnits(value: JsonObject): number | undefined {
  const entries = Object.entries(value);
  if (entries.length === 0) return undefined;
  let sumMs = 0;
  for (const [key, amount] of entries) {
    const unitMs = Object.hasOwn(DURATION_UNITS_MS, key)
      ? DURATION_UNITS_MS[key]
      : undefined;
    if (unitMs === undefined || typeof amount !== "number" || amount < 0) {
      return undefined;
    }
    sumMs += amount * unitMs;
  }
  return sumMs;
}

function parseIso(text: string): number | undefined {
  const match = ISO_8601.exec(text.trim());
  if (match === null) return undefined;
  return ISO_UNITS_MS.reduce(
    (sumMs, unitMs, i) => sumMs + Number(match[i + 1] ?? 0) * unitMs,
    0,
  );
}
