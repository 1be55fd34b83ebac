/**
 * Drives one run: gives its machine the events, carries out its commands, and
 * writes what happened before anything follows from it.
 *
 * Events of one turn go into one transaction; effects that they lead to start
 * after it. A run with nothing at work leaves memory.
 *
 * @module
 */

import type {
  ActivityOutcome,
  Command,
  Decision,
  JournalEvent,
} from "../model/durable.ts";
import type { ExecutionRecord, NewExecution } from "../model/execution.ts";
import { type Failure, failureOf, failureToJson } from "../model/failure.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import { isTerminal } from "../model/phase.ts";
import {
  cancelledFailure,
  type NewEvent,
  type RunKey,
  type RunRequest,
  type RunStatus,
} from "../model/run.ts";
import { messageOf } from "../model/error.ts";
import {
  absorb,
  type InFlight,
  keyOf,
  type Leaving,
  type LiveRun,
  type LiveTimer,
  type Outbox,
} from "./_live.ts";
import { eventTime, failureOfThrown, perform, tooLarge } from "./perform.ts";

/** Events of one journal at the most. */
export const JOURNAL_EVENTS_MAX = 500_000;
/** A run whose next timer is nearer stays in memory. */
const PARK_MIN_MS = 250;
/** How long cancelled effects may take to let go. */
const CANCEL_GRACE_MS = 900;
/** Decisions between two events at the most. */
const DECISIONS_MAX = 100_000;
const NOW: Promise<void> = Promise.resolve();

/** Begins to drive a run that was just loaded, with what was asked of it. */
export function startRun(run: LiveRun, requests: readonly RunRequest[]): void {
  const nowMs = eventTime(run);
  run.status = {
    ...withoutWait(run.status),
    phase: run.paused ? "PAUSED" : "RUNNING",
    startedAtMs: run.past.firstStartedAtMs ?? nowMs,
  };
  saveStatus(run);
  try {
    append(run, runEvent("EXECUTION_STARTED", { epoch: run.key.epoch }));
  } catch (error) {
    return end(run, broken(error));
  }
  const { cancelReason } = run.past;
  if (cancelReason !== undefined) return endCancelled(run, cancelReason);
  armDeadline(run);
  for (const request of requests) takeRequest(run, request);
  deliver(run, []);
}

/** Gives a run events, and carries out what follows. */
export function deliver(run: LiveRun, events: readonly NewEvent[]): void {
  if (run.leaving !== undefined || run.cancelReason !== undefined) return;
  try {
    for (const event of events) append(run, event);
    pump(run);
  } catch (error) {
    end(run, broken(error));
  }
}

/** A machine must not throw: the run ends rather than to be tried forever. */
function broken(error: unknown): Extract<Decision, { kind: "failed" }> {
  const detail = `Internal error: ${messageOf(error)}`;
  return { kind: "failed", failure: failureOf("runtime", detail) };
}

function append(run: LiveRun, event: NewEvent): JournalEvent {
  const placed: JournalEvent = {
    ...event,
    sequence: run.sequence + 1,
    timeMs: eventTime(run),
  };
  absorb(run, placed);
  outboxOf(run).events.push(placed);
  run.machine.apply(placed);
  return placed;
}

/** Writes an event that the machine needs not see. */
function write(run: LiveRun, event: NewEvent): JournalEvent {
  const placed: JournalEvent = {
    ...event,
    sequence: run.sequence + 1,
    timeMs: eventTime(run),
  };
  absorb(run, placed);
  outboxOf(run).events.push(placed);
  return placed;
}

function pump(run: LiveRun): void {
  if (run.cancelReason !== undefined) return;
  for (let i = 0; i < DECISIONS_MAX; i++) {
    if (run.sequence > JOURNAL_EVENTS_MAX) return end(run, tooLong());
    const decision = run.machine.decide();
    if (decision.kind !== "blocked") return end(run, decision);
    if (decision.commands.length === 0) return considerLeaving(run);
    for (const command of decision.commands) carryOut(run, command);
  }
  end(run, tooLong());
}

function carryOut(run: LiveRun, command: Command): void {
  const key = keyOf(command);
  if (command.kind === "record") {
    const { type, path, name, attempt, data } = command;
    append(run, { type, path, name, attempt, data });
    return;
  }
  if (command.kind === "cancel") return withdraw(run, command);
  if (run.paused) {
    run.withheld.set(key, command);
    return;
  }
  switch (command.kind) {
    case "run":
      return startActivity(run, command);
    case "timer":
      return startTimer(run, command);
    case "signal":
      run.signals.set(key, command.name);
      return;
    case "child":
      return startChild(run, command);
  }
}

