/**
 * `fetch` for tool servers by HTTP, which keeps headers with their server.
 *
 * @module
 */

import type { Network } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";

/** Redirects that one request follows at the most. */
const REDIRECTS_MAX = 5;
/**
 * Bytes of one answer at the most, as of one message by standard output; where
 * a server says things of its own accord, of one of those.
 */
const ANSWER_SIZE_BYTES_MAX: number = 64 * 1024 * 1024;
const NEWLINE = 10;
const RETURN = 13;

/**
 * Makes the `fetch` of a tool server: it follows a redirect within the origin,
 * as one that only adds a slash, and refuses any other.
 *
 * A header of the server may be a key; a redirect elsewhere would carry it
 * along.
 */
export function fetchWithinOrigin(
  network: Pick<Network, "fetch">,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init) => {
    let target = new URL(url);
    for (let count = 0; count <= REDIRECTS_MAX; count++) {
      const request = new Request(target, { ...init, redirect: "manual" });
      const response = await network.fetch(request);
      const next = redirectOf(response, target);
      if (next === undefined) {
        return bounded(response, {
          signal: init?.signal ?? undefined,
          // What it says of its own accord goes on for as long as it runs.
          isEndless: request.method === "GET",
        });
      }
      await response.body?.cancel();
      if (next.origin !== target.origin) throw elsewhere(target, next);
      target = next;
    }
    throw new StigmerError(
      "UNAVAILABLE",
      `it redirects more than ${REDIRECTS_MAX} times`,
    );
  };
}

/**
 * The response, whose body fails once it is too long, and ends with the signal.
 * The request's own signal follows that one only until the request is
 * collected, which it may be while the body is read.
 */
function bounded(
  response: Response,
  { signal, isEndless }: {
    readonly signal: AbortSignal | undefined;
    readonly isEndless: boolean;
  },
): Response {
  const { body, status, statusText, headers } = response;
  if (body === null) return response;
  let sizeBytes = 0;
  const hasEventEnd = eventEnds();
  const counted = body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(piece, controller) {
        sizeBytes = isEndless && hasEventEnd(piece)
          ? piece.length
          : sizeBytes + piece.length;
        if (sizeBytes <= ANSWER_SIZE_BYTES_MAX) controller.enqueue(piece);
        else controller.error(tooLong());
      },
    }),
    signal === undefined ? {} : { signal },
  );
  return new Response(counted, { status, statusText, headers });
}

/** Finds the ends of events, which are empty lines, piece by piece. */
function eventEnds(): (piece: Uint8Array) => boolean {
  let isLineEmpty = true;
  return (piece) => {
    let hasEnd = false;
    let start = 0;
    for (
      let end = piece.indexOf(NEWLINE);
      end >= 0;
      end = piece.indexOf(NEWLINE, start)
    ) {
      hasEnd ||= isLineEmpty && isBlank(piece.subarray(start, end));
      isLineEmpty = true;
      start = end + 1;
    }
    isLineEmpty &&= isBlank(piece.subarray(start));
    return hasEnd;
  };
}

function isBlank(line: Uint8Array): boolean {
  return line.length === 0 || (line.length === 1 && line[0] === RETURN);
}

function tooLong(): StigmerError {
  return new StigmerError(
    "RESOURCE_EXHAUSTED",
    `it answered with more than ${ANSWER_SIZE_BYTES_MAX} bytes`,
  );
}

/** Where a response sends the same request; 301 to 303 would change it. */
function redirectOf(response: Response, from: URL): URL | undefined {
  if (response.status !== 307 && response.status !== 308) return undefined;
  const location = response.headers.get("location");
  return location === null ? undefined : URL.parse(location, from) ?? undefined;
}

function elsewhere(from: URL, to: URL): StigmerError {
  return new StigmerError(
    "FAILED_PRECONDITION",
    `"${from.origin}" redirects to "${to.origin}", where its headers must ` +
      "not go, give the server's own address as its url",
  );
}
