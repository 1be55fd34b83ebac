/**
 * The order of calls: a model may ask for several at once, as for three edits
 * of one file, and each must begin with what the one before it left.
 *
 * @module
 */

/** How a call takes its turn. */
export interface TurnOptions {
  /** Whether those after it wait for it. */
  readonly holds: boolean;
  readonly signal: AbortSignal;
}

/** Lets calls wait for those before them. */
export interface Turns {
  /**
   * Does work once all is over that was to be waited for when it was called.
   *
   * @throws The signal's reason when it is aborted before the work begins.
   */
  take<T>(work: () => Promise<T>, options: TurnOptions): Promise<T>;
}

/** Makes an order of calls. */
export function createTurns(): Turns {
  let held: Promise<void> = Promise.resolve();
  return {
    take(work, { holds, signal }) {
      const before = held;
      const made = waitedFor(before, signal).then(work);
      // Who gives up waiting lets nobody pass those that were there before.
      if (holds) {
        held = Promise.allSettled([before, made]).then(() => undefined);
      }
      return made;
    },
  };
}

async function waitedFor(
  before: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([before, promise]);
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
