/**
 * Where a server listens, as people write it.
 *
 * @module
 */

import type { ServeHttpOptions } from "../host/host.ts";
import { invalidArgument } from "../model/error.ts";

/** Where a server listens when nothing is said. */
export const LISTEN_DEFAULT = "127.0.0.1:7234";
/** The port of an address without one. */
const PORT_DEFAULT = 7234;
const PORT_MAX = 65_535;
const UNIX_PREFIX = "unix:";
const LOOPBACK_REGEXP = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i;
const ADDRESS_REGEXP =
  /^(?:\[(?<six>[0-9a-f:.]+)\]|(?<name>[a-z0-9.-]*))(?::(?<port>\d{1,5}))?$/i;

/** Where a server listens. */
export type ListenAddress = ServeHttpOptions["address"];

/**
 * Reads `127.0.0.1:7234`, `[::1]:7234`, `:7234` (all addresses of this
 * machine), a bare port, or `unix:/path`. Port 0 takes one that is free. A word
 * alone is rather a slip than a host.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for anything else.
 */
export function parseListenAddress(
  text: string,
  option: string,
): ListenAddress {
  if (text.startsWith(UNIX_PREFIX)) {
    const path = text.slice(UNIX_PREFIX.length);
    if (path.startsWith("/")) return { kind: "unix", path };
    throw refused(text, option, "the path of a socket is absolute");
  }
  const written = /^\d{1,5}$/.test(text) ? `127.0.0.1:${text}` : text;
  const found = ADDRESS_REGEXP.exec(written)?.groups;
  if (found === undefined || text === "") {
    throw refused(text, option, "it is no address");
  }
  if (/^[a-z][a-z0-9-]*$/i.test(text) && !isLocalName(text)) {
    throw refused(text, option, `the name of a host has a port, ${text}:7234`);
  }
  const port = Number(found.port ?? PORT_DEFAULT);
  if (port > PORT_MAX) {
    throw refused(text, option, `a port is ${PORT_MAX} at the most`);
  }
  const name = found.name === "" ? "0.0.0.0" : found.name;
  return { kind: "tcp", hostname: found.six ?? name ?? "0.0.0.0", port };
}

/** Says whether only this machine can come there. */
export function isLocalAddress(address: ListenAddress): boolean {
  return address.kind === "unix" || isLocalName(address.hostname);
}

/** Says whether a name or an address, without brackets, is this machine's own. */
export function isLocalName(name: string): boolean {
  return LOOPBACK_REGEXP.test(name);
}

function refused(text: string, option: string, why: string): Error {
  return invalidArgument(`Option "${option}" cannot be "${text}": ${why}`, {
    hints: [`Write "${LISTEN_DEFAULT}", "[::1]:7234" or "unix:/PATH"`],
  });
}
