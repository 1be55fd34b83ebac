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
/**
 * Counts up with each change of the contract, so that a client can tell that
 * it asks for what an older server does not have.
 */
export const CONTRACT_REVISION = 1;