function startActivity(
  run: LiveRun,
  command: Extract<Command, { kind: "run" }>,
): void {
  const key = keyOf(command);
  if (command.request.announced && !run.past.started.has(key)) {
    append(run, taskEvent("TASK_STARTED", command, null));
  }
  // The place is held until the effect starts, after the commit.
  const place = makePlace();
  run.inFlight.set(key, place);
  outboxOf(run).after.push(() => {
    if (run.inFlight.get(key) !== place || !isAtWork(run)) return;
    const flight = perform(run, command, (outcome) => {
      if (run.inFlight.get(key) !== flight) return;
      run.inFlight.delete(key);
      deliver(run, [resultEvent(command, outcome)]);
    });
    run.inFlight.set(key, flight);
  });
}

/** What stands for an effect until it starts. */
function makePlace(): InFlight {
  return { abort: () => undefined, ended: NOW };
}

function isAtWork(run: LiveRun): boolean {
  return run.leaving === undefined && !run.shop.closing();
}

function resultEvent(
  command: Extract<Command, { kind: "run" | "child" }>,
  outcome: ActivityOutcome,
): NewEvent {
  return outcome.kind === "completed"
    ? taskEvent("TASK_COMPLETED", command, outcome.output)
    : taskEvent("TASK_FAILED", command, failureToJson(outcome.failure));
}

function startTimer(
  run: LiveRun,
  command: Extract<Command, { kind: "timer" }>,
): void {
  const key = keyOf(command);
  const known = command.dueAtMs ?? run.past.timersDue.get(key);
  const dueAtMs = known ?? eventTime(run) + command.delayMs;
  if (known === undefined) {
    append(run, taskEvent("TIMER_SET", command, { dueAtMs }));
  }
  const timer: LiveTimer = { command, dueAtMs };
  run.timers.set(key, timer);
  outboxOf(run).after.push(() => arm(run, timer));
}

function arm(run: LiveRun, timer: LiveTimer): void {
  const key = keyOf(timer.command);
  if (run.timers.get(key) !== timer || run.leaving !== undefined) return;
  const { clock } = run.shop.host;
  timer.stop = clock.timer(Math.max(0, timer.dueAtMs - clock.now()), () => {
    if (run.timers.get(key) !== timer) return;
    // A clock that runs a little ahead must not fire what is not due yet.
    if (clock.now() < timer.dueAtMs) return arm(run, timer);
    run.timers.delete(key);
    deliver(run, [taskEvent("TIMER_FIRED", timer.command, null)]);
  });
}

function startChild(
  run: LiveRun,
  command: Extract<Command, { kind: "child" }>,
): void {
  const key = keyOf(command);
  const known = run.past.children.get(key);
  if (known !== undefined) {
    run.children.set(key, { command, executionId: known });
    outboxOf(run).after.push(() => lookAtChild(run, key));
    return;
  }
  const place = makePlace();
  run.inFlight.set(key, place);
  outboxOf(run).after.push(() => {
    if (run.inFlight.get(key) !== place || !isAtWork(run)) return;
    place.ended = prepare(run, command);
  });
}

/** Makes the child's record, then stores it together with the event. */
async function prepare(
  run: LiveRun,
  command: Extract<Command, { kind: "child" }>,
): Promise<void> {
  const key = keyOf(command);
  const { shop } = run;
  const flight = run.inFlight.get(key);
  try {
    const child = await shop.prepareChild(
      run.execution,
      command.path,
      command.request,
    );
    if (run.inFlight.get(key) !== flight || run.leaving !== undefined) return;
    run.inFlight.delete(key);
    run.children.set(key, { command, executionId: child.id });
    const nowMs = eventTime(run);
    storeChild(run, child, nowMs);
    deliver(run, [
      taskEvent("CHILD_STARTED", command, { executionId: child.id }),
    ]);
  } catch (error) {
    if (run.inFlight.get(key) !== flight) return;
    run.inFlight.delete(key);
    const failure = failureOfThrown(error);
    deliver(run, [resultEvent(command, { kind: "failed", failure })]);
  }
}

