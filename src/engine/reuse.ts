/**
 * Begins a run with what an earlier one recorded: the journal of a retry.
 *
 * Pure. A fresh machine is asked what it wants, and is given the results of
 * the earlier run where they are of the same task and try, in their order. So
 * nothing is done again that need not be, and the machine comes to stand where
 * it stands by its own decisions, also one of a newer definition.
 *
 * @module
 */

import type { Command, JournalEvent, Machine } from "../model/durable.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { NewEvent } from "../model/run.ts";
import { VERSION } from "../model/version.ts";
import { listenPath } from "./listen_path.ts";
import { keyOf } from "./_live.ts";

/** What a run begins with. */
export interface ReuseOptions {
  readonly input: Json;
  /** The journal of the earlier run. */
  readonly events: readonly JournalEvent[];
  /** Whether a result for the task at a path is not taken, so that it is done again. */
  readonly isLeftOut: (event: JournalEvent, path: string) => boolean;
  /** The time of all that it begins with. */
  readonly nowMs: number;
}

/** The beginning of a journal. */
export interface Reused {
  readonly events: readonly JournalEvent[];
  /** How many results of the earlier run are in it. */
  readonly resultCount: number;
}

/** Decisions between two events at the most. */
const DECISIONS_MAX = 100_000;

/** A machine on its way through the results of an earlier run. */
interface Walker {
  readonly machine: Machine;
  readonly options: ReuseOptions;
  readonly events: JournalEvent[];
  /** What the machine waits for, by path and attempt. */
  readonly open: Map<string, Command>;
  /** Of those, the signals by their names. */
  readonly signals: Map<string, Command>;
  /** What came before the results: tasks and children started, timers set. */
  readonly preludes: ReadonlyMap<string, JournalEvent>;
  /** Whether the machine came to its end. */
  ended: boolean;
}

/**
 * Makes the beginning of a journal: its creation, its start, and the results
 * of an earlier run that the machine takes.
 *
 * @param machine A fresh one; it is fed what it begins with.
 */
export function reuseResults(machine: Machine, options: ReuseOptions): Reused {
  const walker: Walker = {
    machine,
    options,
    events: [],
    open: new Map(),
    signals: new Map(),
    preludes: preludesOf(options.events),
    ended: false,
  };
  write(walker, ofRun("EXECUTION_CREATED", options.input));
  write(walker, ofRun("EXECUTION_STARTED", { epoch: 0, version: VERSION }));
  settle(walker);
  return { events: walker.events, resultCount: feed(walker) };
}

/** Gives results until the machine takes none any more. */
function feed(walker: Walker): number {
  let results = walker.options.events.filter(isReusable);
  let count = 0;
  // What is wanted only after another one is found in a further round.
  while (!walker.ended) {
    const left: JournalEvent[] = [];
    for (const event of results) {
      const command = walker.ended ? undefined : wantedBy(walker, event);
      if (command === undefined) left.push(event);
      else give(walker, command, event);
    }
    count += results.length - left.length;
    if (left.length === results.length) return count;
    results = left;
  }
  return count;
}

/** Says whether an event is a result that another run can begin with. */
export function isReusable({ type }: JournalEvent): boolean {
  return type === "TASK_COMPLETED" || type === "TASK_FAILED" ||
    type === "TIMER_FIRED" || type === "EVENT_RECEIVED" ||
    type === "SIGNAL_RECEIVED";
}

/** The command that an event is the result of, if it is wanted. */
function wantedBy(walker: Walker, event: JournalEvent): Command | undefined {
  const command = commandFor(walker, event);
  if (command === undefined) return undefined;
  return walker.options.isLeftOut(event, command.path) ? undefined : command;
}

function commandFor(walker: Walker, event: JournalEvent): Command | undefined {
  const { open, signals } = walker;
  if (event.type === "SIGNAL_RECEIVED") return signals.get(event.name);
  if (event.type === "EVENT_RECEIVED") {
    const path = listenPath(event.path);
    const command = open.get(keyOf({ path, attempt: event.attempt }));
    if (command?.kind !== "listen" || !isJsonObject(event.data)) {
      return undefined;
    }
    return command.accepts(event.data) ? command : undefined;
  }
  const command = open.get(keyOf(event));
  if (event.type === "TIMER_FIRED") {
    return command?.kind === "timer" ? command : undefined;
  }
  if (command?.kind === "emit") {
    return event.type === "TASK_COMPLETED" ? command : undefined;
  }
  return command?.kind === "run" || command?.kind === "child"
    ? command
    : undefined;
}

/** Gives the machine a result, after what came before it. */
function give(walker: Walker, command: Command, event: JournalEvent): void {
  // A task that listens goes on until the machine withdraws it.
  if (command.kind !== "listen") close(walker, command);
  const prelude = walker.preludes.get(keyOf(event));
  if (prelude !== undefined && event.path !== "") write(walker, prelude);
  write(walker, event);
  settle(walker);
}

/** Takes in what the machine wants now. */
function settle(walker: Walker): void {
  for (let i = 0; i < DECISIONS_MAX; i++) {
    const decision = walker.machine.decide();
    if (decision.kind !== "blocked") {
      walker.ended = true;
      return;
    }
    if (decision.commands.length === 0) return;
    for (const command of decision.commands) takeIn(walker, command);
  }
  walker.ended = true;
}

function takeIn(walker: Walker, command: Command): void {
  switch (command.kind) {
    case "record": {
      const { kind: _, ...event } = command;
      return write(walker, event);
    }
    case "cancel":
      return withdraw(walker, command);
    case "signal":
      walker.signals.set(command.name, command);
      walker.open.set(keyOf(command), command);
      return;
    case "run":
    case "timer":
    case "child":
    case "emit":
    case "listen":
      walker.open.set(keyOf(command), command);
  }
}

function withdraw(
  walker: Walker,
  command: Extract<Command, { kind: "cancel" }>,
): void {
  const open = walker.open.get(keyOf(command));
  if (open === undefined) return;
  close(walker, open);
  if (open.kind !== "run" && open.kind !== "child") return;
  const { path, name, attempt } = command;
  write(walker, { type: "TASK_CANCELLED", path, name, attempt, data: null });
}

function close({ open, signals }: Walker, command: Command): void {
  open.delete(keyOf(command));
  if (command.kind === "signal") signals.delete(command.name);
}

/** Appends an event, and lets the machine see it. */
function write(walker: Walker, event: NewEvent): void {
  const { type, path, name, attempt, data } = event;
  const placed: JournalEvent = {
    sequence: walker.events.length + 1,
    timeMs: walker.options.nowMs,
    type,
    path,
    name,
    attempt,
    data,
  };
  walker.events.push(placed);
  walker.machine.apply(placed);
}

function ofRun(type: NewEvent["type"], data: Json): NewEvent {
  return { type, path: "", name: "", attempt: 0, data };
}

function preludesOf(
  events: readonly JournalEvent[],
): ReadonlyMap<string, JournalEvent> {
  return new Map(
    events.filter(({ type }) =>
      type === "TASK_STARTED" || type === "TIMER_SET" ||
      type === "CHILD_STARTED"
    ).map((event) => [keyOf(event), event]),
  );
}
