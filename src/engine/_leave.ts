/**
 * How a run leaves memory: ended, or parked until something comes.
 *
 * @module
 */

import { isAnswerWait } from "../model/answer.ts";
import type { Decision } from "../model/durable.ts";
import { messageOf } from "../model/error.ts";
import { type Failure, failureOf, failureToJson } from "../model/failure.ts";
import { cancelledFailure, type RunStatus } from "../model/run.ts";
import { type ModelUsage, NO_USAGE, sumUsage } from "../model/usage.ts";
import { eventsInWords, isOffered, listenersOf } from "./_listening.ts";
import type { Leaving, LiveRun, Spoiled } from "./_live.ts";
import {
  drop,
  mayPass,
  outboxOf,
  runEvent,
  withoutWait,
  write,
} from "./_outbox.ts";
import { eventTime, tooLarge } from "./perform.ts";
import { failureOfThrown } from "./_thrown.ts";
import { Overtime } from "./_walk.ts";

/** A run whose next timer is nearer stays in memory. */
const PARK_MIN_MS = 250;

/** Ends a run as its machine decided. */
export function end(
  run: LiveRun,
  decision: Exclude<Decision, { kind: "blocked" }>,
): void {
  if (run.leaving !== undefined) return;
  const failure = decision.kind === "failed"
    ? decision.failure
    : tooLarge(decision.output);
  if (failure !== undefined) return endFailed(run, failure);
  const output = decision.kind === "done" ? decision.output : null;
  write(run, runEvent("EXECUTION_COMPLETED", output));
  leaveEnded(run, {
    status: { ...run.status, phase: "COMPLETED", output },
    leaving: { kind: "completed" },
  });
}

/**
 * Ends a run in which something was thrown that must not be: it is not tried
 * forever. What is with the store is not with the run, which goes on later from
 * what is kept.
 */
export function endThrown(run: LiveRun, error: unknown): void {
  const detail = messageOf(error);
  if (mayPass(error)) {
    if (run.leaving === undefined) drop(run, { kind: "trouble", detail });
    return;
  }
  if (run.leaving !== undefined) return;
  if (error instanceof Overtime) {
    return endFailed(run, error.failure, { path: error.path });
  }
  endFailed(run, failureOf("runtime", `Internal error: ${detail}`));
}

/** Ends a run that someone cancelled. */
export function endCancelled(run: LiveRun, reason: string): void {
  if (run.leaving !== undefined) return;
  const failure = cancelledFailure(reason);
  write(run, runEvent("EXECUTION_CANCELLED", failureToJson(failure)));
  leaveEnded(run, {
    status: { ...run.status, phase: "CANCELLED", failure },
    leaving: { kind: "cancelled" },
  });
}

/** Ends a run that could not be loaded. */
export function failUnloaded(run: LiveRun, error: unknown): void {
  endFailed(run, failureOfThrown(error));
}

/** Ends a run whose newest events can never be written. */
export function endSpoiled(
  run: LiveRun,
  { sequence, error }: Spoiled,
): void {
  run.spoiled = true;
  run.outbox = undefined;
  run.leaving = undefined;
  run.sequence = sequence - 1;
  endFailed(
    run,
    failureOf(
      "runtime",
      `Cannot record what happened: ${messageOf(error)}`,
    ),
  );
}

/** Lets a run that has nothing at work leave memory until something comes. */
export function considerLeaving(run: LiveRun): void {
  if (run.leaving !== undefined || run.inFlight.size > 0) return;
  if (run.cancelReason !== undefined) return;
  const nowMs = run.shop.host.clock.now();
  const dueAtMs = nextDueAtMs(run);
  if (!run.paused && dueAtMs !== undefined && dueAtMs - nowMs < PARK_MIN_MS) {
    return;
  }
  if (!run.paused && (childIsHere(run) || isOffered(run))) return;
  if (isAsked(run)) return;
  park(run, run.paused ? undefined : dueAtMs);
}

/** Lets the run fail once its overall time is over. */
export function armDeadline(run: LiveRun): void {
  const atMs = deadlineAtMs(run);
  if (atMs === undefined || run.leaving !== undefined) return;
  const { clock } = run.shop.host;
  run.stopDeadline = clock.timer(Math.max(0, atMs - clock.now()), () => {
    if (run.leaving !== undefined) return;
    if (clock.now() < atMs) return armDeadline(run);
    const { timeoutMs = 0, timeoutFailure } = run.program;
    const detail = `The execution took longer than ${timeoutMs / 1000} s`;
    const failure = timeoutFailure ?? failureOf("timeout", detail);
    end(run, { kind: "failed", failure });
  });
}

function endFailed(
  run: LiveRun,
  failure: Failure,
  /** Where its time was over, which a replay cannot find out. */
  overtime: { readonly path?: string } = {},
): void {
  const data = { ...failureToJson(failure), ...overtime };
  write(run, runEvent("EXECUTION_FAILED", data));
  leaveEnded(run, {
    status: { ...run.status, phase: "FAILED", failure },
    leaving: { kind: "failed", detail: failure.detail },
  });
}

/**
 * What a run used, with what the agents that it waited for used. An agent
 * counts its own sub-agents: the usage of those whose end is in its journal is
 * part of what that tells.
 *
 * @param untold Children whose end is not in its journal.
 */
