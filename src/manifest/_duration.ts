/**
 * Lengths of time in a manifest: `10m`, `1h30m`, `600s`, `PT10M`, and objects
 * as `{minutes: 10}`; all are kept in the contract's form, seconds with `s`.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import { parseDuration } from "../workflow/duration.ts";

const PROTO_REGEXP = /^-?\d{1,12}(?:\.\d{1,9})?s$/;
const UNITS_REGEXP = /^(?:\d+(?:\.\d+)?(?:ms|[wdhms]))+$/;
const UNIT_MS: Readonly<Record<string, number>> = {
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
};
/** The contract's own bound, about 10,000 years. */
const SECONDS_MAX = 315_576_000_000;

/** The forms, for an error message. */
export const DURATION_FORMS = '"10m", "1h30m", "600s" or "PT10M"';

/**
 * Reads a length of time.
 *
 * @returns It in the JSON form of `google.protobuf.Duration`, or `undefined`
 * when it is none.
 */
export function durationJson(value: Json): string | undefined {
  if (typeof value === "string" && PROTO_REGEXP.test(value)) {
    const seconds = Number(value.slice(0, -1));
    return Math.abs(seconds) <= SECONDS_MAX ? value : undefined;
  }
  const ms = typeof value === "string" && UNITS_REGEXP.test(value)
    ? unitsMs(value)
    : parseDuration(value);
  if (ms === undefined || ms / 1000 > SECONDS_MAX) return undefined;
  const whole = Math.round(ms);
  const rest = whole % 1000;
  const fraction = rest === 0 ? "" : `.${String(rest).padStart(3, "0")}`;
  return `${Math.floor(whole / 1000)}${fraction}s`;
}

function unitsMs(text: string): number {
  let sumMs = 0;
  for (
    const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[wdhms])/g)
  ) {
    sumMs += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  }
  return sumMs;
}
