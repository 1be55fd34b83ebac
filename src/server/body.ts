/**
 * Reads a request no longer than it may take to come: who sends a byte now and
 * then must not hold a call open for ever.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";
import { toConnectError } from "../backend/errors.ts";
import { StigmerError } from "../model/error.ts";
import type { ServerLimits } from "./limits.ts";

/**
 * The pieces of a body, until one is late or all of it takes too long.
 *
 * @throws {ConnectError} DEADLINE_EXCEEDED then, while it is read.
 */
export async function* timelyBody(
  body: AsyncIterable<Uint8Array>,
  options: BodyOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const { clock, limits } = options;
  const endMs = clock.monotonic() + limits.bodyMs;
  const pieces = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const leftMs = endMs - clock.monotonic();
      if (leftMs <= 0) throw late();
      const waitMs = Math.min(limits.bodyIdleMs, leftMs);
      const next = await within(clock, waitMs, pieces.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: who does not send may not listen either.
    pieces.return?.().catch(() => {});
  }
}

/** Bytes of a request that is read in one go. */
export const SMALL_BYTES_MAX: number = 64 * 1024;

/** How long a request may take, and the clock for it. */
export interface BodyOptions {
  readonly clock: Pick<Clock, "monotonic" | "timer">;
  readonly limits: Pick<ServerLimits, "bodyIdleMs" | "bodyMs">;
}

/** The body of a request in time; nothing is read before it is asked for. */
export function bodyOf(
  request: Request,
  options: BodyOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const { body, headers } = request;
  if (body === null) return nothing();
  const length = headers.get("content-length");
  return length !== null && Number(length) <= SMALL_BYTES_MAX
    ? smallBody(request, options)
    : timelyBody(body, options);
}

async function* nothing(): AsyncGenerator<Uint8Array, void, void> {}

/** What is small is there at once, mostly: a stream of it costs more. */
async function* smallBody(
  request: Request,
  options: BodyOptions,
): AsyncGenerator<Uint8Array, void, void> {
  yield await smallBytes(request, options);
}

/**
 * The whole of a small body.
 *
 * @throws {ConnectError} DEADLINE_EXCEEDED when it comes too slowly.
 */
export function smallBytes(
  request: Request,
  { clock, limits }: BodyOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  return within(clock, limits.bodyIdleMs, request.bytes());
}

/** Pieces as one. */
export function joined(
  pieces: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const size = pieces.reduce((sum, it) => sum + it.length, 0);
  const all = new Uint8Array(size);
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  return all;
}

function within<T>(
  clock: Pick<Clock, "timer">,
  waitMs: number,
  arriving: Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = clock.timer(waitMs, () => reject(late()));
    arriving.then(resolve, reject).finally(stop);
  });
}

function late(): Error {
  return toConnectError(
    new StigmerError(
      "DEADLINE_EXCEEDED",
      "Cannot read the request: it comes too slowly",
    ),
  );
}
