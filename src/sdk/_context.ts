/**
 * The context of a durable function over the machine that runs it.
 *
 * @module
 */

import type { ChildRequest } from "../model/child.ts";
import type { Activity, Command, JournalEvent } from "../model/durable.ts";
import { invalidArgument, messageOf } from "../model/error.ts";
import { type Failure, failureOf, failureToJson } from "../model/failure.ts";
import { type Json, jsonEquals } from "../model/json.ts";
import { schemaProblem } from "../workflow/json_schema.ts";
import type { Scope } from "./_scope.ts";
import type {
  AgentOptions,
  DurableContext,
  RetryOptions,
  SignalOptions,
  StepContext,
  StepOptions,
} from "./context.ts";
import { type Duration, durationMsOf } from "./duration.ts";
import { toJournal } from "./journalled.ts";
import type { Schema } from "./schema.ts";
import {
  failureOfError,
  isRetryable,
  recorded,
  StepError,
} from "./step_error.ts";

const RETRY_DELAY_MS = 1000;
const RETRY_DELAY_MS_MAX = 60 * 60 * 1000;
const RANDOM_BYTES = 16;
/** Values of 53 random bits, which a number holds exactly. */
const RANDOM_RANGE = 2 ** 53;

/** Makes the context of one task of an execution. */
export function createContext(scope: Scope): DurableContext {
  const { options } = scope;
  /** What is made of an answer stands for it, as in a race. */
  function then<T>(
    asked: Promise<Json | undefined>,
    made: (answer: Json | undefined) => T,
  ): Promise<T> {
    const promise = asked.then(made);
    // Whoever does not wait for it is not to end the process.
    promise.catch(() => undefined);
    return scope.stand(promise, asked);
  }
  function signal<T>(
    name: string,
    wanted: SignalOptions<T> = {},
  ): Promise<T | undefined> {
    return then(
      askSignal(scope, name, wanted.timeout),
      (carried) =>
        carried === undefined
          ? undefined
          : fitting(carried, wanted.schema, `Signal "${name}"`),
    );
  }
  return {
    executionId: options.executionId,
    env: Object.freeze({ ...options.variables }),
    // It is what `run` gave, written as JSON and read back.
    step: (name, run, how = {}) =>
      then(askStep(scope, { name, run, how }), (given) => given as never),
    sleep(duration) {
      const delayMs = durationMsOf(duration);
      const path = scope.place("sleep", "sleep");
      const about = { path, name: "sleep", attempt: 1 };
      const commands: Command[] = [{ kind: "timer", ...about, delayMs }];
      return then(
        scope.ask({ path, name: "sleep", kind: "sleep", commands }),
        () => undefined,
      );
    },
    // What it gives without a timeout is never undefined.
    signal: signal as DurableContext["signal"],
    agent: (name, message, how = {}) =>
      then(
        askChild(scope, agentRequest(name, message, how)),
        (answer) => fitting(answer ?? null, how.schema, `Agent "${name}"`),
      ),
    workflow: (name, input, how = {}) =>
      then(
        askChild(scope, {
          kind: "Workflow",
          resource: name,
          input: handed(`workflow "${name}"`, input),
          ...timeoutOf(how.timeout),
        }),
        (output) => fitting(output ?? null, how.schema, `Workflow "${name}"`),
      ),
    secret: (name) => scope.aside(openSecret(scope, name)),
    all: waitForAll,
    race: async (waits) => {
      try {
        return await Promise.race(waits);
      } finally {
        for (const wait of waits) scope.withdraw(wait);
      }
    },
    now: () => new Date(scope.nowMs()),
    async random() {
      const bytes = await askRandom(scope);
      const [high = 0, low = 0] = new Uint32Array(bytes.buffer);
      return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / RANDOM_RANGE;
    },
    async uuid() {
      return uuidOf(await askRandom(scope));
    },
  };
}

/** Waits for all, whichever fails; the first failure in order is thrown. */
async function waitForAll<const T extends readonly unknown[]>(
  waits: T,
): Promise<{ -readonly [Key in keyof T]: Awaited<T[Key]> }> {
  await Promise.allSettled(waits);
  return await Promise.all(waits);
}

