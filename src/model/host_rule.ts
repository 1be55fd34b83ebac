/**
 * Which hosts `fetch` may reach: the author's list, read against a URL.
 *
 * @module
 */

import { matchesGlob } from "./tool_glob.ts";
import { ANY_WORD } from "./workspace.ts";

/** How a host may be reached, or that it may not. */
export type HostLeave =
  /** It is named as it stands: wherever that leads is meant. */
  | "named"
  /** It fits a pattern: only what is public is meant. */
  | "public"
  | "none";

/** Says whether the host of a URL may be reached, and how. */
export function hostLeave(url: URL, hosts: readonly string[]): HostLeave {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const isUsualPort = url.port === "";
  let leave: HostLeave = "none";
  for (const text of hosts) {
    const rule = partsOf(text.toLowerCase());
    const fitsPort = rule.port === undefined
      ? isUsualPort || text === ANY_WORD
      : rule.port === port;
    if (!fitsPort) continue;
    if (rule.hostname === url.hostname) return "named";
    if (
      rule.hostname.includes("*") && matchesGlob(rule.hostname, url.hostname)
    ) {
      leave = "public";
    }
  }
  return leave;
}

/** A host as it is written; a port only where it ends in one. */
function partsOf(
  text: string,
): { readonly hostname: string; readonly port?: string } {
  const match = /^(.*[^:]|\[.*\]):(\d{1,5})$/.exec(text);
  return match === null || (text.includes("::") && !text.includes("]"))
    ? { hostname: text }
    : { hostname: match[1] ?? "", port: match[2] ?? "" };
}
