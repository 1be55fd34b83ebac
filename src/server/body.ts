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
  options: {
    readonly clock: Pick<Clock, "monotonic" | "timer">;
    readonly limits: Pick<ServerLimits, "bodyIdleMs" | "bodyMs">;
  },
): AsyncGenerator<Uint8Array, void, void> {
  const { clock, limits } = options;
  const endMs = clock.monotonic() + limits.bodyMs;
  const pieces = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const leftMs = endMs - clock.monotonic();
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

function within<T>(
  clock: Pick<Clock, "timer">,
  waitMs: number,
  arriving: Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = clock.timer(Math.max(0, waitMs), () => reject(late()));
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
