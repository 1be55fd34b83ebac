/**
 * Lengths of time as people type and read them.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Longest time that may be given: about a year. */
const DURATION_MS_MAX = 366 * 86_400_000;

/**
 * Reads `90s`, `5m`, `1h30m`, `500ms`, `2d`; a bare number is seconds.
 *
 * @throws {StigmerError} When it is none, is zero or is over a year, or over
 * what else is the most.
 */
export function parseDurationMs(
  text: string,
  option: string,
  { maxMs = DURATION_MS_MAX }: { readonly maxMs?: number } = {},
): number {
  const ms = /^\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1000
    : sumOfParts(text);
  if (ms !== undefined && ms >= 1 && ms <= maxMs) {
    return Math.round(ms);
  }
  throw invalidArgument(
    `Option "${option}" cannot be "${text}", give a time as 90s, 5m or 1h30m; a number alone is seconds`,
  );
}

function sumOfParts(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/([\d.]+)(ms|[smhd])/g)) {
    sum += Number(number) * (UNITS_MS[unit ?? ""] ?? NaN);
  }
  return sum;
}

/** Writes a length of time in its largest unit or two: `350 ms`, `4.2 s`, `3 m 10 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
}

/** Writes a limit that someone set: as {@linkcode formatDuration}, but `1 s`. */
export function formatLimit(ms: number): string {
  return formatDuration(ms).replace(/\.0 s$/, " s");
}

/** Writes how long ago something was, in one unit: `12s`, `5m`, `3h`, `9d`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/**
 * Writes how long it is until something, in the unit of an age, to the nearest
 * of it: what is due in three days is so a moment later, too.
 */
export function formatLeft(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.round(seconds / 60);
  const hours = Math.round(seconds / 3600);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 120) return `${minutes}m`;
  if (hours < 48) return `${hours}h`;
  return `${Math.round(seconds / 86_400)}d`;
}
