/**
 * Text of others as somebody must see it who decides on it: what a terminal
 * would hide or obey stands there in words.
 *
 * @module
 */

/** What moves the cursor, has no width, or turns the reading direction. */
const UNSEEN_REGEXP = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** Writes characters that nobody would see by their numbers; keeps the lines. */
export function visible(text: string): string {
  return text.toWellFormed().replaceAll(
    UNSEEN_REGEXP,
    (it) => it === "\n" ? it : escaped(it),
  );
}

/** `\t`, `\r`, `\u{202e}`. */
function escaped(character: string): string {
  switch (character) {
    case "\t":
      return "\\t";
    case "\r":
      return "\\r";
    default:
      return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  }
}
