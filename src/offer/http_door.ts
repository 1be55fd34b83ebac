/**
 * Who may come in over HTTP: no web page of elsewhere, nobody without the
 * token where there is one.
 *
 * A name that an attacker made to lead to this machine stands in `Host`, and
 * a page's own in `Origin`: that is how DNS rebinding is told.
 *
 * @module
 */

import type { ServeHttpOptions } from "../host/host.ts";
import { invalidArgument } from "../model/error.ts";
import { sha256Hex } from "../model/sha256.ts";

/** Where it is served. */
export const MCP_PATH = "/mcp";
const LOCAL_NAME_REGEXP = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i;
const FORBIDDEN_CODE = -32000;

/** Looks at requests before anything of them is read. */
export interface Door {
  /** Refuses a request, or lets it in. */
  refuse(request: Request): Response | undefined;
}

/**
 * Makes the door of an address.
 *
 * @throws {StigmerError} INVALID_ARGUMENT when others than this machine could
 * come in without a token.
 */
export function openDoor(
  { address, token }: {
    readonly address: ServeHttpOptions["address"];
    readonly token?: string;
  },
): Door {
  const isLocal = address.kind === "unix" || isLocalName(address.hostname);
  if (!isLocal && token === undefined) {
    throw invalidArgument(
      "Cannot serve beyond this machine without a token: anyone could run " +
        "what is offered",
      {
        hints: [
          "Give a token with --token-file FILE or in STIGMER_MCP_TOKEN",
          "Serve this machine alone: --http 127.0.0.1:7235",
        ],
      },
    );
  }
  const expected = token === undefined ? undefined : hashOf(token);
  return {
    refuse(request) {
      if (new URL(request.url).pathname !== MCP_PATH) {
        return refusal(404, `Nothing is served here but ${MCP_PATH}`);
      }
      const detour = address.kind === "unix"
        ? undefined
        : detourOf(request.headers, { isLocal });
      if (detour !== undefined) return refusal(403, detour);
      if (expected === undefined) return undefined;
      return refuseToken(request.headers, expected);
    },
  };
}

function detourOf(
  headers: Headers,
  { isLocal }: { readonly isLocal: boolean },
): string | undefined {
  const host = nameOf(headers.get("host") ?? "");
  if (isLocal && !isLocalName(host)) {
    return `Host "${host}" is not of this machine`;
  }
  const origin = headers.get("origin");
  if (origin === null) return undefined;
  const from = URL.parse(origin)?.hostname.replace(/^\[(.*)\]$/, "$1") ?? "";
  return isLocalName(from) || (!isLocal && from === host)
    ? undefined
    : `Web pages of "${origin}" may not call it`;
}

function refuseToken(headers: Headers, expected: string): Response | undefined {
  const [, given] =
    /^bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "") ?? [];
  if (given === undefined) {
    const needed = "A token is needed: Authorization: Bearer TOKEN";
    return refusal(401, needed, { "www-authenticate": "Bearer" });
  }
  // How long it takes to compare two hashes tells nothing of the token.
  if (hashOf(given) === expected) return undefined;
  return refusal(401, "The token is not that of this server", {
    "www-authenticate": 'Bearer error="invalid_token"',
  });
}

function hashOf(token: string): string {
  return sha256Hex(new TextEncoder().encode(token));
}

function isLocalName(name: string): boolean {
  return LOCAL_NAME_REGEXP.test(name);
}

/** The name in `Host`, without its port. */
function nameOf(host: string): string {
  return host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
}

/** Refuses in the form in which clients read errors. */
export function refusal(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const error = { code: FORBIDDEN_CODE, message };
  return Response.json({ jsonrpc: "2.0", id: null, error }, {
    status,
    headers: { ...headers },
  });
}
