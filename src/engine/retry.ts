/**
 * Whether and when something is tried again.
 *
 * @module
 */

import { type Failure, failureToJson } from "../model/failure.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import type { RetryPolicy } from "../workflow/tree.ts";
import { type About, awaitRetry, record, startTimer } from "./_commands.ts";
import { askAllowed } from "./_deciding.ts";
import { giveDuration } from "./_evaluate.ts";
import {
  type Node,
  openNode,
  type Place,
  TRY_ROUNDS_MAX,
  type Variables,
  type Walk,
} from "./_walk.ts";

/** The longest wait between two rounds: what doubling does not pass. */
const RETRY_DELAY_MS_MAX = 30 * 24 * 60 * 60 * 1000;

/** A round that failed. */
export interface FailedRound {
  readonly policy: RetryPolicy;
  readonly failure: Failure;
  /** Which round it was, from 1. */
  readonly round: number;
  /** When the first round began. */
  readonly firstStartedAtMs: number;
  /** What `when` and `exceptWhen` see besides the task's own scope. */
  readonly more: Variables;
}

/**
 * Asks how long to wait before the next round; gives `undefined` when there is
 * none.
 */
export function askRetry(
  walk: Walk,
  place: Place,
  options: FailedRound & {
    readonly got: (delayMs: number | undefined) => void;
    readonly failed: (failure: Failure) => void;
  },
): void {
  const { policy, round, more, got, failed } = options;
  if (round >= (policy.attemptsMax ?? TRY_ROUNDS_MAX)) return got(undefined);
  askAllowed(walk, place, {
    conditions: policy,
    sight: { at: place.input, more },
    what: "retry",
    part: `retry#${round}`,
    failed,
    got: (allowed) =>
      got(allowed ? retryDelayMs(walk, place, options) : undefined),
  });
}

/** The duration counts from the start of the first round, work included. */
function retryDelayMs(
  walk: Walk,
  place: Place,
  failed: FailedRound,
): number | undefined {
  const { policy } = failed;
  const delayMs = backoffMs(walk, place, failed);
  if (policy.durationMax === undefined) return delayMs;
  const durationMs = giveDuration(walk, place, {
    duration: policy.durationMax,
    what: "retry.limit.duration",
  });
  const passedMs = walk.nowMs - failed.firstStartedAtMs;
  return passedMs + delayMs > durationMs ? undefined : delayMs;
}

/** Writes the retry down, waits, and begins the next round. */
export function waitAndRetry(
  walk: Walk,
  place: Place,
  options: {
    readonly about: About;
    readonly failure: Failure;
    readonly delayMs: number;
    readonly next: () => void;
  },
): void {
  const { about, failure, delayMs } = options;
  const node: Node = openNode(place.node);
  record(walk, about, {
    type: "TASK_RETRYING",
    data: {
      failure: failureToJson(failure),
      nextAttemptAtMs: walk.nowMs + delayMs,
    },
  });
  awaitRetry(walk, node, {
    about,
    listener: (event) => {
      startTimer(walk, node, {
        about: { ...about, path: `${about.path}/retry` },
        delayMs: Math.max(0, nextAttemptAtMs(event.data) - walk.nowMs),
        shown: false,
        fired: () => {
          node.ended = true;
          place.node.children?.delete(node);
          place.guarded(options.next);
        },
      });
    },
  });
}

function nextAttemptAtMs(data: Json): number {
  const value = isJsonObject(data) ? member(data, "nextAttemptAtMs") : null;
  return typeof value === "number" ? value : 0;
}

function backoffMs(walk: Walk, place: Place, failed: FailedRound): number {
  const { policy, round } = failed;
  const delayMs = giveDuration(walk, place, {
    duration: policy.delay,
    what: "retry.delay",
  });
  const grown = grow(delayMs, policy.backoff, round);
  return Math.min(grown + jitterMs(walk, place, failed), RETRY_DELAY_MS_MAX);
}

function grow(
  delayMs: number,
  backoff: RetryPolicy["backoff"],
  round: number,
): number {
  switch (backoff) {
    case "constant":
      return delayMs;
    case "linear":
      return delayMs * round;
    case "exponential":
      return delayMs * 2 ** (round - 1);
  }
}

/** A part of a delay that differs from run to run, and not in a replay. */
function jitterMs(walk: Walk, place: Place, failed: FailedRound): number {
  const { jitter } = failed.policy;
  if (jitter === undefined) return 0;
  const from = giveDuration(walk, place, {
    duration: jitter.from,
    what: "retry.jitter.from",
  });
  const to = giveDuration(walk, place, {
    duration: jitter.to,
    what: "retry.jitter.to",
  });
  const seed = `${walk.executionId} ${place.path} ${failed.round}`;
  return Math.round(from + Math.max(0, to - from) * fractionOf(seed));
}

/** A number from 0 to 1 out of a text: FNV-1a with a final mix. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash ^= hash >>> 13;
  return (hash >>> 0) / 2 ** 32;
}
