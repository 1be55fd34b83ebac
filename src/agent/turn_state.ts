/**
 * A turn of a run as far as it has come, told by the journal.
 *
 * @module
 */

import type { Failure } from "../model/failure.ts";
import type { Answer } from "./answer.ts";
import type { CallResult } from "./call_result.ts";
import type { PastTurn } from "./conversation.ts";
import type { WeighedCalls } from "./spending.ts";
import type { TurnOutput } from "./turn.ts";

/** A turn as far as it has come. */
export interface Turn {
  readonly number: number;
  output?: TurnOutput;
  /** Whether its answer fits; only of a turn that calls no tool. */
  answer?: Answer;
  failure?: Failure | undefined;
  readonly results: Map<string, CallResult>;
  /** Its calls, held against those of the turns before it. */
  weighed: WeighedCalls;
}

/** How much of a question the cache holds for the next one. */
export function cachedOf(output: TurnOutput | undefined): number {
  const { cacheReadTokens = 0, cacheWriteTokens = 0 } = output ?? {};
  return cacheReadTokens + cacheWriteTokens;
}

/** Tells a turn that has an answer, as the next one is asked with it. */
export function pastTurn(
  { number, results, answer }: Turn,
  output: TurnOutput,
): PastTurn {
  return answer?.kind === "misfits"
    ? { number, output, results, problem: answer.problem }
    : { number, output, results };
}
