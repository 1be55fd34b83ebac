/**
 * Text of others as somebody must see it who decides on it: what a terminal
 * would hide or obey stands there in words.
 *
 * @module
 */

import { visibleText } from "../model/hidden_text.ts";

/**
 * Writes characters that nobody would see by their numbers. Lines stay; what
 * goes back to the begin of one, and would write over it, does not.
 */
export function visible(text: string): string {
  return visibleText(text).replaceAll("\r", "\\r").replaceAll("\t", "\\t");
}
