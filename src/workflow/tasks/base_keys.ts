/**
 * The keys of tasks: those that say what kind one is, and those that any may
 * have.
 *
 * @module
 */

/** Every key that says what kind a task is. */
export const KIND_KEYS: readonly string[] = [
  "call",
  "emit",
  "for",
  "fork",
  "listen",
  "raise",
  "run",
  "set",
  "switch",
  "try",
  "wait",
  "do",
];

/** The keys that a task of any kind may have. */
export const BASE_KEYS: readonly string[] = [
  "if",
  "input",
  "output",
  "export",
  "timeout",
  "then",
  "metadata",
];
