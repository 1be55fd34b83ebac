/**
 * Texts that may hold anything, made harmless for a terminal.
 *
 * @module
 */

/** Makes one line of a text, and takes out what would move the cursor. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/\p{Cc}/gu, "").trim();
}
