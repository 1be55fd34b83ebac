/**
 * Where a server is, as people write it.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";

/** Where a server is. */
export interface Endpoint {
  /** As it is shown and kept: `https://api.example.com`, `unix:/run/stigmer/api.sock`. */
  readonly text: string;
  /** What RPC paths are put behind; without a slash at its end. */
  readonly baseUrl: string;
  /** The socket, when it listens on one. */
  readonly unixPath?: string;
}

const UNIX_PREFIX = "unix:";
const LOOPBACK_REGEXP = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/**
 * Reads an endpoint: `https://host[:port][/path]`, `host[:port]`,
 * `http://127.0.0.1:7234` or `unix:/path`. Without a scheme it is `http` on
 * this machine and `https` anywhere else.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for anything else.
 */
export function parseEndpoint(text: string): Endpoint {
  const trimmed = text.trim();
  if (trimmed.startsWith(UNIX_PREFIX)) return unixEndpoint(trimmed);
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)
    ? trimmed
    : `${isLoopback(`https://${trimmed}`) ? "http" : "https"}://${trimmed}`;
  const url = URL.parse(withScheme);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    throw noEndpoint(text, "it is no address");
  }
  if (url.username !== "" || url.password !== "") {
    throw noEndpoint(text, "a token does not belong in it");
  }
  if (url.search !== "" || url.hash !== "") {
    throw noEndpoint(text, "it ends with a path at the most");
  }
  const baseUrl = url.href.replace(/\/+$/, "");
  return { text: baseUrl, baseUrl };
}

/** Says whether an address is of this machine. */
export function isLoopback(baseUrl: string): boolean {
  const url = URL.parse(baseUrl);
  return url !== null && LOOPBACK_REGEXP.test(url.hostname);
}

/** Writes what should be an endpoint without what may be secret in it. */
export function shownEndpoint(text: string): string {
  if (text.trimStart().startsWith(UNIX_PREFIX)) return text;
  return text.replace(/^(\s*\w*:\/\/)?[^]*@/, "$1***@")
    .replace(/\?[^]*$/, "?***");
}

function unixEndpoint(text: string): Endpoint {
  const unixPath = text.slice(UNIX_PREFIX.length).replace(/^\/\/(?=\/)/, "");
  if (!unixPath.startsWith("/")) {
    throw noEndpoint(text, "the path of the socket must be absolute");
  }
  return {
    text: `${UNIX_PREFIX}${unixPath}`,
    // A socket has no host; what stands here goes into the Host header alone.
    // NO_PROXY must not name it: it would lead past the socket.
    baseUrl: "http://[100::]",
    unixPath,
  };
}

function noEndpoint(text: string, why: string): Error {
  return invalidArgument(
    `Cannot use the endpoint "${shownEndpoint(text)}": ${why}`,
    {
      hints: [
        'Write "https://HOST[:PORT]", "http://127.0.0.1:PORT" or "unix:/PATH"',
      ],
    },
  );
}
