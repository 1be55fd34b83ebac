/**
 * Checks addresses of the web.
 *
 * @module
 */

import { short } from "./_node.ts";

/** What an address may be besides `https://…`. */
export interface WebAddressOptions {
  /** Whether `http://` is allowed anywhere, not on loopback alone. */
  readonly plainHttp: boolean;
}

const LOOPBACK_REGEXP = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Says what is wrong with an address, or nothing. */
export function webAddressProblem(
  text: string,
  options: WebAddressOptions,
): string | undefined {
  const url = URL.parse(text);
  if (url === null) {
    return `"${short(text)}" is no address, write it as "https://HOST/PATH"`;
  }
  if (url.username !== "" || url.password !== "") {
    return "An address cannot hold a user or a password, use headers";
  }
  if (url.protocol === "https:") return undefined;
  // `localhost:8080` is read as a scheme and what follows it.
  if (/^[\w.-]+:\d/.test(text)) {
    return `"${short(text)}" has no scheme, write "http://${short(text)}"`;
  }
  if (url.protocol !== "http:") {
    return `Scheme "${url.protocol}" cannot be called, use "https:"`;
  }
  return options.plainHttp || LOOPBACK_REGEXP.test(url.hostname)
    ? undefined
    : `"http:" is for this machine alone, use "https://${url.host}"`;
}