/** Stores a child with the parent's next events, and runs it here. */
function storeChild(run: LiveRun, child: NewExecution, nowMs: number): void {
  const { shop } = run;
  const owner = shop.owner();
  const outbox = outboxOf(run);
  let key: RunKey | undefined;
  outbox.writes.push(() => {
    key = shop.store.insert(child, { nowMs, owner });
  });
  outbox.after.push(() => {
    if (key !== undefined) shop.adopt(key, newRecord(child, nowMs));
  });
}

/** The record of an execution that was just stored. */
export function newRecord(
  execution: NewExecution,
  nowMs: number,
): ExecutionRecord {
  return {
    ...execution,
    spec: { ...execution.spec, input: execution.input },
    phase: "PENDING",
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    lastSequence: 1,
  };
}

/** Takes the result of a child that has ended. */
function lookAtChild(run: LiveRun, key: string): void {
  const waited = run.children.get(key);
  if (waited === undefined || run.leaving !== undefined) return;
  const child = run.shop.store.execution(waited.executionId);
  if (child !== undefined && !isTerminal(child.phase)) return;
  run.children.delete(key);
  deliver(run, [resultEvent(waited.command, childOutcome(child))]);
}

function childOutcome(child: ExecutionRecord | undefined): ActivityOutcome {
  if (child?.phase === "COMPLETED") {
    return { kind: "completed", output: child.output ?? null };
  }
  const failure = child?.failure ?? failureOf("runtime", "The child is gone");
  return {
    kind: "failed",
    failure: {
      ...failure,
      detail: `Execution "${child?.id ?? ""}": ${failure.detail}`,
    },
  };
}

/** Ends what a machine no longer waits for. */
function withdraw(
  run: LiveRun,
  command: Extract<Command, { kind: "cancel" }>,
): void {
  const key = keyOf(command);
  run.withheld.delete(key);
  run.signals.delete(key);
  const timer = run.timers.get(key);
  if (timer !== undefined) {
    run.timers.delete(key);
    timer.stop?.();
    return;
  }
  const flight = run.inFlight.get(key);
  const child = run.children.get(key);
  if (flight === undefined && child === undefined) return;
  run.inFlight.delete(key);
  run.children.delete(key);
  append(run, taskEvent("TASK_CANCELLED", command, null));
  flight?.abort(abortion("cancelled"));
  if (child !== undefined) {
    const nowMs = eventTime(run);
    outboxOf(run).writes.push(() =>
      cancelChild(run, child.executionId, {
        reason: "no longer needed",
        nowMs,
      })
    );
  }
}

function cancelChild(
  run: LiveRun,
  executionId: LiveRun["key"]["executionId"],
  options: { readonly reason: string; readonly nowMs: number },
): void {
  const phase = run.shop.store.execution(executionId)?.phase;
  if (phase === undefined || isTerminal(phase)) return;
  run.shop.store.requestCancel(executionId, options);
}

/** Does what others asked of a run. */
export function takeRequest(run: LiveRun, request: RunRequest): void {
  if (run.leaving !== undefined || run.taken.has(request.id)) return;
  run.taken.add(request.id);
  switch (request.type) {
    case "CANCEL":
      cancel(run, reasonOf(request.data));
      break;
    case "PAUSE":
      pause(run);
      break;
    case "RESUME":
      resume(run);
      break;
    case "SIGNAL":
      deliver(run, [{
        ...runEvent("SIGNAL_RECEIVED", request.data),
        name: request.name,
      }]);
      break;
    case "CHILD_ENDED":
      for (const key of [...run.children.keys()]) lookAtChild(run, key);
      break;
  }
  const { sequence } = run;
  outboxOf(run).writes.push(() =>
    run.shop.store.closeRequest(request.id, sequence)
  );
}

function reasonOf(data: Json): string {
  const reason = isJsonObject(data) ? member(data, "reason") : undefined;
  return typeof reason === "string" ? reason : "";
}

function pause(run: LiveRun): void {
  if (run.paused || run.cancelReason !== undefined) return;
  run.status = { ...withoutWait(run.status), phase: "PAUSED" };
  saveStatus(run);
  // What is not an effect at work waits for the resume.
  for (const [key, timer] of run.timers) {
    timer.stop?.();
    run.withheld.set(key, timer.command);
  }
  run.timers.clear();
  deliver(run, [runEvent("EXECUTION_PAUSED", null)]);
}

