/**
 * The version of this release.
 *
 * A constant and not read from deno.json: `stigmer version` must not pay for a
 * file. A test holds the two equal.
 *
 * @module
 */

/** The version of Stigmer, as in deno.json. */
export const VERSION = "0.2.0";
