/**
 * A wait that does not last forever.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";

/** Waits for work to end, however it ends, but for so long at the most. */
export async function settledWithin(
  clock: Clock,
  { work, timeoutMs }: {
    readonly work: readonly Promise<void>[];
    readonly timeoutMs: number;
  },
): Promise<void> {
  if (work.length === 0) return;
  await new Promise<void>((resolve) => {
    const stop = clock.timer(timeoutMs, resolve);
    void Promise.allSettled(work).then(() => {
      stop();
      resolve();
    });
  });
}
