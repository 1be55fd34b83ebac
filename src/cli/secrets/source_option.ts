/**
 * The places where a master key may be kept, as options take them.
 *
 * @module
 */

/** The places, in the order in which one is chosen. */
export const KEY_SOURCES = [
  "keychain",
  "env",
  "env-file",
  "key-file",
] as const;
