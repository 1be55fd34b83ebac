/**
 * The context of a durable function over the machine that runs it.
 *
 * @module
 */

import type { Command } from "../model/durable.ts";
import { invalidArgument } from "../model/error.ts";
import { failureOf } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import { schemaProblem } from "../workflow/json_schema.ts";
import { agentRequest, askChild, handed, timeoutOf } from "./_children.ts";
import { askRandom, fractionOf, uuidOf } from "./_random.ts";
import type { Scope } from "./_scope.ts";
import { askStep } from "./_step.ts";
import type { DurableContext, SignalOptions } from "./context.ts";
import { durationMsOf } from "./duration.ts";
import type { Schema } from "./schema.ts";
import { ofContext, StepError } from "./step_error.ts";

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
      askSignal(scope, name, wanted),
      (carried) => carried === undefined ? undefined : carried as T,
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
      return fractionOf(await askRandom(scope));
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

function askSignal(
  scope: Scope,
  name: string,
  { timeout, schema }: SignalOptions<unknown>,
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
  const misfit = schema === undefined
    ? undefined
    : (carried: Json) => schemaProblem(schema.json, carried);
  return scope.ask({
    path,
    name,
    kind: "signal",
    commands,
    ...(misfit === undefined ? {} : { misfit }),
  });
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
  throw ofContext(
    new StepError(failureOf(
      "validation",
      `${what} does not fit its schema: ${problem}`,
    )),
  );
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