function resume(run: LiveRun): void {
  if (!run.paused) return;
  run.status = { ...run.status, phase: "RUNNING" };
  saveStatus(run);
  append(run, runEvent("EXECUTION_RESUMED", null));
  const withheld = [...run.withheld.values()];
  run.withheld.clear();
  for (const command of withheld) carryOut(run, command);
  deliver(run, []);
}

/** Aborts what is at work, and ends the run once it let go. */
function cancel(run: LiveRun, reason: string): void {
  if (run.cancelReason !== undefined) return;
  run.cancelReason = reason;
  append(run, runEvent("EXECUTION_CANCEL_REQUESTED", { reason }));
  const nowMs = eventTime(run);
  outboxOf(run).writes.push(() => {
    for (const child of run.shop.store.liveChildren(run.key.executionId)) {
      run.shop.store.requestCancel(child, { reason, nowMs });
    }
  });
  for (const timer of run.timers.values()) timer.stop?.();
  run.timers.clear();
  const flights = [...run.inFlight.values()];
  run.inFlight.clear();
  for (const flight of flights) flight.abort(abortion("cancelled"));
  outboxOf(run).after.push(() => {
    void settleWithin(run, flights).then(() => endCancelled(run, reason));
  });
}

function endCancelled(run: LiveRun, reason: string): void {
  if (run.leaving !== undefined) return;
  const failure = cancelledFailure(reason);
  write(run, runEvent("EXECUTION_CANCELLED", failureToJson(failure)));
  leaveEnded(run, {
    status: { ...run.status, phase: "CANCELLED", failure },
    leaving: { kind: "cancelled" },
  });
}

/** Waits for effects to let go, but not forever. */
async function settleWithin(
  run: LiveRun,
  flights: readonly { readonly ended: Promise<void> }[],
): Promise<void> {
  if (flights.length === 0) return;
  const { clock } = run.shop.host;
  await new Promise<void>((resolve) => {
    const stop = clock.timer(CANCEL_GRACE_MS, resolve);
    void Promise.allSettled(flights.map((it) => it.ended)).then(() => {
      stop();
      resolve();
    });
  });
}

