/**
 * Steps of a durable function: their effect, and what is done when it fails.
 *
 * @module
 */

import type { Activity, Command, JournalEvent } from "../model/durable.ts";
import { invalidArgument } from "../model/error.ts";
import { type Failure, failureToJson } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { Scope } from "./_scope.ts";
import type { RetryOptions, StepContext, StepOptions } from "./context.ts";
import { durationMsOf } from "./duration.ts";
import { failureOfError, isRetryable, recorded } from "./step_error.ts";

const RETRY_DELAY_MS = 1000;
const RETRY_DELAY_MS_MAX = 60 * 60 * 1000;

/** Asks for a step. */
export function askStep(
  scope: Scope,
  { name, run, how }: {
    readonly name: string;
    readonly run: (step: StepContext) => unknown;
    readonly how: StepOptions;
  },
): Promise<Json | undefined> {
  const retry = retryOf(how.retry);
  const timeoutMs = how.timeout && durationMsOf(how.timeout);
  const path = scope.place("step", name);
  const command: Command = {
    kind: "run",
    path,
    name,
    attempt: 1,
    request: {
      activity: "typescript",
      input: null,
      announced: true,
      effect: effectOf(scope, name, run),
      ...(typeof timeoutMs === "number" ? { timeoutMs } : {}),
    },
  };
  return scope.ask({
    path,
    name,
    kind: "step",
    commands: [command],
    failed: (failure, event) => again(retry, failure, event),
  });
}

/** Runs a step's function as the effect that it is. */
function effectOf(
  scope: Scope,
  name: string,
  run: (step: StepContext) => unknown,
): Activity {
  return async (_input, context) => {
    const step: StepContext = {
      idempotencyKey: `${context.executionId}${context.path}`,
      attempt: context.attempt,
      signal: context.signal,
      log: (text) => context.emit({ type: "OUTPUT_DELTA", text }),
    };
    try {
      const value = await scope.within(name, () => run(step));
      return { kind: "completed", output: recorded(`step "${name}"`, value) };
    } catch (error) {
      return { kind: "failed", failure: failureOfError(error) };
    }
  };
}

/** What is done about a try that failed: nothing, or another one. */
function again(
  retry: RetryOptions,
  failure: Failure,
  { path, name, attempt, timeMs }: JournalEvent,
): Command[] {
  if (attempt >= retry.attempts || !isRetryable(failure)) return [];
  const delayMs = delayMsOf(retry, attempt);
  const data = {
    failure: failureToJson(failure),
    nextAttemptAtMs: timeMs + delayMs,
  };
  return [{ kind: "record", type: "TASK_RETRYING", path, name, attempt, data }];
}

function retryOf(retry: StepOptions["retry"]): RetryOptions {
  const options = typeof retry === "object" ? retry : { attempts: retry ?? 1 };
  // Judged before the effect, not after it failed.
  delayMsOf(options, 1);
  if (Number.isInteger(options.attempts) && options.attempts >= 1) {
    return options;
  }
  throw invalidArgument(
    `Cannot try a step ${options.attempts} times: "attempts" is a whole ` +
      "number from 1",
  );
}

function delayMsOf(retry: RetryOptions, attempt: number): number {
  const { delay, backoff = "exponential", maxDelay } = retry;
  const firstMs = delay === undefined ? RETRY_DELAY_MS : durationMsOf(delay);
  const maxMs = maxDelay === undefined
    ? RETRY_DELAY_MS_MAX
    : durationMsOf(maxDelay);
  return Math.min(firstMs * growthOf(backoff, attempt), maxMs);
}

function growthOf(
  backoff: NonNullable<RetryOptions["backoff"]>,
  attempt: number,
): number {
  switch (backoff) {
    case "constant":
      return 1;
    case "linear":
      return attempt;
    case "exponential":
      return 2 ** (attempt - 1);
  }
  throw invalidArgument(
    `Cannot let a delay grow by ${JSON.stringify(backoff)}: "backoff" is ` +
      '"constant", "linear" or "exponential"',
  );
}
