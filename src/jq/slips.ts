/**
 * What people write who are used to other languages, and what it is in this
 * one.
 *
 * @module
 */

/** What is expected where a term has to stand. */
export const A_VALUE = "a value";
/** What is expected behind a whole expression. */
export const AN_OPERATOR = "an operator or the end";
/** Characters that are looked at to recognise a slip. */
const SLIP_LENGTH = 12;
/** Characters before it that are looked at. */
const LOOK_BACK_LENGTH = 64;

interface Slip {
  /** What stands there, at the start of what follows. */
  readonly text: RegExp;
  /** What stands before that; absent means anything. */
  readonly before?: string;
  /** How all that stands before it ends; absent means anyhow. */
  readonly behind?: RegExp;
  readonly hint: string;
}

const NO_OBJECT = "Braces make an object: for a value leave them out";

const SLIPS: readonly Slip[] = [
  // What begins a value, where a value has just ended in "?" or "??".
  {
    text: /^(?:["\d.$([{]|[A-Za-z])/,
    behind: /\?\s*\?\s*$/,
    hint: 'Write "//", which takes what follows where there is null or false',
  },
  {
    text: /^(?:["\d.$([{]|[A-Za-z])/,
    behind: /\?\s+$/,
    hint: 'Write "if … then … else … end" for "… ? … : …"',
  },
  { text: /^=/, behind: /^\s*$/, hint: 'Leave out the "="' },
  {
    text: /^\)/,
    behind: /\w\(\s*$/,
    hint: 'Leave out "()": a function without arguments has none',
  },
  {
    text: /^[.[(|]/,
    behind: /^\s*\{\s*[\w$]+\s*$/,
    hint: NO_OBJECT,
  },
  { text: /^[.{]/, behind: /^\s*\{\s*$/, hint: NO_OBJECT },
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
  {
    text: /^\$[.[]/,
    hint: 'Leave out the "$": "." alone is what is given here',
  },
  { text: /^\$(?![A-Za-z_])/, hint: 'A name follows "$" at once' },
  { text: /^@/, hint: 'A format follows "@" at once, as in "@json"' },
  { text: /^\(/, hint: 'Write "| name(…)" to call a function' },
  {
    text: /^(?![A-Za-z])\p{L}/u,
    before: ".",
    hint: 'Write ."name" for a key of other letters',
  },
];

/** The way out where a slip is known, at a place of a program. */
export function slipAt(source: string, at: number): string | undefined {
  const after = source.slice(at, at + SLIP_LENGTH);
  const before = source[at - 1] ?? "";
  const whole = source.slice(Math.max(0, at - LOOK_BACK_LENGTH), at);
  return SLIPS.find(({ text, before: wanted, behind = /$/ }) =>
    text.test(after) && (wanted === undefined || wanted === before) &&
    behind.test(whole)
  )?.hint;
}

/** The first character of a text. */
export function firstOf(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0);
}