function usageOf(
  { shop, key, machine, execution, past }: LiveRun,
  untold: ReadonlySet<string>,
): ModelUsage | undefined {
  const own = machine.usage?.();
  if (!past.hadChildren) return own;
  const isAgent = execution.kind === "AgentExecution";
  const parts = [...shop.store.childUsages(key.executionId)]
    .flatMap(([id, usage]) => isAgent && !untold.has(id) ? [] : [usage]);
  if (parts.length === 0) return own;
  return sumUsage([own ?? NO_USAGE, ...parts]);
}

function leaveEnded(
  run: LiveRun,
  options: { readonly status: RunStatus; readonly leaving: Leaving },
): void {
  const { shop, key } = run;
  const nowMs = eventTime(run);
  const ended = { ...withoutWait(options.status), completedAtMs: nowMs };
  run.status = ended;
  const { parent } = run.execution;
  const untold = new Set(run.past.children.values());
  const started = untold.size > 0;
  outboxOf(run).writes.push(() => {
    // In the transaction: a child that ends after it tells what it used itself.
    const usage = usageOf(run, untold);
    const status = { ...ended, ...(usage === undefined ? {} : { usage }) };
    shop.store.saveStatus(key, status, nowMs);
    shop.store.retire(key);
    if (parent !== undefined) {
      shop.store.childEnded(parent, key.executionId, nowMs);
    }
    if (!started) return;
    for (const child of shop.store.liveChildren(key.executionId)) {
      shop.store.requestCancel(child, { reason: "its parent ended", nowMs });
    }
  });
  leave(run, options.leaving);
}

/** Whether something is asked of it that it has yet to take. */
function isAsked({ shop, key, taken }: LiveRun): boolean {
  return shop.store.openRequests(key.owner, key.number)
    .some((it) => !taken.has(it.id));
}

/**
 * Whether a child is at work in this process: it ends soon, and to read the
 * whole journal again for each of many children would cost its square.
 */
function childIsHere(run: LiveRun): boolean {
  for (const { executionId } of run.children.values()) {
    if (run.shop.holds(executionId)) return true;
  }
  return false;
}

function park(run: LiveRun, dueAtMs: number | undefined): void {
  const { shop, key } = run;
  const waitingFor = run.paused ? "resume" : waitedFor(run);
  if (!run.paused) {
    run.status = {
      ...run.status,
      phase: "WAITING",
      waitingFor,
      ...(dueAtMs === undefined ? {} : { dueAtMs }),
    };
    tell(run, { waitingFor, dueAtMs });
  }
  const nowMs = eventTime(run);
  // Whoever ends it while nobody owns it knows no more of what it used.
  const usage = usageOf(run, new Set());
  const status = { ...run.status, ...(usage === undefined ? {} : { usage }) };
  outboxOf(run).writes.push(() => {
    shop.store.saveStatus(key, status, nowMs);
    const missed = !run.paused &&
      shop.store.saveListeners(key, listenersOf(run));
    shop.store.release(key, missed ? nowMs : dueAtMs);
  });
  leave(run, { kind: "parked", waitingFor });
}

/** Says in the journal what is waited for, and tells the parent of a question. */
function tell(
  run: LiveRun,
  { waitingFor, dueAtMs }: {
    readonly waitingFor: string;
    readonly dueAtMs: number | undefined;
  },
): void {
  const { shop, key, execution: { parent } } = run;
  const { store } = shop;
  const surfaced = run.children.size === 0
    ? waitingFor
    : store.surfacedWait(key.executionId, waitingFor);
  const data = { waitingFor: surfaced, dueAtMs: dueAtMs ?? null };
  write(run, runEvent("EXECUTION_WAITING", data));
  if (parent === undefined || !isAnswerWait(surfaced)) return;
  const nowMs = eventTime(run);
  outboxOf(run).writes.push(() => store.childWaits(parent.executionId, nowMs));
}

function waitedFor(run: LiveRun): string {
  const signal = first(run.signals.values());
  if (signal !== undefined) {
    return signal.waitingFor ?? `signal "${signal.name}"`;
  }
  const child = first(run.children.values());
  if (child !== undefined) {
    const { kind, resource, subAgent } = child.command.request;
    return `${kind.toLowerCase()} "${subAgent ?? resource}" ` +
      `(${child.executionId})`;
  }
  const events = eventsInWords(run.listeners.values());
  if (events !== "") return events;
  const timer = first(run.timers.values());
  return timer === undefined ? "nothing" : `timer of "${timer.command.name}"`;
}

function first<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}

function nextDueAtMs(run: LiveRun): number | undefined {
  // What counts its work alone has all the time while it does none.
  let dueAtMs = run.program.timesWorkOnly ? undefined : deadlineAtMs(run);
  for (const timer of run.timers.values()) {
    dueAtMs = Math.min(dueAtMs ?? Infinity, timer.dueAtMs);
  }
  return dueAtMs;
}

function deadlineAtMs(run: LiveRun): number | undefined {
  const { timeoutMs, timesWorkOnly } = run.program;
  const { firstStartedAtMs, running } = run.past;
  if (timeoutMs === undefined || firstStartedAtMs === undefined) {
    return undefined;
  }
  return timesWorkOnly
    ? run.lastTimeMs + timeoutMs - running.elapsedMs
    : firstStartedAtMs + timeoutMs;
}

/** Takes no more in; leaves memory after the commit. */
function leave(run: LiveRun, leaving: Leaving): void {
  run.leaving = leaving;
  outboxOf(run).after.push(() => drop(run, leaving));
}
