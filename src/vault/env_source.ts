/**
 * A master key in a variable of this process, for machines without a keychain
 * whose secrets come from elsewhere.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { type GivenKey, givenKeySource } from "./_given_key.ts";
import type { KeySource } from "./key_source.ts";

/** The variable that holds the key, as base64 or hex. */
export const KEY_VARIABLE = "STIGMER_MASTER_KEY";
/** The variable that holds the key to rotate to. */
export const NEXT_KEY_VARIABLE = "STIGMER_MASTER_KEY_NEXT";

/** Gives the source of the key in a variable. */
export function envSource({ env }: Pick<Host, "env">): KeySource {
  const given = (variable: string): GivenKey => ({
    variable,
    text: () => Promise.resolve(env.get(variable)),
  });
  return givenKeySource({
    kind: "env",
    location: KEY_VARIABLE,
    first: given(KEY_VARIABLE),
    next: given(NEXT_KEY_VARIABLE),
  });
}