function askStep(
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

function askSignal(
  scope: Scope,
  name: string,
  timeout: Duration | undefined,
): Promise<Json | undefined> {
  const delayMs = timeout === undefined ? undefined : durationMsOf(timeout);
  const path = scope.place("signal", name);
  const about = { path, name, attempt: 1 };
  const commands: Command[] = [{ kind: "signal", ...about }];
  if (delayMs !== undefined) {
    commands.push({
      kind: "timer",
      ...about,
      path: `${path}/timeout`,
      delayMs,
    });
  }
  return scope.ask({ path, name, kind: "signal", commands });
}

function agentRequest<T>(
  name: string,
  message: string | Readonly<Record<string, unknown>>,
  { schema, session, model, timeout }: AgentOptions<T>,
): ChildRequest {
  return {
    kind: "Agent",
    resource: name,
    ...(typeof message === "string"
      ? { input: {}, message }
      : { input: handed(`agent "${name}"`, message) }),
    ...(schema === undefined ? {} : { outputSchema: schema.json }),
    ...(session === undefined ? {} : { session }),
    ...(model === undefined ? {} : { model }),
    ...timeoutOf(timeout),
  };
}

/** What is handed on, as JSON. */
function handed(to: string, value: unknown): Json {
  try {
    return toJournal(value);
  } catch (error) {
    throw invalidArgument(
      `Cannot hand an input to ${to}: ${messageOf(error)}`,
    );
  }
}

function timeoutOf(timeout: Duration | undefined): { timeoutMs?: number } {
  return timeout === undefined ? {} : { timeoutMs: durationMsOf(timeout) };
}

function askChild(
  scope: Scope,
  request: ChildRequest,
): Promise<Json | undefined> {
  const { kind, resource: name } = request;
  const own = kind === "Agent" ? "agent" : "workflow";
  const path = scope.place(own, name);
  const given = toJournal(request);
  if (!jsonEquals(scope.hide(given), given)) {
    throw new StepError(failureOf(
      "configuration",
      `Cannot hand a secret to ${own} "${name}": it would be ` +
        "written down, let that have the secret from an environment itself",
    ));
  }
  const commands: Command[] = [
    { kind: "child", path, name, attempt: 1, request },
  ];
  return scope.ask({ path, name, kind: own, commands });
}

function fitting<T>(
  value: Json,
  schema: Schema<T> | undefined,
  what: string,
): T {
  const problem = schema === undefined
    ? undefined
    : schemaProblem(schema.json, value);
  if (problem === undefined) return value as T;
  throw new StepError(failureOf(
    "validation",
    `${what} does not fit its schema: ${problem}`,
  ));
}

async function openSecret(scope: Scope, name: string): Promise<string> {
  const { secrets } = scope.options;
  const known = secrets?.names.includes(name) === true;
  if (secrets === undefined || !known) {
    throw invalidArgument(
      `Cannot open secret "${name}": the workflow does not name it`,
      { hints: [`Name it: workflow("…", { secrets: ["${name}"] })`] },
    );
  }
  const opened = await secrets.open([name], { path: scope.path, asText: true });
  const value = opened[name];
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

async function askRandom(scope: Scope): Promise<Uint8Array<ArrayBuffer>> {
  const path = scope.place("random", "random");
  const { randomBytes } = scope.options;
  const effect: Activity = () =>
    Promise.resolve({
      kind: "completed",
      output: randomBytes(RANDOM_BYTES).toHex(),
    });
  const request = { activity: "random", input: null, announced: false, effect };
  const about = { path, name: "random", attempt: 1 };
  const hex = await scope.ask({
    path,
    name: "random",
    kind: "random",
    commands: [{ kind: "run", ...about, request }],
  });
  return Uint8Array.fromHex(String(hex));
}

/** Writes random bytes as a UUID of version 4. */
function uuidOf(bytes: Uint8Array): string {
  const [six = 0, eight = 0] = [bytes[6], bytes[8]];
  bytes[6] = six & 0x0f | 0x40;
  bytes[8] = eight & 0x3f | 0x80;
  const hex = bytes.toHex();
  const cuts = [0, 8, 12, 16, 20, 32];
  return cuts.slice(1).map((end, i) => hex.slice(cuts[i], end)).join("-");
}
