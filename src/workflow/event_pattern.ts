/**
 * Regular expressions of event filters: which texts are one, and which of them
 * are taken.
 *
 * A filter is tried on every event that comes, also on those of strangers, and
 * must not take long on any: see `linear_regexp.ts`.
 *
 * @module
 */

import { messageOf } from "../model/error.ts";
import { linearRegExp } from "./linear_regexp.ts";

/** Characters of a text that a pattern is tried on; a longer one never fits. */
export const PATTERN_TEXT_LENGTH_MAX = 512;
/** Characters of a pattern at the most. */
const PATTERN_LENGTH_MAX = 512;
/** Patterns kept compiled. */
const KEPT_MAX = 1000;

/** What a text of a filter is. */
export type EventPattern =
  /** A text without anything that a regular expression is made of. */
  | { readonly kind: "text" }
  | { readonly kind: "pattern"; readonly fits: (text: string) => boolean }
  /** It looks like one, and is none: it is taken as it stands. */
  | { readonly kind: "broken"; readonly reason: string }
  /** It is one that may take too long. */
  | { readonly kind: "refused"; readonly reason: string };

const kept = new Map<string, EventPattern>();

/** Says what a text of a filter is; `.` and `-` alone make no pattern. */
export function readPattern(text: string): EventPattern {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const made = makePattern(text);
  // A filter may be a value of any length; none of these ever fits.
  if (text.length > PATTERN_LENGTH_MAX) return made;
  if (kept.size >= KEPT_MAX) kept.clear();
  kept.set(text, made);
  return made;
}

/** Whether a text fits what a filter says: the same, or a match of the whole. */
export function fitsPattern(wanted: string, text: string): boolean {
  if (wanted === text) return true;
  if (text.length > PATTERN_TEXT_LENGTH_MAX) return false;
  if (wanted.length > PATTERN_LENGTH_MAX) return false;
  const pattern = readPattern(wanted);
  return pattern.kind === "pattern" && pattern.fits(text);
}

function makePattern(text: string): EventPattern {
  if (!/[\\^$*+?()[\]{}|]/.test(text)) return { kind: "text" };
  const problem = syntaxProblem(text);
  if (problem !== undefined) return { kind: "broken", reason: problem };
  if (text.length > PATTERN_LENGTH_MAX) {
    return {
      kind: "refused",
      reason: `it has more than ${PATTERN_LENGTH_MAX} characters`,
    };
  }
  const { fits, refused } = linearRegExp(text);
  if (fits === undefined) return { kind: "refused", reason: refused };
  if (!isSimple(text)) return { kind: "pattern", fits };
  const regexp = wholeRegExp(text);
  return { kind: "pattern", fits: (value) => regexp.test(value) };
}

/**
 * Whether a pattern has one choice at the most, so that the platform, which is
 * fifty times as fast on short texts, has little to go back to.
 */
function isSimple(text: string): boolean {
  return (text.match(/[*+?{|(]/g)?.length ?? 0) <= 1;
}

function wholeRegExp(text: string): RegExp {
  return new RegExp(`^(?:${text})$`, "s");
}

/** Why a text is no regular expression to the platform, or `undefined`. */
function syntaxProblem(text: string): string | undefined {
  try {
    wholeRegExp(text);
    return undefined;
  } catch (error) {
    const message = messageOf(error);
    return (message.split(": ").at(-1) ?? message).toLowerCase();
  }
}
