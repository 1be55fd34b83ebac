/**
 * How an agent fails by itself: by a limit, or by an answer that is none.
 *
 * @module
 */

import { type Failure, failureOf } from "../model/failure.ts";
import type { AgentPlan } from "./plan.ts";

/** The type of a failure by a limit that is not the time. */
export const LIMIT_TYPE = "https://stigmer.ai/errors/limit";

/** Which limit was reached. */
type LimitKind = "turns" | "tool calls" | "timeout";

/** Makes the failure of an execution that reached a limit. */
export function limitReached(
  plan: AgentPlan,
  kind: LimitKind,
  count = 0,
): Failure {
  const { limits, name } = plan;
  switch (kind) {
    case "turns":
      return limitFailure(
        `Agent "${name}" gave no answer within ${limits.maxTurns} model ` +
          "turns, raise spec.limits.maxTurns",
      );
    case "tool calls":
      return limitFailure(
        `Agent "${name}" asked for ${count} tool calls in one turn, at most ` +
          `${limits.maxToolCallsPerTurn} are allowed, raise ` +
          "spec.limits.maxToolCallsPerTurn",
      );
    case "timeout":
      return failureOf(
        "timeout",
        `Agent "${name}" gave no answer within ${limits.timeoutMs / 1000} s, ` +
          "raise spec.limits.timeout",
      );
  }
}

function limitFailure(detail: string): Failure {
  return {
    type: LIMIT_TYPE,
    status: 429,
    title: "Limit reached",
    detail,
    instance: "",
  };
}

/** Makes the failure of an answer that ran out of output tokens. */
export function answerCut(plan: AgentPlan): Failure {
  return failureOf(
    "runtime",
    `The answer of agent "${plan.name}" was cut off at the model's limit of ` +
      "output tokens, raise spec.model.maxOutputTokens",
  );
}

/** Makes the failure of an answer that the provider held back. */
export function answerFiltered(plan: AgentPlan): Failure {
  return failureOf(
    "runtime",
    `The answer of agent "${plan.name}" was held back by the provider's ` +
      "content filter",
  );
}

/** Makes the failure of an answer that does not fit its schema. */
export function answerMisfits(
  plan: AgentPlan,
  problem: string,
  asked: number,
): Failure {
  return failureOf(
    "validation",
    `The answer of agent "${plan.name}" does not fit its output schema after ` +
      `${asked} ${asked === 1 ? "answer" : "answers"}: ${problem}`,
  );
}

/** Makes the failure of an output schema that cannot be used. */
export function schemaUnusable(plan: AgentPlan, problem: string): Failure {
  return failureOf(
    "configuration",
    `The output schema of agent "${plan.name}" cannot be used: ${problem}`,
  );
}
