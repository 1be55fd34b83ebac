/**
 * How deeply JSON is nested, found out without recursion: what reads it later
 * does recurse, and would end in a stack that is full.
 *
 * @module
 */

/** Levels of JSON in one message at the most. */
export const NESTING_MAX = 512;

const QUOTE = 34;
const BACKSLASH = 92;
const BRACKET_OPEN = 91;
const BRACKET_CLOSE = 93;
const BRACE_OPEN = 123;
const BRACE_CLOSE = 125;

/** Says whether a text of JSON is nested more deeply than is read. */
export function isNestedTooDeeply(text: string): boolean {
  // Most messages are too short for it.
  if (text.length <= NESTING_MAX) return false;
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) isInString = !isInString;
    else if (isInString) {
      if (code === BACKSLASH) at++;
    } else if (code === BRACKET_OPEN || code === BRACE_OPEN) {
      if (++depth > NESTING_MAX) return true;
    } else if (code === BRACKET_CLOSE || code === BRACE_CLOSE) depth--;
  }
  return false;
}
