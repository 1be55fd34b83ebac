/**
 * What one turn may use: its question is weighed before it is asked, and its
 * answer is bounded by what is left.
 *
 * Providers count tokens only when a turn is over; until then they are
 * estimated.
 *
 * @module
 */

import type { ModelFacts } from "./facts.ts";
import { type Asked, tokensAsked } from "./estimate.ts";
import type { ModelTurn } from "./model_turn.ts";
import type { CallOptions } from "./model.ts";
import { costOf, priceFor } from "./price.ts";

/** What is left to a run, and so to its next turn. */
export interface TurnBudget {
  /** Tokens of the question and the answer. */
  readonly maxTokens?: number;
  readonly maxCostUsd?: number;
  /** Tokens of the question that the model's cache is likely to hold. */
  readonly cachedTokens?: number;
}

/** What a turn may be out of. */
export type BudgetPart = "tokens" | "cost";

/** What of a budget is left for an answer. */
export interface Allowance {
  /** Tokens that the question has, estimated. */
  readonly inputTokens: number;
  /** Those of them that are likely to come out of the model's cache. */
  readonly cachedTokens: number;
  /** What the question costs, estimated; absent when no price is known. */
  readonly inputUsd?: number;
  /** Tokens that the answer may have. */
  readonly outputTokensMax: number;
  /** What ends first. */
  readonly part: BudgetPart;
}

/** By how much a text may be larger or smaller than it is estimated. */
const ESTIMATE_SLACK = 1.25;
/** With less room than this a conversation is too long: its provider says so. */
const ROOM_TOKENS_MIN = 1024;
/** Fewer output tokens cannot be asked for: a provider refuses them. */
const OUTPUT_TOKENS_MIN = 16;
/**
 * What an answer of a model that nothing is known of may have without a word:
 * more is refused by some endpoints when it is asked for.
 */
const OUTPUT_TOKENS_UNKNOWN = 8192;

/**
 * Says what of the budget is left for the answer, or `undefined` when it is
 * not bounded. An answer that may have none is not worth its question.
 */
export function allowanceOf(
  asked: Asked,
  { budget, facts }: {
    readonly budget: TurnBudget | undefined;
    readonly facts: ModelFacts;
  },
): Allowance | undefined {
  const { maxTokens, maxCostUsd } = budget ?? {};
  if (maxTokens === undefined && maxCostUsd === undefined) return undefined;
  const inputTokens = tokensAsked(asked);
  const cachedTokens = Math.min(budget?.cachedTokens ?? 0, inputTokens);
  const inputUsd = costOf(
    { inputTokens, cacheReadTokens: cachedTokens, outputTokens: 0 },
    facts,
  );
  const byTokens = maxTokens === undefined ? Infinity : maxTokens - inputTokens;
  const byCost = maxCostUsd === undefined || inputUsd === undefined
    ? Infinity
    : affordable(maxCostUsd - inputUsd, { inputTokens, facts });
  const least = Math.min(byTokens, byCost);
  if (least === Infinity) return undefined;
  return {
    inputTokens,
    cachedTokens,
    ...(inputUsd === undefined ? {} : { inputUsd }),
    outputTokensMax: least < OUTPUT_TOKENS_MIN ? 0 : Math.floor(least),
    part: byTokens <= byCost ? "tokens" : "cost",
  };
}

/**
 * Says whether an answer is longer than is allowed beyond doubt: one that is
 * only estimated so is ended by its provider, which counts.
 */
export function isOver(
  { outputTokensMax }: Allowance,
  estimatedTokens: number,
): boolean {
  return estimatedTokens > outputTokensMax * ESTIMATE_SLACK;
}

/** How many tokens of an answer can be paid after the question is. */
function affordable(
  leftUsd: number,
  { inputTokens, facts }: {
    readonly inputTokens: number;
    readonly facts: ModelFacts;
  },
): number {
  const { output } = priceFor(facts, inputTokens) ?? { output: 0 };
  if (leftUsd < 0) return 0;
  return output === 0 ? Infinity : leftUsd * 1_000_000 / output;
}

/** Asks for no more output than is allowed; says whether that changed it. */
export function narrowed(
  call: CallOptions,
  { allowance, facts }: {
    readonly allowance: Allowance;
    readonly facts: ModelFacts;
  },
): { readonly call: CallOptions; readonly isNarrowed: boolean } {
  const { outputTokensMax } = allowance;
  const own = call.maxOutputTokens ?? facts.maxOutputTokens ??
    OUTPUT_TOKENS_UNKNOWN;
  return own <= outputTokensMax
    ? { call, isNarrowed: false }
    : { call: { ...call, maxOutputTokens: outputTokensMax }, isNarrowed: true };
}

/**
 * Asks for no more output than the model gives, which may stand in for one
 * that gives more, and than has room beside the question: some providers refuse
 * a question whose longest answer would not fit as well.
 */
export function withinWindow(
  call: CallOptions,
  facts: ModelFacts,
): CallOptions {
  const { contextWindow, maxOutputTokens = Infinity } = facts;
  const own = Math.min(call.maxOutputTokens ?? Infinity, maxOutputTokens);
  if (own === Infinity) return call;
  const bounded = call.maxOutputTokens === undefined
    ? call
    : { ...call, maxOutputTokens: own };
  if (contextWindow === undefined) return bounded;
  // An estimate may be short of what is counted.
  const asked = Math.ceil(tokensAsked(call) * ESTIMATE_SLACK);
  const room = contextWindow - asked;
  return room >= own || room < ROOM_TOKENS_MIN
    ? bounded
    : { ...call, maxOutputTokens: room };
}

/** The turn of a question that is not asked, because there is nothing left. */
export function unaskedTurn(
  { part, inputTokens, inputUsd }: Allowance,
): ModelTurn {
  return {
    content: [],
    text: "",
    toolCalls: [],
    finishReason: "length",
    inputTokens: 0,
    outputTokens: 0,
    cutBy: part,
    unaskedTokens: inputTokens,
    ...(inputUsd === undefined ? {} : { unaskedCostUsd: inputUsd }),
  };
}
