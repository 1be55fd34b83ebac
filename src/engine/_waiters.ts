/**
 * Those who wait for something to hold, asked again whenever it may.
 *
 * @module
 */

/** Who waits on one worker. */
export interface Waiters {
  /** Resolves once something holds, or once aborted. */
  until(holds: () => boolean, signal: AbortSignal): Promise<void>;
  /** Asks each of them whether it holds now. */
  ask(): void;
}

/** Makes the waiters of a worker: none yet. */
export function newWaiters(): Waiters {
  const looks = new Set<() => void>();
  return {
    until: (holds, signal) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!signal.aborted && !holds()) return;
          signal.removeEventListener("abort", look);
          looks.delete(look);
          resolve();
        };
        signal.addEventListener("abort", look, { once: true });
        looks.add(look);
      }),
    ask() {
      for (const look of [...looks]) look();
    },
  };
}
