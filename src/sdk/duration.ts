/**
 * Lengths of time as scripts write them, and as manifests and the engine take
 * them.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import { parseDuration } from "../workflow/duration.ts";

/** The units of a length of time, longest first. */
export interface DurationParts {
  /** Days. */
  readonly days?: number;
  /** Hours. */
  readonly hours?: number;
  /** Minutes. */
  readonly minutes?: number;
  /** Seconds. */
  readonly seconds?: number;
  /** Milliseconds. */
  readonly milliseconds?: number;
}

/** A number with its unit: `250ms`, `10s`, `5m`, `2h`, `7d`. */
export type ShortDuration = `${number}${"ms" | "s" | "m" | "h" | "d"}`;

/** A length of time: `"5m"`, `{ minutes: 5 }`, or ISO 8601 as `"PT5M"`. */
export type Duration = DurationParts | ShortDuration | `P${string}`;

const SHORT_REGEXP = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const UNITS = {
  ms: ["milliseconds", 1],
  s: ["seconds", 1000],
  m: ["minutes", 60_000],
  h: ["hours", 3_600_000],
  d: ["days", 86_400_000],
} as const;

/**
 * Writes a length of time as manifests have it.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for what is none.
 */
export function durationOf(duration: Duration): DurationParts | string {
  const written = typeof duration === "string"
    ? partsOf(duration) ?? duration
    : duration;
  durationMsOf(written);
  return written;
}

/**
 * Gives a length of time in milliseconds.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for what is none.
 */
export function durationMsOf(duration: Duration | string): number {
  const parts = typeof duration === "string"
    ? partsOf(duration) ?? duration
    : { ...duration };
  const ms = parseDuration(parts);
  if (ms !== undefined && ms >= 0 && Number.isFinite(ms)) return ms;
  throw invalidArgument(
    `Cannot read ${JSON.stringify(duration)} as a length of time`,
    { hints: ['Write "10s", { seconds: 10 } or "PT10S"'] },
  );
}

function partsOf(text: string): Record<string, number> | undefined {
  const [, amount, unit] = SHORT_REGEXP.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const found = Object.entries(UNITS).find(([short]) => short === unit)?.[1];
  if (found === undefined) return undefined;
  const [name, lengthMs] = found;
  const count = Number(amount);
  // The language has whole numbers.
  return Number.isInteger(count)
    ? { [name]: count }
    : { milliseconds: Math.round(count * lengthMs) };
}
