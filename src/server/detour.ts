/**
 * Calls that come from this machine, but for someone who is elsewhere: a web
 * page that has a browser here call, or whoever stands behind a proxy here.
 *
 * @module
 */

import type { Peer } from "./calls.ts";
import { isLocalName } from "./listen_address.ts";

/** Headers with which a proxy says for whom it calls. */
const FORWARDED_HEADERS = ["forwarded", "x-forwarded-for", "x-real-ip"];

/** Where a loopback address begins. */
const LOOPBACK_REGEXP = /^(?:127\.|\[::1\]|\[::ffff:127\.)/;

/** Says whether who calls is on this machine, as far as anything tells. */
export function isOfThisMachine(headers: Headers, peer: Peer): boolean {
  if (isForwarded(headers)) return false;
  return peer.kind === "unix" || LOOPBACK_REGEXP.test(peer.address);
}

/** Says whether a proxy calls for someone else. */
export function isForwarded(headers: Headers): boolean {
  return FORWARDED_HEADERS.some((name) => headers.has(name));
}

/**
 * Says by what a call came that may not be its sender's own, in words, or
 * `undefined` when nothing says so.
 */
export function detourOf(
  headers: Headers,
  { kind }: Pick<Peer, "kind">,
): string | undefined {
  if (mayBeWebPage(headers)) return "from a web page";
  if (isForwarded(headers)) return "by a proxy";
  // No name leads to a socket.
  return kind === "tcp" && !isLocalName(hostOf(headers))
    ? "under a name that is not of this machine"
    : undefined;
}

/**
 * Any web page can have its browser call this machine. What it posts carries
 * its origin; what it gets tells of the browser alone, and, where the page's
 * own name was made to lead here, by its words at most: that name is in `host`.
 */
function mayBeWebPage(headers: Headers): boolean {
  return headers.has("origin") || headers.has("sec-fetch-site") ||
    /^mozilla/i.test(headers.get("user-agent") ?? "");
}

/** The name that was called, without its port; who says none is no browser. */
function hostOf(headers: Headers): string {
  const host = headers.get("host") ?? "localhost";
  return host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
}
