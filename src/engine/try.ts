/**
 * `try`: a list whose errors are caught, and which may be tried again.
 *
 * The first round's paths begin with `…/try`, further ones with `…/try#2`.
 * Once the retries are used up the error is handled by `catch.do`, or is not
 * caught when there is none; without retries, a caught error without
 * `catch.do` is simply over, and the output is the task's input.
 *
 * @module
 */

import {
  canonicalFailureType,
  type Failure,
  failureToJson,
} from "../model/failure.ts";
import { type Json, jsonEquals } from "../model/json.ts";
import type { CatchClause, TryTask } from "../workflow/tree.ts";
import { aboutOf, limitTime, roundPath } from "./_commands.ts";
import { askAllowed, mustBePlain } from "./_deciding.ts";
import { give, giveDuration } from "./_evaluate.ts";
import { runList } from "./_list.ts";
import {
  closeNode,
  type End,
  type Node,
  openNode,
  type Place,
  type Walk,
} from "./_walk.ts";
import { askRetry, waitAndRetry } from "./retry.ts";

/** A `try` at work. */
interface Rounds {
  readonly walk: Walk;
  readonly place: Place;
  readonly task: TryTask;
  readonly end: End;
}

/** A round, from 1, that failed. */
interface Caught {
  readonly round: number;
  readonly failure: Failure;
}

/** Runs the first round. */
export function runTry(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: TryTask; readonly end: End },
): void {
  startRound({ walk, place, task, end }, 1);
}

function startRound(rounds: Rounds, round: number): void {
  const { walk, place, task, end } = rounds;
  if (place.node.view !== undefined) place.node.view.attempts = round;
  const prefix = `${roundPath(place)}/try${suffix(round)}`;
  const node = openNode(place.node);
  const failed = (failure: Failure): void => {
    closeNode(walk, node);
    place.guarded(() => catchFailure(rounds, { round, failure }));
  };
  limitRound(rounds, { node, prefix, failed });
  runList(walk, {
    tasks: task.tasks,
    prefix,
    input: place.input,
    locals: place.locals,
    node,
  }, {
    done: (output) => {
      closeNode(walk, node);
      end.done(output, task.then);
    },
    failed,
  });
}

/** Bounds the time of one round. */
function limitRound(
  { walk, place, task }: Rounds,
  { node, prefix, failed }: {
    readonly node: Node;
    readonly prefix: string;
    readonly failed: (failure: Failure) => void;
  },
): void {
  const limit = task.catch.retry?.attemptTimeout;
  if (limit === undefined) return;
  limitTime(walk, node, {
    about: { path: `${prefix}/timeout`, name: task.name, attempt: 1 },
    delayMs: giveDuration(walk, place, {
      duration: limit,
      what: "retry.limit.attempt.duration",
    }),
    expired: (failure) => failed({ ...failure, instance: task.pointer }),
  });
}

/** Passes a failure on, begins a further round, or handles it. */
function catchFailure(rounds: Rounds, { round, failure }: Caught): void {
  const { walk, place, task, end } = rounds;
  const { retry } = task.catch;
  const more = { [task.catch.as]: failureToJson(failure) };
  const caught = (): void => {
    if (retry === undefined) return handle(rounds, { round, failure });
    askRetry(walk, place, {
      policy: retry,
      failure,
      round,
      firstStartedAtMs: place.startedAtMs,
      more,
      failed: end.failed,
      got: (delayMs) => {
        if (delayMs === undefined) return handle(rounds, { round, failure });
        waitAndRetry(walk, place, {
          about: { ...aboutOf(place), path: roundPath(place), attempt: round },
          failure,
          delayMs,
          next: () => startRound(rounds, round + 1),
        });
      },
    });
  };
  if (!meets(walk, place, { clause: task.catch, failure, more })) {
    return end.failed(failure);
  }
  const part = `catch${suffix(round)}`;
  askAllowed(walk, place, {
    conditions: task.catch,
    sight: { at: place.input, more },
    what: "catch",
    part,
    failed: end.failed,
    got: (catches) => catches ? caught() : end.failed(failure),
  });
}

/** Runs `catch.do`, where there is one. */
function handle(rounds: Rounds, { round, failure }: Caught): void {
  const { walk, place, task, end } = rounds;
  const { tasks, retry, as, then } = task.catch;
  const flow = then ?? task.then;
  if (tasks === undefined) {
    if (retry !== undefined) return end.failed(failure);
    return end.done(place.input, flow);
  }
  runList(walk, {
    tasks,
    prefix: `${roundPath(place)}/catch${suffix(round)}/do`,
    input: place.input,
    locals: { ...place.locals, [as]: failureToJson(failure) },
    node: place.node,
  }, { done: (output) => end.done(output, flow), failed: end.failed });
}

/** What the paths of a further round have. */
function suffix(round: number): string {
  return round === 1 ? "" : `#${round}`;
}

/** Whether an error has every field that a clause asks for. */
function meets(
  walk: Walk,
  place: Place,
  options: {
    readonly clause: CatchClause;
    readonly failure: Failure;
    readonly more: Readonly<Record<string, Json>>;
  },
): boolean {
  const { clause, failure } = options;
  const sight = { at: place.input, more: options.more };
  const fields = failureToJson(failure);
  for (const [key, template] of Object.entries(clause.with)) {
    const what = `catch.errors.with.${key}`;
    const wanted = give(walk, place, { template, what, sight });
    mustBePlain(walk, place, { value: wanted, what });
    if (!sameField(key, wanted, fields[key] ?? null)) return false;
  }
  return true;
}

function sameField(key: string, wanted: Json, actual: Json): boolean {
  if (key === "type" && typeof wanted === "string") {
    return typeof actual === "string" &&
      canonicalFailureType(wanted) === canonicalFailureType(actual);
  }
  return jsonEquals(wanted, actual);
}
