/**
 * Regular expressions of event filters: which texts are one, and which of them
 * are taken.
 *
 * A filter is tried on every event that comes, also on those of strangers. So
 * only what the platform's backtracking matches in bounded time is taken: few
 * repetitions, none of them inside another, over a text of bounded length.
 *
 * @module
 */

/** Characters of a text that a pattern is tried on; a longer one never fits. */
export const PATTERN_TEXT_LENGTH_MAX = 512;
/** Characters of a pattern at the most. */
const PATTERN_LENGTH_MAX = 512;
/** Repetitions of a pattern at the most: `*`, `+`, `{…}`. */
const REPEATS_MAX = 3;
/** Things that may be missing, `?`, at the most. */
const OPTIONALS_MAX = 6;
/** Patterns kept compiled. */
const KEPT_MAX = 1000;

/** What a text of a filter is. */
export type EventPattern =
  /** A text without anything that a regular expression is made of. */
  | { readonly kind: "text" }
  | { readonly kind: "pattern"; readonly regexp: RegExp }
  /** It looks like one, and is none: it is taken as it stands. */
  | { readonly kind: "broken"; readonly reason: string }
  /** It is one that would take too long. */
  | { readonly kind: "refused"; readonly reason: string };

const kept = new Map<string, EventPattern>();

/** Says what a text of a filter is; `.` and `-` alone make no pattern. */
export function readPattern(text: string): EventPattern {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const made = makePattern(text);
  if (kept.size >= KEPT_MAX) kept.clear();
  kept.set(text, made);
  return made;
}

/** Whether a text fits what a filter says: the same, or a match of the whole. */
export function fitsPattern(wanted: string, text: string): boolean {
  if (wanted === text) return true;
  if (text.length > PATTERN_TEXT_LENGTH_MAX) return false;
  const pattern = readPattern(wanted);
  return pattern.kind === "pattern" && pattern.regexp.test(text);
}

function makePattern(text: string): EventPattern {
  if (!/[\\^$*+?()[\]{}|]/.test(text)) return { kind: "text" };
  let regexp: RegExp;
  try {
    regexp = new RegExp(`^(?:${text})$`, "s");
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    const reason = message.split(": ").at(-1) ?? message;
    return { kind: "broken", reason: reason.toLowerCase() };
  }
  const reason = slowness(text);
  return reason === undefined
    ? { kind: "pattern", regexp }
    : { kind: "refused", reason };
}

/** What of a valid pattern may take too long, or `undefined`. */
function slowness(text: string): string | undefined {
  if (text.length > PATTERN_LENGTH_MAX) {
    return `it has more than ${PATTERN_LENGTH_MAX} characters`;
  }
  // What is escaped or in a class repeats nothing.
  const bare = text.replaceAll(
    /\\(?:[pP]\{[^}]*\}|.)/gs,
    (it) => /\\[1-9k]/.test(it) ? "\\" : "_",
  ).replaceAll(/\[[^\]]*\]/g, "_");
  if (bare.includes("\\")) return "it refers back to a group";
  if (/\(\?[<=!]/.test(bare)) return "it looks ahead or back, or names a group";
  // `(?:` is no optional, `*?` is a lazy repetition.
  const plain = bare.replaceAll("(?:", "(").replaceAll(/([*+?}])\?/g, "$1");
  const repeats = plain.match(/[*+]|\{\d/g)?.length ?? 0;
  if (repeats > REPEATS_MAX) {
    return `it repeats more than ${REPEATS_MAX} things`;
  }
  if ((plain.match(/\?/g)?.length ?? 0) > OPTIONALS_MAX) {
    return `it has more than ${OPTIONALS_MAX} optional parts`;
  }
  return repeatsChoice(plain)
    ? "it repeats a group that holds a repetition or a choice"
    : undefined;
}

/** Whether a repeated group holds what may match in more than one way. */
function repeatsChoice(plain: string): boolean {
  const open: boolean[] = [];
  for (let at = 0; at < plain.length; at++) {
    const char = plain[at];
    if (char === "(") open.push(false);
    else if (char === ")") {
      const holds = open.pop() ?? false;
      if (holds && /[*+{]/.test(plain[at + 1] ?? "")) return true;
      // What is in a group is in those around it.
      if (holds) open[open.length - 1] = open.length > 0;
    } else if (/[*+?{|]/.test(char ?? "")) {
      if (open.length > 0) open[open.length - 1] = true;
    }
  }
  return false;
}
