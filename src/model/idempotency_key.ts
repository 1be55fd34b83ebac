/**
 * Keys that make a repeated request the same request.
 *
 * @module
 */

/** Characters of a key at the most. */
export const IDEMPOTENCY_KEY_LENGTH_MAX = 200;

/**
 * What the keys begin with that a client makes up for its own repeats. Nobody
 * chose them, so nobody is shown them.
 */
export const AUTOMATIC_KEY_PREFIX = "auto:";
