/**
 * Where releases are.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";

/** Where releases are when nothing else is said. */
export const RELEASES_URL_DEFAULT =
  "https://github.com/stigmer/stigmer/releases";

/** What tells how to install, verify and remove Stigmer. */
export const INSTALLING_PAGE =
  "https://github.com/stigmer/stigmer/blob/main/docs/installing.md";

const SCHEME_REGEXP = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is;
const LOOPBACK_REGEXP = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Reads the address of releases, and gives it without a slash at its end.
 *
 * @param origin Where it was found, as `Option "--from"`.
 * @throws {StigmerError} INVALID_ARGUMENT for an address that anybody on the
 * way could answer for.
 */
export function parseReleasesUrl(text: string, origin: string): string {
  const url = URL.parse(text.trim());
  const hints = [`Give the address of releases, as ${RELEASES_URL_DEFAULT}`];
  if (url !== null && (url.username !== "" || url.password !== "")) {
    throw invalidArgument(`${origin} cannot have a password in it`, { hints });
  }
  const refuse = (why: string): never => {
    throw invalidArgument(`${origin} cannot be "${shownUrl(text)}": ${why}`, {
      hints,
    });
  };
  if (url === null) return refuse("it is no address");
  if (url.search !== "" || url.hash !== "") {
    return refuse("it ends with a path at the most");
  }
  if (!mayBeAsked(url)) {
    return refuse("it must be https, or http on this machine");
  }
  return url.href.replace(/\/+$/, "");
}

/**
 * Writes an address without what may be secret in it: what stands before `@`,
 * and what follows `?` or `#`.
 */
export function shownUrl(text: string): string {
  const [, scheme = "", rest = ""] = SCHEME_REGEXP.exec(text) ?? [];
  // Of a password with such a sign in it, either side is a part.
  if (/[?#].*@/s.test(rest)) return `${scheme}…`;
  return scheme + rest.replace(/^.*@/s, "…@").replace(/([?#]).+/s, "$1…");
}

/** Says whether an address may be asked: `https`, or `http` on this machine. */
export function mayBeAsked(url: URL): boolean {
  return url.protocol === "https:" || isOnThisMachine(url);
}

/**
 * Says whether a server may lead from an address to another one: to this
 * machine without `https` only from this machine.
 */
export function mayLeadTo(next: URL, from: URL): boolean {
  return next.protocol === "https:" ||
    (isOnThisMachine(from) && isOnThisMachine(next));
}

function isOnThisMachine({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && LOOPBACK_REGEXP.test(hostname);
}

/** The address of a file of a release; of the latest without a version. */
export function fileUrl(
  base: string,
  file: { readonly name: string; readonly version?: string },
): string {
  return file.version === undefined
    ? `${base}/latest/download/${file.name}`
    : `${base}/download/v${file.version}/${file.name}`;
}
