/**
 * Ends watches that are old. Who vanished without a word and is sent nothing
 * would have its place for ever: so a watch ends after a while, and who is
 * there begins another where it was.
 *
 * @module
 */

import type { ConnectError } from "@connectrpc/connect";
import { toConnectError } from "../backend/errors.ts";
import type { Clock } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";

/** How old a watch may become, and the clock for it. */
export interface StreamAge {
  readonly clock: Pick<Clock, "timer">;
  readonly ms: number;
}

/** Gives the messages of a stream until it ends, or is too old. */
export async function* whileYoung<
  Context extends { readonly signal: AbortSignal },
  T,
>(
  { clock, ms }: StreamAge,
  context: Context,
  open: (context: Context) => AsyncIterable<T>,
): AsyncGenerator<T, void, void> {
  const old = new AbortController();
  const stop = clock.timer(ms, () => old.abort(oldStreamError()));
  const signal = AbortSignal.any([context.signal, old.signal]);
  try {
    yield* open({ ...context, signal });
  } finally {
    stop();
  }
}

/** Tells a client that nothing is wrong: it may come again at once. */
function oldStreamError(): ConnectError {
  const error = toConnectError(
    new StigmerError("UNAVAILABLE", "The watch is old: begin another one", {
      hints: ["Watch again after the last event that came"],
    }),
  );
  error.metadata.set("retry-after", "0");
  return error;
}
