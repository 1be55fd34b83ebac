/**
 * Ends streams whose token is revoked or expires while they are open.
 *
 * @module
 */

import type { Access } from "../backend/access.ts";
import type { Caller } from "../backend/caller.ts";
import type { Clock } from "../host/host.ts";
import { endedToken } from "./authenticate.ts";

/** What keeps a stream open. */
export interface Hold {
  /** Aborted with the error once the token is good no more. */
  readonly signal: AbortSignal;
  /** Says that the stream has ended. */
  release(): void;
}

/** The streams that are open. */
export interface Holds extends Disposable {
  hold(caller: Caller): Hold;
}

/** What a stream knows of its call. */
interface Signalled {
  readonly signal: AbortSignal;
}

/** How often the tokens of open streams are looked at. */
const LOOK_MS = 1000;

/**
 * Gives the messages of a stream until it ends, or its token does. It is held
 * from its first message on: nobody would release one that is never read.
 */
export async function* whileHeld<Context extends Signalled, T>(
  begin: () => Hold,
  context: Context,
  open: (context: Context) => AsyncIterable<T>,
): AsyncGenerator<T, void, void> {
  const hold = begin();
  const signal = AbortSignal.any([context.signal, hold.signal]);
  try {
    for await (const message of open({ ...context, signal })) {
      if (hold.signal.aborted) break;
      yield message;
    }
  } catch (error) {
    // What the end of the token brought about is not why it ended.
    if (!hold.signal.aborted) throw error;
  } finally {
    hold.release();
  }
  if (hold.signal.aborted) throw hold.signal.reason;
}

/** Makes the watch over streams that are open. */
export function createHolds(options: {
  readonly clock: Clock;
  readonly access: () => Promise<Access>;
}): Holds {
  const open = new Map<AbortController, Caller>();
  let stop: (() => void) | undefined;
  function schedule(): void {
    if (open.size === 0) return;
    stop ??= options.clock.timer(LOOK_MS, () => {
      stop = undefined;
      void look().finally(schedule);
    });
  }
  async function look(): Promise<void> {
    const access = await options.access();
    const ended = new Set<Caller>();
    try {
      for (const caller of new Set(open.values())) {
        if (!access.isInForce(caller)) ended.add(caller);
      }
    } catch {
      // The database is closed or cannot be read: the next look tells.
    }
    for (const [controller, caller] of open) {
      if (ended.has(caller)) controller.abort(endedToken(caller, "ended"));
    }
  }
  return {
    hold(caller) {
      const controller = new AbortController();
      if (caller.tokenId !== undefined) open.set(controller, caller);
      schedule();
      return {
        signal: controller.signal,
        release() {
          open.delete(controller);
          if (open.size === 0) {
            stop?.();
            stop = undefined;
          }
        },
      };
    },
    [Symbol.dispose]() {
      open.clear();
      stop?.();
      stop = undefined;
    },
  };
}
