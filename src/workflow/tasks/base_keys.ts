/**
 * The keys that a task of any kind may have.
 *
 * @module
 */

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
