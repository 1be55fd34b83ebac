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
/** All that leads to this machine, in the one form that URLs give it. */
const THIS_MACHINE =
  /^(?:(?:.*\.)?localhost\.?|(?:127|0)(?:\.\d{1,3}){3}|\[::1?\]|\[::ffff:(?:7f[\da-f]{2}|0):[\da-f]{1,4}\])$/;

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
      const ending = AbortSignal.any([signal, late.signal]);
      const request = new Request(target, {
        ...init,
        redirect: "manual",
        signal: ending,
      });
      const response = await network.fetch(request);
      return await whole(response, { from: target, signal: ending });
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
  const isHere = THIS_MACHINE.test(url.hostname);
  const isServerHere = THIS_MACHINE.test(URL.parse(server)?.hostname ?? "");
  if (isHere && !isServerHere) {
    throw failedPrecondition(
      `it sends to "${url.origin}" on this machine, where it has no business`,
    );
  }
  if (isSafe(url)) return url;
  throw failedPrecondition(
    `it sends to "${url.protocol}//${url.host}", which is not over TLS`,
  );
}

/** Whether what is sent to an address can be read by nobody on the way. */
export function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === "https:" ||
    (protocol === "http:" && LOOPBACK.test(hostname));
}

/**
 * The response with its body read, whose size is bounded. The request's own
 * signal follows that one only until the request is collected, which it may be
 * while the body is read.
 */
async function whole(
  response: Response,
  { from, signal }: { readonly from: URL; readonly signal: AbortSignal },
): Promise<Response> {
  const { body, status, statusText, headers } = response;
  if (body === null) return response;
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let sizeBytes = 0;
  const read = body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>(),
    { signal },
  );
  for await (const piece of read) {
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
