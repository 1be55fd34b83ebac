/**
 * What people write who are used to other languages, and what it is in this
 * one.
 *
 * @module
 */

/** What is expected where a term has to stand. */
export const A_VALUE = "a value";
/** Characters that are looked at to recognise a slip. */
export const SLIP_LENGTH = 12;

interface Slip {
  /** What stands there, at the start of what follows. */
  readonly text: RegExp;
  /** What stands before that; absent means anything. */
  readonly before?: string;
  readonly hint: string;
}

const SLIPS: readonly Slip[] = [
  { text: /^&/, hint: 'Write "and"' },
  { text: /^\|/, before: "|", hint: 'Write "or"' },
  { text: /^!/, hint: 'Write "!=", or "not" behind a "|"' },
  { text: /^=/, before: "=", hint: 'Write "=="' },
  { text: /^>/, before: "<", hint: 'Write "!="' },
  { text: /^>/, before: "-", hint: 'Write "|" or "."' },
  { text: /^\+/, before: "+", hint: 'Write "+ 1"' },
  { text: /^\*/, before: "*", hint: 'Write "pow(a; b)"' },
  { text: /^['`“”„]/, hint: "Strings stand in double quotes" },
  { text: /^\$\{/, hint: 'Write "$name" for a variable' },
  { text: /^\$(?![A-Za-z_])/, hint: 'A name follows "$" at once' },
  { text: /^@/, hint: 'A format follows "@" at once, as in "@json"' },
  { text: /^\(/, hint: 'Write "| name(…)" to call a function' },
  {
    text: /^(?![A-Za-z])\p{L}/u,
    before: ".",
    hint: 'Write ."name" for a key of other letters',
  },
];

/** The way out where a slip is known. */
export function slipOf(after: string, before: string): string | undefined {
  return SLIPS.find(({ text, before: wanted }) =>
    text.test(after) && (wanted === undefined || wanted === before)
  )?.hint;
}

/** The first character of a text. */
export function firstOf(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0);
}
