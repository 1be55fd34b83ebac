/**
 * Whom answers are packed for: on one machine that takes longer than to move
 * them as they are.
 *
 * @module
 */

import { GZIP } from "../backend/gzip.ts";
import type { Call } from "./calls.ts";
import { isOfThisMachine } from "./detour.ts";

/** Where clients of Connect say how an answer to a call that is no stream may be packed. */
const UNARY_HEADER = "accept-encoding";
/** Where clients say how answers may be packed, by their protocols. */
const HEADERS = [
  UNARY_HEADER,
  "connect-accept-encoding",
  "grpc-accept-encoding",
];

/** Says whether an answer to a call of Connect, no stream, is to be packed. */
export function takesGzip(
  headers: Headers,
  { peer }: Pick<Call, "peer">,
): boolean {
  const accepted = headers.get(UNARY_HEADER) ?? "";
  return accepted.split(",").some((it) => it.trim() === GZIP.name) &&
    !isOfThisMachine(headers, peer);
}

/** The headers of a call; who is on this machine takes nothing packed. */
export function withPacking(
  headers: Headers,
  { peer }: Pick<Call, "peer">,
): Headers {
  if (!isOfThisMachine(headers, peer)) return headers;
  const plain = new Headers(headers);
  for (const name of HEADERS) plain.delete(name);
  return plain;
}
