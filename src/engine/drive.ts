/**
 * Drives one run: gives its machine the events, carries out its commands, and
 * writes what happened before anything follows from it.
 *
 * Events of one turn go into one transaction; effects that they lead to start
 * after it. A run with nothing at work leaves memory.
 *
 * @module
 */

import type { Command, Decision } from "../model/durable.ts";
import { failureOf } from "../model/failure.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import type { NewEvent, RunRequest } from "../model/run.ts";
import { VERSION } from "../model/version.ts";
import { startChild, takeChild } from "./_child.ts";
import { startActivity, startTimer, withdraw } from "./_effect.ts";
import { keepEvent, listenAgain, startListening } from "./_listeners.ts";
import {
  armDeadline,
  considerLeaving,
  end,
  endCancelled,
  endThrown,
} from "./_leave.ts";
import { type InFlight, keyOf, type LiveRun } from "./_live.ts";
import {
  abortion,
  append,
  outboxOf,
  runEvent,
  saveStatus,
  withoutWait,
} from "./_outbox.ts";
import { settledWithin } from "./_settle.ts";
import { eventTime } from "./perform.ts";

/** Events of one journal at the most. */
const JOURNAL_EVENTS_MAX = 500_000;
/** How long cancelled effects may take to let go. */
const CANCEL_GRACE_MS = 900;
/** The place of a machine that cannot be asked yet; no path is like it. */
const SETTLING = "settling";
/** Decisions between two events at the most. */
const DECISIONS_MAX = 100_000;

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
    const { epoch } = run.key;
    append(run, runEvent("EXECUTION_STARTED", { epoch, version: VERSION }));
  } catch (error) {
    return endThrown(run, error);
  }
  const { cancelReason } = run.past;
  if (cancelReason !== undefined) return endCancelled(run, cancelReason);
  armDeadline(run);
  run.machine.listen?.(() => deliver(run, []));
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
    endThrown(run, error);
  }
}

/** Does what others asked of a run. */
export function takeRequest(run: LiveRun, request: RunRequest): void {
  if (run.leaving !== undefined || run.taken.has(request.id)) return;
  run.taken.add(request.id);
  // That of the event which it becomes; closed first, so that it does not
  // call the run back if that leaves memory now.
  const sequence = run.sequence + 1;
  outboxOf(run).writes.push(() =>
    run.shop.store.closeRequest(request.id, sequence)
  );
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
      takeSignal(run, request);
      break;
    case "CHILD_ENDED":
      takeChild(run, request.data);
      break;
  }
  // Also one that changes nothing may be what kept the run in memory.
  deliver(run, []);
}

/** Hands a signal to whoever waits for it; it is kept for who comes later. */
function takeSignal(run: LiveRun, { name, data }: RunRequest): void {
  for (const [key, waited] of run.signals) {
    if (waited.name === name) run.signals.delete(key);
  }
  deliver(run, [{ ...runEvent("SIGNAL_RECEIVED", data), name }]);
}

function pump(run: LiveRun): void {
  if (run.cancelReason !== undefined) return;
  // A held run takes in what its effects give, and decides on nothing.
  if (run.paused) return considerLeaving(run);
  for (let i = 0; i < DECISIONS_MAX; i++) {
    if (run.sequence > JOURNAL_EVENTS_MAX) return end(run, tooLong());
    const settling = run.machine.settling?.();
    if (settling !== undefined) return askOnceSettled(run, settling);
    const decision = run.machine.decide();
    if (decision.kind !== "blocked") return end(run, decision);
    if (decision.commands.length === 0) return considerLeaving(run);
    for (const command of decision.commands) carryOut(run, command);
  }
  end(run, tooLong());
}

/** Asks a machine later that has yet to come to its next stop. */
function askOnceSettled(run: LiveRun, settling: Promise<void>): void {
  if (run.inFlight.has(SETTLING)) return;
  // It holds a place, so that the run stays in memory until then.
  const place: InFlight = { abort: () => undefined, ended: settling };
  run.inFlight.set(SETTLING, place);
  void settling.then(() => {
    if (run.inFlight.get(SETTLING) !== place) return;
    run.inFlight.delete(SETTLING);
    deliver(run, []);
  });
}

function carryOut(run: LiveRun, command: Command): void {
  const key = keyOf(command);
  if (command.kind === "record") {
    const { type, path, name, attempt, data } = command;
    append(run, { type, path, name, attempt, data });
    return;
  }
  if (command.kind === "cancel") return withdraw(run, command);
  switch (command.kind) {
    case "run":
      return startActivity(run, command);
    case "timer":
      return startTimer(run, command);
    case "signal":
      run.signals.set(key, command);
      return;
    case "emit":
      return keepEvent(run, command);
    case "listen":
      return startListening(run, command);
    case "child":
      return startChild(run, command);
  }
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
  listenAgain(run);
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
  // It ends as cancelled, also when its time is over before it let go.
  run.stopDeadline?.();
  const flights = [...run.inFlight.values()];
  run.inFlight.clear();
  for (const flight of flights) flight.abort(abortion("cancelled"));
  outboxOf(run).after.push(() => {
    void settledWithin(run.shop.host.clock, {
      work: flights.map((it) => it.ended),
      timeoutMs: CANCEL_GRACE_MS,
    }).then(() => endCancelled(run, reason));
  });
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