function end(
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

function endFailed(run: LiveRun, failure: Failure): void {
  write(run, runEvent("EXECUTION_FAILED", failureToJson(failure)));
  leaveEnded(run, {
    status: { ...run.status, phase: "FAILED", failure },
    leaving: { kind: "failed", detail: failure.detail },
  });
}

/** Ends a run that could not be loaded. */
export function failUnloaded(run: LiveRun, error: unknown): void {
  endFailed(run, failureOfThrown(error));
}

function leaveEnded(
  run: LiveRun,
  options: { readonly status: RunStatus; readonly leaving: Leaving },
): void {
  const { shop, key } = run;
  const nowMs = eventTime(run);
  run.status = { ...withoutWait(options.status), completedAtMs: nowMs };
  const { status } = run;
  const { parent } = run.execution;
  const started = run.past.children.size > 0;
  outboxOf(run).writes.push(() => {
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

/** Lets a run that has nothing at work leave memory until something comes. */
function considerLeaving(run: LiveRun): void {
  if (run.leaving !== undefined || run.inFlight.size > 0) return;
  if (run.cancelReason !== undefined) return;
  const nowMs = run.shop.host.clock.now();
  const dueAtMs = nextDueAtMs(run);
  if (!run.paused && dueAtMs !== undefined && dueAtMs - nowMs < PARK_MIN_MS) {
    return;
  }
  if (!run.paused && childHasEnded(run)) return;
  park(run, run.paused ? undefined : dueAtMs);
}

/** A child known from the journal may have ended: it is looked at after the commit. */
function childHasEnded(run: LiveRun): boolean {
  for (const { executionId } of run.children.values()) {
    const child = run.shop.store.execution(executionId);
    if (child === undefined) continue;
    if (isTerminal(child.phase)) return true;
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
    write(
      run,
      runEvent("EXECUTION_WAITING", { waitingFor, dueAtMs: dueAtMs ?? null }),
    );
  }
  const nowMs = eventTime(run);
  const { status } = run;
  outboxOf(run).writes.push(() => {
    shop.store.saveStatus(key, status, nowMs);
    shop.store.release(key, dueAtMs);
  });
  leave(run, { kind: "parked", waitingFor });
}

function waitedFor(run: LiveRun): string {
  const child = first(run.children.values());
  if (child !== undefined) {
    return `${child.command.request.kind.toLowerCase()} ` +
      `"${child.command.request.resource}" (${child.executionId})`;
  }
  const signal = first(run.signals.values());
  if (signal !== undefined) return `signal "${signal}"`;
  const timer = first(run.timers.values());
  return timer === undefined ? "nothing" : `timer of "${timer.command.name}"`;
}

function first<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}

function nextDueAtMs(run: LiveRun): number | undefined {
  let dueAtMs = deadlineAtMs(run);
  for (const timer of run.timers.values()) {
    dueAtMs = Math.min(dueAtMs ?? Infinity, timer.dueAtMs);
  }
  return dueAtMs;
}

function deadlineAtMs(run: LiveRun): number | undefined {
  const { timeoutMs } = run.program;
  const { firstStartedAtMs } = run.past;
  if (timeoutMs === undefined || firstStartedAtMs === undefined) {
    return undefined;
  }
  return firstStartedAtMs + timeoutMs;
}

function armDeadline(run: LiveRun): void {
  const atMs = deadlineAtMs(run);
  if (atMs === undefined || run.leaving !== undefined) return;
  const { clock } = run.shop.host;
  run.stopDeadline = clock.timer(Math.max(0, atMs - clock.now()), () => {
    if (run.leaving !== undefined) return;
    if (clock.now() < atMs) return armDeadline(run);
    const detail = `The execution took longer than ${run.program.timeoutMs} ms`;
    end(run, { kind: "failed", failure: failureOf("timeout", detail) });
  });
}

/** Takes no more in; leaves memory after the commit. */
function leave(run: LiveRun, leaving: Leaving): void {
  run.leaving = leaving;
  outboxOf(run).after.push(() => drop(run, leaving));
}

/** Ends all that is at work for a run and forgets it. */
export function drop(run: LiveRun, leaving: Leaving): void {
  run.leaving = leaving;
  run.stopDeadline?.();
  for (const timer of run.timers.values()) timer.stop?.();
  run.timers.clear();
  for (const flight of run.inFlight.values()) {
    flight.abort(abortion(leaving.kind));
  }
  run.shop.left(run, leaving);
}

/** The outbox of this turn; the first to ask for it has it committed. */
export function outboxOf(run: LiveRun): Outbox {
  if (run.outbox !== undefined) return run.outbox;
  const outbox: Outbox = { events: [], writes: [], after: [] };
  run.outbox = outbox;
  run.shop.commit.add({
    write() {
      // What comes from here on belongs to the next transaction.
      if (run.outbox === outbox) run.outbox = undefined;
      if (isGone(run.leaving)) return false;
      const { store } = run.shop;
      if (!store.append(run.key, outbox.events)) return false;
      for (const work of outbox.writes) work();
      return true;
    },
    settled(written) {
      if (isGone(run.leaving)) return;
      if (!written) return drop(run, { kind: "lost" });
      for (const work of outbox.after) work();
    },
    failed(error) {
      if (isGone(run.leaving)) return;
      drop(run, { kind: "trouble", detail: messageOf(error) });
    },
  });
  return outbox;
}

function isGone(leaving: Leaving | undefined): boolean {
  return leaving?.kind === "lost" || leaving?.kind === "trouble";
}

function saveStatus(run: LiveRun): void {
  const { status } = run;
  const nowMs = eventTime(run);
  outboxOf(run).writes.push(() =>
    run.shop.store.saveStatus(run.key, status, nowMs)
  );
}

function abortion(why: string): DOMException {
  return new DOMException(`The task was ${why}`, "AbortError");
}

function withoutWait(status: RunStatus): RunStatus {
  const { waitingFor: _, dueAtMs: __, ...rest } = status;
  return rest;
}

function runEvent(type: NewEvent["type"], data: Json): NewEvent {
  return { type, path: "", name: "", attempt: 0, data };
}

function taskEvent(
  type: NewEvent["type"],
  about: {
    readonly path: string;
    readonly name: string;
    readonly attempt: number;
  },
  data: Json,
): NewEvent {
  const { path, name, attempt } = about;
  return { type, path, name, attempt, data };
}

function tooLong(): Extract<Decision, { kind: "failed" }> {
  return {
    kind: "failed",
    failure: failureOf(
      "runtime",
      `Cannot go on: the journal has ${JOURNAL_EVENTS_MAX} events, split the ` +
        "work into executions of their own",
    ),
  };
}
