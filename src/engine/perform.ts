/**
 * Carries out one effect: finds its activity, bounds its time, and makes an
 * outcome of whatever it does.
 *
 * @module
 */

import type {
  ActivityContext,
  ActivityOutcome,
  Command,
  JournalEvent,
} from "../model/durable.ts";
import { type Failure, failureOf } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import { roughSize } from "../model/json_size.ts";
import {
  INLINE_VALUE_BYTES_MAX,
  VALUE_SIZE_BYTES_MAX,
} from "../model/limits.ts";
import { timeoutOf } from "./_commands.ts";
import type { InFlight, LiveRun } from "./_live.ts";
import { type Opened, openInput } from "./_opening.ts";
import { failureOfThrown } from "./_thrown.ts";
import { EXPRESSION_ACTIVITY, giveExpression } from "./expression.ts";

/** A command to carry out an effect. */
export type RunCommand = Extract<Command, { kind: "run" }>;

/**
 * Starts an effect as soon as there is a slot for it.
 *
 * @param ended Called once with the outcome, unless the effect was aborted.
 */
export function perform(
  run: LiveRun,
  command: RunCommand,
  ended: (outcome: ActivityOutcome) => void,
): InFlight {
  const abort = new LazyAbort();
  const flight: InFlight = {
    abort: (reason) => abort.abort(reason),
    ended: Promise.resolve(),
  };
  run.shop.slots.take((free) => {
    if (abort.aborted) return free();
    flight.ended = attempt(run, command, { abort, ended, free });
  });
  return flight;
}

/** An abort signal that is only made when someone looks at it: they are slow. */
class LazyAbort {
  #controller: AbortController | undefined;
  #reason: DOMException | undefined;

  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  abort(reason: DOMException): void {
    this.#reason ??= reason;
    this.#controller?.abort(reason);
  }
}

async function attempt(
  run: LiveRun,
  command: RunCommand,
  options: {
    readonly abort: LazyAbort;
    readonly ended: (outcome: ActivityOutcome) => void;
    readonly free: () => void;
  },
): Promise<void> {
  const { abort, ended, free } = options;
  const { timeoutMs } = command.request;
  let timedOut = false;
  const stop = timeoutMs === undefined
    ? undefined
    : run.shop.host.clock.timer(timeoutMs, () => {
      if (abort.aborted) return;
      timedOut = true;
      const failure = timeoutOf(command.name, timeoutMs);
      abort.abort(new DOMException(failure.detail, "TimeoutError"));
      // It is not waited for: what ignores its signal must not hold the run.
      ended({ kind: "failed", failure });
    });
  let outcome: ActivityOutcome;
  try {
    outcome = bounded(await callActivity(run, command, abort));
  } catch (error) {
    outcome = failed(failureOfThrown(error));
  }
  stop?.();
  free();
  if (!timedOut && !abort.aborted) ended(outcome);
}

async function callActivity(
  run: LiveRun,
  command: RunCommand,
  abort: LazyAbort,
): Promise<ActivityOutcome> {
  const { name, request } = command;
  const activities = run.shop.activities;
  const activity = request.effect ??
    (request.activity === EXPRESSION_ACTIVITY
      ? giveExpression
      : Object.hasOwn(activities, request.activity)
      ? activities[request.activity]
      : undefined);
  if (activity === undefined) {
    return failed(failureOf(
      "configuration",
      `Cannot run task "${name}": nothing here carries out ` +
        `"${request.activity}"`,
    ));
  }
  const context = contextOf(run, command, abort);
  const { secrets } = run.program;
  if (secrets === undefined && request.reveal === undefined) {
    return activity(request.input, context);
  }
  const opened = await openInput(request, {
    path: command.path,
    name,
    secrets,
    createMask: run.shop.createMask,
    given: () => run.machine.given?.() ?? [],
    emit: context.emit,
  });
  if (abort.aborted) throw abort.signal.reason;
  return await opened.around(() =>
    activity(opened.input, withOpened(context, opened))
  );
}

function contextOf(
  run: LiveRun,
  { path, name, attempt }: RunCommand,
  abort: LazyAbort,
): ActivityContext {
  return {
    executionId: run.key.executionId,
    path,
    name,
    attempt,
    idempotencyKey: `${run.key.executionId}${path}#${attempt}`,
    get signal() {
      return abort.signal;
    },
    variables: run.program.variables,
    workingDirectory: run.program.workingDirectory,
    emit: (delta) => run.shop.emit(run, { ...delta, path, name, attempt }),
  };
}

/** The context, made anew so that its signal stays lazy. */
function withOpened(
  context: ActivityContext,
  { emit, secrets, authorized }: Opened,
): ActivityContext {
  return {
    executionId: context.executionId,
    path: context.path,
    name: context.name,
    attempt: context.attempt,
    idempotencyKey: context.idempotencyKey,
    get signal() {
      return context.signal;
    },
    variables: context.variables,
    workingDirectory: context.workingDirectory,
    emit,
    ...(secrets === undefined ? {} : { secrets }),
    ...(authorized === undefined ? {} : { authorized }),
  };
}

function bounded(outcome: ActivityOutcome): ActivityOutcome {
  if (outcome.kind === "failed") return outcome;
  const failure = tooLarge(outcome.output);
  return failure === undefined ? outcome : failed(failure);
}

/** The failure of a value that cannot be kept, or `undefined`. */
export function tooLarge(value: Json): Failure | undefined {
  if (roughSize(value, INLINE_VALUE_BYTES_MAX) < INLINE_VALUE_BYTES_MAX) {
    return undefined;
  }
  const sizeBytes = new TextEncoder().encode(JSON.stringify(value)).length;
  if (sizeBytes <= VALUE_SIZE_BYTES_MAX) return undefined;
  return failureOf(
    "runtime",
    `The output has ${sizeBytes} bytes, ${VALUE_SIZE_BYTES_MAX} are allowed: ` +
      "store it as an artifact or a file",
  );
}

function failed(failure: Failure): ActivityOutcome {
  return { kind: "failed", failure };
}

/** The time of the next event of a run; never before the one before. */
export function eventTime(run: LiveRun): JournalEvent["timeMs"] {
  return Math.max(run.shop.host.clock.now(), run.lastTimeMs);
}
