/**
 * What a run writes in its next transaction, and what follows from it.
 *
 * @module
 */

import type {
  ActivityOutcome,
  Command,
  JournalEvent,
} from "../model/durable.ts";
import { messageOf, StigmerError } from "../model/error.ts";
import { failureToJson } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { NewEvent, RunStatus } from "../model/run.ts";
import {
  absorb,
  type InFlight,
  type Leaving,
  type LiveRun,
  type Outbox,
} from "./_live.ts";
import { eventTime } from "./perform.ts";

const NOW: Promise<void> = Promise.resolve();

/** The outbox of this turn; the first to ask for it has it committed. */
export function outboxOf(run: LiveRun): Outbox {
  if (run.outbox !== undefined) return run.outbox;
  const { spoiled } = run;
  const outbox: Outbox = { events: [], writes: [], after: [], spoiled };
  const isVoid = (): boolean => isGone(run.leaving) || run.spoiled !== spoiled;
  run.outbox = outbox;
  run.shop.commit.add({
    write() {
      // What comes from here on belongs to the next transaction.
      if (run.outbox === outbox) run.outbox = undefined;
      if (isVoid()) return false;
      const { store } = run.shop;
      if (!store.append(run.key, outbox.events)) return false;
      for (const work of outbox.writes) work();
      return true;
    },
    settled(written) {
      if (isVoid()) return;
      if (!written) return drop(run, { kind: "lost" });
      for (const work of outbox.after) work();
    },
    failed(error) {
      if (isVoid()) return;
      const sequence = outbox.events[0]?.sequence;
      if (sequence === undefined || run.spoiled || mayPass(error)) {
        drop(run, { kind: "trouble", detail: messageOf(error) });
      } else run.shop.spoil(run, { sequence, error });
    },
  });
  return outbox;
}

/** Places an event in the journal, and lets the machine see it. */
export function append(run: LiveRun, event: NewEvent): JournalEvent {
  const placed: JournalEvent = {
    ...event,
    sequence: run.sequence + 1,
    timeMs: eventTime(run),
  };
  absorb(run, placed);
  outboxOf(run).events.push(placed);
  run.machine.apply(placed, run.shop.host.clock);
  return placed;
}

/** Writes an event that the machine needs not see. */
export function write(run: LiveRun, event: NewEvent): JournalEvent {
  const placed: JournalEvent = {
    ...event,
    sequence: run.sequence + 1,
    timeMs: eventTime(run),
  };
  absorb(run, placed);
  outboxOf(run).events.push(placed);
  return placed;
}

/** Writes how the run stands with its next events. */
export function saveStatus(run: LiveRun): void {
  const { status } = run;
  const nowMs = eventTime(run);
  outboxOf(run).writes.push(() =>
    run.shop.store.saveStatus(run.key, status, nowMs)
  );
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

/**
 * Whether a later try may do better: what the disk or the database refused, in
 * contrast to what the store itself does not take.
 */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof StigmerError)) return false;
  return error.code !== "ALREADY_EXISTS" && error.code !== "INTERNAL" &&
    error.cause !== undefined;
}

function isGone(leaving: Leaving | undefined): boolean {
  return leaving?.kind === "lost" || leaving?.kind === "trouble";
}

/** An event of the run itself. */
export function runEvent(type: NewEvent["type"], data: Json): NewEvent {
  return { type, path: "", name: "", attempt: 0, data };
}

/** An event of a task. */
export function taskEvent(
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

/** Why an effect is told to let go. */
export function abortion(why: string): DOMException {
  return new DOMException(`The task was ${why}`, "AbortError");
}

/** A status without what was waited for. */
export function withoutWait(status: RunStatus): RunStatus {
  const { waitingFor: _, dueAtMs: __, ...rest } = status;
  return rest;
}

/** What stands for an effect until it starts. */
export function makePlace(): InFlight {
  return { abort: () => undefined, ended: NOW };
}

/** Whether something new may be started for a run. */
export function isAtWork(run: LiveRun): boolean {
  return run.leaving === undefined && !run.shop.closing();
}

/** The event of an effect's or a child's end. */
export function resultEvent(
  command: Extract<Command, { kind: "run" | "child" }>,
  outcome: ActivityOutcome,
): NewEvent {
  return outcome.kind === "completed"
    ? taskEvent("TASK_COMPLETED", command, outcome.output)
    : taskEvent("TASK_FAILED", command, failureToJson(outcome.failure));
}
