/**
 * Whether a page is fetched by a proxy, as the variables of this machine have
 * it. Who takes the other way looks at the address that it connects to.
 *
 * @module
 */

import type { Host } from "../host/host.ts";

/**
 * Says whether the proxy of a URL's scheme is sure to be taken. What may be
 * one of its exceptions is not: an exception that is read too widely is
 * connected to directly, by an address that was looked at, and one that is read
 * too narrowly would be by one that nobody saw.
 */
export function goesByProxy(
  { protocol, hostname }: URL,
  { env }: Pick<Host, "env">,
): boolean {
  const read = (name: string): string =>
    env.get(name.toLowerCase()) || env.get(name) || "";
  const own = protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  if (!(read(own) || read("ALL_PROXY"))) return false;
  // Which of the two counts, their reader alone knows.
  const exceptions = [env.get("no_proxy"), env.get("NO_PROXY")];
  return !exceptions.some((text) => mayExcept(text ?? "", hostname));
}

function mayExcept(exceptions: string, hostname: string): boolean {
  return exceptions.toLowerCase().split(/[\s,]+/).some((text) => {
    if (text === "*") return true;
    const domain = text.replace(/^[*.]+/, "").replace(/:\d+$/, "");
    return domain !== "" &&
      (hostname === domain || hostname.endsWith(`.${domain}`));
  });
}
