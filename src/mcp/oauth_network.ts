/**
 * Calls to those who give tokens: over TLS or on this machine, bounded in
 * size and time, and to nowhere else than they were sent.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { failedPrecondition, StigmerError } from "../model/error.ts";

/** How long an authority may take to answer. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Bytes of its answer at the most. */
const ANSWER_SIZE_BYTES_MAX = 256 * 1024;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** A `fetch` that keeps to the rules. */
export type OAuthFetch = (
  url: string | URL,
  init?: RequestInit,
) => Promise<Response>;

/**
 * Makes the `fetch` for what goes to the authority of a server. It follows no
 * redirect: a code or a secret is not to go elsewhere.
 *
 * @param server The address of the server: only one of this machine has its
 * authority here, too.
 */
export function authorityFetch(
  { clock, network }: Pick<Host, "clock" | "network">,
  { server, signal }: { readonly server: string; readonly signal: AbortSignal },
): OAuthFetch {
  return async (url, init) => {
    const target = checkedAddress(String(url), server);
    signal.throwIfAborted();
    const late = new AbortController();
    const stop = clock.timer(ANSWER_TIMEOUT_MS, () => late.abort(tooLate()));
    try {
      const request = new Request(target, {
        ...init,
        redirect: "manual",
        signal: AbortSignal.any([signal, late.signal]),
      });
      const response = await network.fetch(request);
      return await whole(response, target);
    } finally {
      stop();
    }
  };

  function tooLate(): StigmerError {
    return new StigmerError(
      "DEADLINE_EXCEEDED",
      `there was no answer within ${ANSWER_TIMEOUT_MS / 1000} s`,
    );
  }
}

/**
 * Checks an address that a server or its authority gave.
 *
 * @throws {StigmerError} FAILED_PRECONDITION for one that is neither `https`
 * nor, where the server is of this machine, on it.
 */
export function checkedAddress(text: string, server: string): URL {
  const url = URL.parse(text);
  if (url === null) throw failedPrecondition(`"${text}" is no address`);
  if (url.username !== "" || url.password !== "") {
    throw failedPrecondition(
      `address "${url.host}" holds a user or a password`,
    );
  }
  const isHere = LOOPBACK.test(url.hostname);
  const isServerHere = LOOPBACK.test(URL.parse(server)?.hostname ?? "");
  if (isHere && !isServerHere) {
    throw failedPrecondition(
      `it sends to "${url.origin}" on this machine, where it has no business`,
    );
  }
  const isSafe = url.protocol === "https:" ||
    (isHere && url.protocol === "http:");
  if (isSafe) return url;
  throw failedPrecondition(
    `it sends to "${url.protocol}//${url.host}", which is not over TLS`,
  );
}

/** The response with its body read, whose size is bounded. */
async function whole(response: Response, from: URL): Promise<Response> {
  const { body, status, statusText, headers } = response;
  if (body === null) return response;
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let sizeBytes = 0;
  for await (const piece of body) {
    sizeBytes += piece.length;
    if (sizeBytes > ANSWER_SIZE_BYTES_MAX) {
      throw new StigmerError(
        "RESOURCE_EXHAUSTED",
        `"${from.origin}" answered with more than ${ANSWER_SIZE_BYTES_MAX} bytes`,
      );
    }
    pieces.push(piece);
  }
  // Those with no body cannot be made with one.
  const isEmpty = [101, 204, 205, 304].includes(status);
  const content = isEmpty ? null : new Blob(pieces);
  return new Response(content, { status, statusText, headers });
}
