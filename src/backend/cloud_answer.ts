/**
 * Tells an answer of a Stigmer server from what proxies, portals and other
 * servers say.
 *
 * @module
 */

import { Code, type ConnectError } from "@connectrpc/connect";
import { connectionError } from "./cloud_errors.ts";

/** The header in which both sides say their release. */
export const VERSION_HEADER = "stigmer-version";

const ANSWER_TYPE_REGEXP = /^application\/(?:connect\+)?(?:proto|json)\b/i;
const RETRY_AFTER = "retry-after";

/** What statuses mean that come without an answer of the contract. */
const MEANINGS: Readonly<
  Record<number, {
    readonly why: string;
    readonly hint: string;
    readonly code?: Code;
    readonly isPassing?: boolean;
  }>
> = {
  401: {
    why: "what stands before it wants a login (HTTP 401)",
    hint: "Log in: stigmer login",
    code: Code.Unauthenticated,
  },
  403: {
    why: "what stands before it refuses (HTTP 403)",
    hint: "Ask who runs the server, or the proxy before it",
    code: Code.PermissionDenied,
  },
  407: {
    why: "the proxy of this machine wants a login (HTTP 407)",
    hint: "Put its user and password into HTTPS_PROXY",
  },
  413: {
    why: "the request is too large for it (HTTP 413)",
    hint: "Send less at once, or raise the bound of the server or its proxy",
    code: Code.ResourceExhausted,
  },
  429: {
    why: "it is called too often (HTTP 429)",
    hint: "Wait and try again",
    code: Code.ResourceExhausted,
    isPassing: true,
  },
  502: {
    why: "the proxy before it does not reach it (HTTP 502)",
    hint: "Check that the server runs, and try again",
    isPassing: true,
  },
  503: {
    why: "it takes no calls now (HTTP 503)",
    hint: "Wait and try again",
    isPassing: true,
  },
  504: {
    why: "the proxy before it gets no answer from it (HTTP 504)",
    hint: "Check that the server runs, and try again",
    isPassing: true,
  },
};

/**
 * Says why a response is none of a Stigmer server; `undefined` when it is
 * one. Its body is not looked at.
 */
export function refusedAnswer(
  endpoint: string,
  response: Response,
): ConnectError | undefined {
  const { status, headers } = response;
  const location = headers.get("location");
  if (status >= 300 && status < 400) return redirected(endpoint, location);
  const type = headers.get("content-type") ?? "";
  if (ANSWER_TYPE_REGEXP.test(type)) return undefined;
  if (headers.has(VERSION_HEADER) && status === 404) {
    return unknownCall(endpoint);
  }
  const meaning = MEANINGS[status];
  const metadata = new Headers();
  const retryAfter = headers.get(RETRY_AFTER);
  if (retryAfter !== null) metadata.set(RETRY_AFTER, retryAfter);
  return connectionError(endpoint, {
    ...meaning ?? noServer(status, type),
    kind: meaning?.isPassing ? "absent" : "fixed",
    cause: undefined,
    metadata,
  });
}

/** A server of Stigmer that has no such path. */
function unknownCall(endpoint: string): ConnectError {
  return connectionError(endpoint, {
    kind: "fixed",
    why: "it does not know this call",
    hint: "Update the server",
    cause: undefined,
    code: Code.Unimplemented,
  });
}

function noServer(
  status: number,
  type: string,
): { readonly why: string; readonly hint: string } {
  const what = type.split(";")[0]?.trim() ?? "";
  const said = what === "" ? `HTTP ${status}` : `${what}, HTTP ${status}`;
  return {
    why: `what answers there is no Stigmer server (${said})`,
    hint: "Check the endpoint, and whether this network wants a login",
  };
}

/** A token is never sent on to where an answer points. */
function redirected(
  endpoint: string,
  location: string | null,
): ConnectError {
  const url = location === null ? null : URL.parse(location, endpoint);
  const where = url === null ? "" : ` to "${url.origin}"`;
  return connectionError(endpoint, {
    kind: "fixed",
    why: `it sends callers on${where}`,
    hint: url === null
      ? "Check the endpoint"
      : `If you trust it, use that endpoint: --endpoint ${url.origin}`,
    cause: undefined,
  });
}
