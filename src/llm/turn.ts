/**
 * One turn of a model: asked, streamed and, where it helps, asked again.
 *
 * @module
 */

import type { Clock, Random } from "../host/host.ts";
import type { Failure } from "../model/failure.ts";
import {
  type Allowance,
  allowanceOf,
  narrowed,
  type TurnBudget,
  unaskedTurn,
} from "./budget.ts";
import type { ModelFacts } from "./facts.ts";
import { gatherTurn } from "./gather.ts";
import { type ModelFailure, modelFailure } from "./failure.ts";
import { budgetAfter, type Loss, lossOf, NO_LOSS, sumLoss } from "./loss.ts";
import type { CallOptions, OpenedModel } from "./model.ts";
import type { ModelTurn } from "./model_turn.ts";
import type { TurnTokens } from "./price.ts";

/** How often a turn is tried at the most. */
export const MODEL_ATTEMPTS_MAX = 5;
/** Wait before the second attempt; it doubles from there. */
const MODEL_BACKOFF_MS = 500;
/** Wait between two attempts at the most, when the provider does not say. */
const MODEL_BACKOFF_MS_MAX = 20_000;
/** The longest wait that a provider may ask for; past it the turn fails. */
const MODEL_RETRY_AFTER_MS_MAX = 60_000;

/** What a turn needs besides the model. */
export interface TurnOptions {
  readonly call: CallOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Takes each piece of text as it comes. */
  readonly onText: (text: string) => void;
  /** Takes a line about a retry. */
  readonly onNotice: (text: string) => void;
  /** Hides what no failure may show. */
  readonly hide?: ((text: string) => string) | undefined;
  /** What all its attempts may use; absent where that is not bounded. */
  readonly budget?: TurnBudget | undefined;
  /** What is known of the model. */
  readonly facts?: ModelFacts;
}

/** How a turn ends. */
export type TurnOutcome =
  | { readonly kind: "turn"; readonly turn: ModelTurn; readonly loss: Loss }
  | {
    readonly kind: "failed";
    readonly loss: Loss;
    readonly failure: Failure;
    /** Whether another model may do better. */
    readonly elsewhere: boolean;
  };

/**
 * Asks a model for one turn.
 *
 * Overload, rate limits, lost connections and broken streams are tried again;
 * an abort is thrown at once. A question that the budget leaves no answer for
 * is not asked, nor asked again once answers that broke off have used it up.
 */
export async function runTurn(
  opened: OpenedModel,
  options: TurnOptions,
): Promise<TurnOutcome> {
  const { call, facts = {}, hide = (text) => text } = options;
  let loss = NO_LOSS;
  const onLost = (tokens: TurnTokens): void => {
    loss = sumLoss(loss, lossOf(tokens, facts));
  };
  for (let attempt = 1;; attempt++) {
    const budget = budgetAfter(options.budget, loss);
    const allowance = allowanceOf(call, { budget, facts });
    if (allowance?.outputTokensMax === 0) {
      return { kind: "turn", turn: unaskedTurn(allowance), loss };
    }
    try {
      const turn = await gatherWithin(opened, {
        ...options,
        allowance,
        onLost,
      });
      return { kind: "turn", turn, loss };
    } catch (error) {
      options.signal.throwIfAborted();
      const failed = modelFailure(error, {
        model: opened.name,
        nowMs: options.clock.now(),
        hide: (text) => hide(opened.hide?.(text) ?? text),
      });
      const waitMs = waitOf(failed, attempt, options.random);
      if (waitMs === undefined) return { ...giveUp(failed, attempt), loss };
      options.onNotice(
        `${failed.failure.detail}; attempt ${attempt + 1} of ` +
          `${MODEL_ATTEMPTS_MAX} in ${(waitMs / 1000).toFixed(1)} s\n`,
      );
      await options.clock.sleep(waitMs, options.signal);
    }
  }
}

/** Asks once, for no more than the allowance. */
async function gatherWithin(
  { model }: OpenedModel,
  options: TurnOptions & {
    readonly allowance: Allowance | undefined;
    readonly onLost: (tokens: TurnTokens) => void;
  },
): Promise<ModelTurn> {
  const { allowance, facts = {} } = options;
  if (allowance === undefined) return await gatherTurn(model, options);
  const { call, isNarrowed } = narrowed(options.call, { allowance, facts });
  const turn = await gatherTurn(model, { ...options, call });
  return turn.finishReason === "length" && isNarrowed
    ? { ...turn, cutBy: allowance.part }
    : turn;
}

/** Says how long to wait, or `undefined` when not to try again. */
function waitOf(
  failed: ModelFailure,
  attempt: number,
  random: Random,
): number | undefined {
  if (!failed.retryable || attempt >= MODEL_ATTEMPTS_MAX) return undefined;
  const { retryAfterMs } = failed;
  // Asked for no wait, all tries would be used up at once.
  if (retryAfterMs !== undefined && retryAfterMs > 0) {
    return retryAfterMs <= MODEL_RETRY_AFTER_MS_MAX ? retryAfterMs : undefined;
  }
  const fullMs = Math.min(
    MODEL_BACKOFF_MS * 2 ** (attempt - 1),
    MODEL_BACKOFF_MS_MAX,
  );
  // Half of it at random keeps many runs from coming back at once.
  return fullMs / 2 + random.fraction() * fullMs / 2;
}

function giveUp(
  failed: ModelFailure,
  attempt: number,
): Omit<Extract<TurnOutcome, { kind: "failed" }>, "loss"> {
  const { failure, retryAfterMs = 0, elsewhere } = failed;
  const asked = retryAfterMs > MODEL_RETRY_AFTER_MS_MAX
    ? `; it asks to wait ${Math.ceil(retryAfterMs / 1000)} s`
    : "";
  const tried = attempt > 1 ? ` (${attempt} attempts)` : "";
  return {
    kind: "failed",
    elsewhere,
    failure: { ...failure, detail: `${failure.detail}${tried}${asked}` },
  };
}
