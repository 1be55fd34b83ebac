/**
 * Times as the tables keep them: ISO 8601 in UTC with milliseconds, which
 * sorts as text.
 *
 * @module
 */

/** Writes milliseconds since 1970 as the tables keep them. */
export function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** Reads a time of a table as milliseconds since 1970. */
export function timeMs(text: string): number {
  return Date.parse(text);
}
