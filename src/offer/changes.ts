/**
 * Tells when the tools are others than before.
 *
 * The contract has no such news, so it is looked for them from time to time,
 * as long as somebody wants to know.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";

/** Tells of changes. */
export interface ChangeFeed {
  /** Calls back at each change until the returned function is called. */
  subscribe(callback: () => void): () => void;
}

/** Makes the feed of what a look finds, as a text that is the same if it is. */
export function createChangeFeed(
  clock: Clock,
  { look, pollMs }: {
    readonly look: (signal: AbortSignal) => Promise<string>;
    readonly pollMs: number;
  },
): ChangeFeed {
  const callbacks = new Set<() => void>();
  let stop: AbortController | undefined;
  const run = async (signal: AbortSignal): Promise<void> => {
    let before: string | undefined;
    while (!signal.aborted) {
      // A backend that cannot be reached now is asked again.
      const now = await look(signal).catch(() => before);
      if (signal.aborted) return;
      if (before !== undefined && now !== before) {
        for (const callback of callbacks) callback();
      }
      before = now;
      await clock.sleep(pollMs, signal).catch(() => {});
    }
  };
  return {
    subscribe(callback) {
      callbacks.add(callback);
      if (stop === undefined) {
        stop = new AbortController();
        void run(stop.signal);
      }
      return () => {
        callbacks.delete(callback);
        if (callbacks.size > 0) return;
        stop?.abort();
        stop = undefined;
      };
    },
  };
}
