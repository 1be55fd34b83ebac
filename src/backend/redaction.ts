/**
 * What this process has opened, hidden in what the process tells of itself: in
 * errors, stacks and the notes of its worker. Nothing is loaded for it where
 * nothing was opened.
 *
 * @module
 */

import type { Mask } from "../model/mask.ts";
import { hideTokens } from "../model/token.ts";

/** Masks that are kept: those of the runs that were opened last. */
const MASKS_MAX = 256;
const MASKS: Set<Mask> = new Set();

/** Hides what a mask hides from now on, in this process. */
export function rememberMask(mask: Mask): Mask {
  MASKS.delete(mask);
  MASKS.add(mask);
  for (const oldest of MASKS) {
    if (MASKS.size <= MASKS_MAX) break;
    MASKS.delete(oldest);
  }
  return mask;
}

/** Hides all that was opened in this process, and whatever is a token. */
export function redact(text: string): string {
  let shown = hideTokens(text);
  for (const mask of MASKS) shown = mask.text(shown);
  return shown;
}
