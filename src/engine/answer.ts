/**
 * What a person answers, against what was asked.
 *
 * @module
 */

import type { HumanRequest } from "../model/durable.ts";
import type { Json } from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import { schemaProblem } from "../workflow/json_schema.ts";

/** What a person gave; what is absent was not given. */
export interface Answer {
  readonly outcome?: string;
  readonly data?: Json;
}

/** Why an answer is not taken, and what would be. */
export interface AnswerProblem {
  readonly reason: string;
  readonly hint?: string;
}

/** Says what is wrong with an answer, or `undefined` when it fits. */
export function answerProblem(
  asked: HumanRequest,
  answer: Answer,
): AnswerProblem | undefined {
  return outcomeProblem(asked, answer) ?? dataProblem(asked, answer);
}

function outcomeProblem(
  { outcomes, schema }: HumanRequest,
  { outcome, data }: Answer,
): AnswerProblem | undefined {
  const choices = outcomes.map((it) => `"${it}"`).join(", ");
  if (outcome === undefined) {
    if (outcomes.length > 0) {
      return { reason: `it needs an outcome, one of ${choices}` };
    }
    return data === undefined && schema === undefined
      ? { reason: "it says nothing, give an outcome or data" }
      : undefined;
  }
  if (outcomes.length === 0 || outcomes.includes(outcome)) return undefined;
  return {
    reason: `"${outcome}" is not an outcome of it, choose one of ${choices}`,
    ...didYouMean(outcome, outcomes),
  };
}

function dataProblem(
  { schema }: HumanRequest,
  { data }: Answer,
): AnswerProblem | undefined {
  if (schema === undefined) return undefined;
  const problem = schemaProblem(schema, data ?? null);
  if (problem === undefined) return undefined;
  const hint = `The data must fit ${JSON.stringify(schema)}`;
  return data === undefined
    ? { reason: "it needs data", hint }
    // The library's sentences end with a period, ours do not.
    : { reason: `the data does not fit: ${problem.replace(/\.$/, "")}`, hint };
}
