/**
 * Events of a run: what it emits is kept, what it listens for is offered to
 * its machine, one event after another.
 *
 * Each listener goes through the kept events by itself, from those on that
 * came after the run was created. So it makes no difference whether an event
 * came before or after its listener, and a run that left memory looks on from
 * where it was.
 *
 * @module
 */

import type { Command } from "../model/durable.ts";
import type { KeptEvent } from "../model/run.ts";
import { endThrown } from "./_leave.ts";
import { eventPath } from "./listen_path.ts";
import { isOffered } from "./_listening.ts";
import { keyOf, type LiveListener, type LiveRun } from "./_live.ts";
import { append, isAtWork, outboxOf, taskEvent } from "./_outbox.ts";
import { eventTime } from "./perform.ts";

/** Events read at once for one listener; others get their turn after them. */
const EVENTS_BATCH_MAX = 50;

/** Keeps an event, in the transaction that says so in the journal. */
export function keepEvent(
  run: LiveRun,
  command: Extract<Command, { kind: "emit" }>,
): void {
  const { event } = command;
  const nowMs = eventTime(run);
  append(run, taskEvent("TASK_COMPLETED", command, event));
  outboxOf(run).writes.push(() => run.shop.store.emit(run.key, event, nowMs));
}

/** Begins to listen, or goes on where it was when the run left memory. */
export function startListening(
  run: LiveRun,
  command: Extract<Command, { kind: "listen" }>,
): void {
  const { store } = run.shop;
  const known = store.listeners(run.key)
    .find((it) => keyOf(it) === keyOf(command));
  const first = run.gone.get(typesKey(command)) ??
    store.eventsAfterOf(run.key);
  run.listeners.set(keyOf(command), {
    command,
    seen: known?.seen ?? first,
    isUpToDate: false,
    isAtGone: known === undefined,
  });
  lookSoon(run);
}

/** Looks for events that came since. */
export function listenAgain(run: LiveRun): void {
  for (const listener of run.listeners.values()) listener.isUpToDate = false;
  if (run.listeners.size > 0) lookSoon(run);
}

/** Looks after the commit, so that a run sees what it emitted itself. */
function lookSoon(run: LiveRun): void {
  if (run.isLooking) return;
  run.isLooking = true;
  outboxOf(run).after.push(() => {
    run.isLooking = false;
    look(run);
  });
}

function look(run: LiveRun): void {
  if (!isAtWork(run) || run.paused || run.cancelReason !== undefined) return;
  const listeners = [...run.listeners].filter(([, it]) => !it.isUpToDate);
  try {
    for (const [key, listener] of listeners) offerSome(run, key, listener);
  } catch (error) {
    return endThrown(run, error);
  }
  if (run.leaving !== undefined) return;
  if (isOffered(run)) lookSoon(run);
  // With all of them up to date it may leave memory.
  else run.shop.deliver(run, []);
}

/** Offers a listener the next events; each that it takes moves the machine. */
function offerSome(run: LiveRun, key: string, listener: LiveListener): void {
  const { command } = listener;
  const { types } = command;
  const events = run.shop.store.eventsAfter(listener.seen, {
    limit: EVENTS_BATCH_MAX,
    ...(types === undefined ? {} : { types }),
  });
  for (const kept of events) {
    if (run.leaving !== undefined || run.listeners.get(key) !== listener) {
      return;
    }
    listener.seen = kept.sequence;
    noteGone(run, listener, kept);
    if (!command.accepts(kept.event)) continue;
    const index = run.past.takenBy.get(key) ?? 0;
    const about = { ...command, path: eventPath(command.path, index) };
    run.shop.deliver(run, [taskEvent("EVENT_RECEIVED", about, kept.event)]);
  }
  listener.isUpToDate = events.length < EVENTS_BATCH_MAX;
}

/**
 * Notes that a listener to come need not look at what is gone: of many that
 * listen one after another, each would look at all from the first.
 */
function noteGone(
  run: LiveRun,
  listener: LiveListener,
  { sequence, event }: KeptEvent,
): void {
  listener.isAtGone &&= listener.command.isGone(event);
  if (!listener.isAtGone) return;
  const key = typesKey(listener.command);
  run.gone.set(key, Math.max(run.gone.get(key) ?? 0, sequence));
}

function typesKey({ types }: LiveListener["command"]): string {
  return JSON.stringify(types ?? null);
}
