/**
 * What a request is called in logs, in answers and by those who ask about it.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { newId } from "../model/id.ts";
import { hideTokens } from "../model/token.ts";

/** Where it stands in a request and in its answer. */
export const REQUEST_ID_HEADER = "x-request-id";
/** Visible characters, so that it can stand in a log as it is. */
const SANE_REGEXP = /^[\x21-\x7e]{1,128}$/;

/** The id that a request came with when it is sane, else a new one. */
export function requestIdOf(
  headers: Headers,
  { clock, random }: Pick<Host, "clock" | "random">,
): string {
  const given = headers.get(REQUEST_ID_HEADER);
  if (given !== null && isSane(given)) return given;
  return newId("req", {
    now: () => clock.now(),
    bytes: (length) => random.bytes(length),
  });
}

/** It is logged, and kept in the audit: whatever is a token must not be. */
function isSane(given: string): boolean {
  return SANE_REGEXP.test(given) && hideTokens(given) === given;
}
