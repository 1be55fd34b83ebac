/**
 * Effects and timers of a run: starting them, and ending those that are no
 * longer wanted.
 *
 * @module
 */

import type { Command } from "../model/durable.ts";
import { cancelChild } from "./_child.ts";
import { keyOf, type LiveRun, type LiveTimer } from "./_live.ts";
import {
  abortion,
  append,
  isAtWork,
  makePlace,
  outboxOf,
  resultEvent,
  taskEvent,
} from "./_outbox.ts";
import { eventTime, perform } from "./perform.ts";

/** Starts an effect after the commit. */
export function startActivity(
  run: LiveRun,
  command: Extract<Command, { kind: "run" }>,
): void {
  const key = keyOf(command);
  if (command.request.announced && !run.past.started.has(key)) {
    const { rule } = command;
    const data = rule === undefined ? null : { rule };
    append(run, taskEvent("TASK_STARTED", command, data));
  }
  // The place is held until the effect starts, after the commit.
  const place = makePlace();
  run.inFlight.set(key, place);
  outboxOf(run).after.push(() => {
    if (run.inFlight.get(key) !== place || !isAtWork(run)) return;
    const flight = perform(run, command, (outcome) => {
      if (run.inFlight.get(key) !== flight) return;
      run.inFlight.delete(key);
      run.shop.deliver(run, [resultEvent(command, outcome)]);
    });
    run.inFlight.set(key, flight);
  });
}

/** Sets a timer, or goes on with one that was set before. */
export function startTimer(
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

/** Ends what a machine no longer waits for. */
export function withdraw(
  run: LiveRun,
  command: Extract<Command, { kind: "cancel" }>,
): void {
  const key = keyOf(command);
  run.withheld.delete(key);
  run.signals.delete(key);
  run.listeners.delete(key);
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

function arm(run: LiveRun, timer: LiveTimer): void {
  const key = keyOf(timer.command);
  if (run.timers.get(key) !== timer || run.leaving !== undefined) return;
  const { clock } = run.shop.host;
  timer.stop = clock.timer(Math.max(0, timer.dueAtMs - clock.now()), () => {
    if (run.timers.get(key) !== timer) return;
    // A clock that runs a little ahead must not fire what is not due yet.
    if (clock.now() < timer.dueAtMs) return arm(run, timer);
    run.timers.delete(key);
    run.shop.deliver(run, [taskEvent("TIMER_FIRED", timer.command, null)]);
  });
}
