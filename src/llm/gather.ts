/**
 * Gathers a streamed answer into one whole turn.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";
import { type Allowance, isOver } from "./budget.ts";
import { brokenStream } from "./failure.ts";
import type { CallOptions, LanguageModel } from "./model.ts";
import { Draft, type ModelTurn } from "./model_turn.ts";
import type { TurnTokens } from "./price.ts";

/** How long a model may say nothing before its stream counts as broken. */
const MODEL_SILENCE_MS_MAX = 180_000;
/** How long what was heard last counts: a timer for each piece costs more. */
const MODEL_HEARD_MS = 1000;

/** What gathering needs. */
export interface GatherOptions {
  readonly call: CallOptions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onText: (text: string) => void;
  /** What the answer may have: past that it is cut, by an estimate. */
  readonly allowance?: Allowance | undefined;
  /** Takes what an answer used that is thrown away. */
  readonly onLost?: (tokens: TurnTokens) => void;
}

/**
 * Asks once and gathers the answer; throws whatever the provider throws.
 *
 * Tokens that a provider does not count are estimated.
 */
export async function gatherTurn(
  model: LanguageModel,
  options: GatherOptions,
): Promise<ModelTurn> {
  const stop = new AbortController();
  const patience = watchSilence(options.clock, stop);
  const { signal: abortSignal } = stop;
  const unfollow = follow(options.signal, stop);
  const draft = new Draft(options.onText);
  const { allowance } = options;
  let isWhole = false;
  try {
    const asked = model.doStream({ ...options.call, abortSignal });
    const { stream } = await orAborted(asked, abortSignal);
    const reader = stream.getReader();
    // Not waited for: a provider may take its time to let go. What is read of
    // it ends at once, also where it copied its stream and does not hear.
    const leave = (): void => void reader.cancel().catch(() => {});
    abortSignal.addEventListener("abort", leave, { once: true });
    try {
      for (;;) {
        const { done, value } = await reader.read();
        abortSignal.throwIfAborted();
        if (done) break;
        patience.heard();
        draft.add(value);
        if (allowance && isOver(allowance, draft.tokens)) {
          return draft.cut(allowance);
        }
      }
      isWhole = true;
    } finally {
      abortSignal.removeEventListener("abort", leave);
      if (!isWhole) leave();
    }
    return draft.finish(options.call);
  } catch (error) {
    options.signal.throwIfAborted();
    const used = draft.used(options.call);
    if (used !== undefined) options.onLost?.(used);
    if (stop.signal.aborted) throw stop.signal.reason;
    throw error;
  } finally {
    unfollow();
    patience.end();
    // Leaving early must not leave a connection behind.
    if (!isWhole) stop.abort();
  }
}

/**
 * Aborts with a signal, until the returned function is called: a signal of
 * several costs more than all else that a turn waits with.
 */
function follow(signal: AbortSignal, stop: AbortController): () => void {
  const abort = (): void => stop.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return () => signal.removeEventListener("abort", abort);
}

/** Stops waiting when aborted: some providers do not hear of it. */
async function orAborted<T>(
  promise: PromiseLike<T>,
  signal: AbortSignal,
): Promise<T> {
  // Whoever stopped waiting must not hear of a later failure.
  promise.then(undefined, () => {});
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Aborts once nothing was heard for too long. */
function watchSilence(
  clock: Clock,
  stop: AbortController,
): { heard(): void; end(): void } {
  const arm = (): () => void =>
    clock.timer(MODEL_SILENCE_MS_MAX, () => {
      const seconds = MODEL_SILENCE_MS_MAX / 1000;
      stop.abort(brokenStream(`it was silent for ${seconds} s`));
    });
  let disarm = arm();
  let armedMs = clock.monotonic();
  return {
    heard() {
      const nowMs = clock.monotonic();
      if (nowMs - armedMs < MODEL_HEARD_MS) return;
      armedMs = nowMs;
      disarm();
      disarm = arm();
    },
    end: () => disarm(),
  };
}
