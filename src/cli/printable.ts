/**
 * Text of others, as a terminal may be given it.
 *
 * @module
 */

/** Takes out what would move the cursor, but keeps the lines. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, "");
}
