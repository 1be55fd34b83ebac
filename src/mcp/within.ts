/**
 * Waits for something, but not for ever.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";

/** Waits for a promise, but not longer than that; says whether it came. */
export async function within(
  clock: Clock,
  promise: Promise<unknown>,
  delayMs: number,
): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const stop = clock.timer(delayMs, () => resolve(false));
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    stop();
  }
}
