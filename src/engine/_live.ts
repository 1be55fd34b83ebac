/**
 * A run in memory: its machine, what is at work for it, and what is to be
 * written next.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type {
  Activity,
  Command,
  JournalEvent,
  Machine,
} from "../model/durable.ts";
import type { ExecutionRecord, NewExecution } from "../model/execution.ts";
import type { ExecutionId } from "../model/id.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import type { NewEvent, RunKey, RunStatus, RunStore } from "../model/run.ts";
import type { Running } from "../model/running.ts";
import type { Slots } from "../model/slots.ts";
import { listenPath } from "./listen_path.ts";
import type { GroupCommit } from "./group_commit.ts";
import type {
  CreateMask,
  LoadProgram,
  PrepareChild,
  Program,
  WorkerNote,
} from "./ports.ts";

/** What the runs of one worker share. */
export interface Workshop {
  readonly host: Host;
  readonly store: RunStore;
  readonly commit: GroupCommit;
  readonly activities: Readonly<Record<string, Activity>>;
  readonly loadProgram: LoadProgram;
  readonly prepareChild: PrepareChild;
  readonly createMask: CreateMask;
  readonly slots: Slots;
  /** Whether nothing new is started, because the worker closes. */
  readonly closing: () => boolean;
  /** Number of the worker. */
  readonly owner: () => number;
  /** Gives a run events, and carries out what follows. */
  readonly deliver: (run: LiveRun, events: readonly NewEvent[]) => void;
  /** Whether this process has what an execution runs. */
  readonly runsHere: (execution: NewExecution) => boolean;
  /** Whether a run is in memory here, or on its way. */
  readonly holds: (executionId: ExecutionId) => boolean;
  /** Ends a run of which events can never be written, from a sequence number on. */
  readonly spoil: (run: LiveRun, spoiled: Spoiled) => void;
  /** Called once a run has left memory, with how it left. */
  readonly left: (run: LiveRun, leaving: Leaving) => void;
  /**
   * Called when a child was stored: with its key when this worker owns it,
   * without when it has to wait for its turn.
   */
  readonly adopt: (child: ExecutionRecord, key: RunKey | undefined) => void;
  readonly emit: (run: LiveRun, delta: RunDelta) => void;
  readonly note: (note: WorkerNote) => void;
}

/** A piece of live output of a task. */
export interface RunDelta {
  readonly type: "TEXT_DELTA" | "OUTPUT_DELTA";
  readonly text: string;
  readonly path: string;
  readonly name: string;
  readonly attempt: number;
}

/** How a run leaves memory. */
export type Leaving =
  | { readonly kind: "parked"; readonly waitingFor: string }
  | { readonly kind: "completed" }
  | { readonly kind: "failed"; readonly detail: string }
  | { readonly kind: "cancelled" }
  /** Another worker has it now. */
  | { readonly kind: "lost" }
  /** It could not be written. */
  | { readonly kind: "trouble"; readonly detail: string };

/** What there is to say of how a run left, in words. */
export function detailOf(leaving: Leaving): string {
  switch (leaving.kind) {
    case "parked":
      return leaving.waitingFor;
    case "failed":
    case "trouble":
      return leaving.detail;
    case "completed":
    case "cancelled":
    case "lost":
      return "";
  }
}

/** What of a run cannot be written, and why. */
export interface Spoiled {
  /** Sequence number of the first event that is not there. */
  readonly sequence: number;
  readonly error: unknown;
}

/** An effect at work or in line. */
export interface InFlight {
  /** Tells it to let go. */
  abort(reason: DOMException): void;
  /** Resolves when it let go. */
  ended: Promise<void>;
}

/** A timer that a machine waits for. */
export interface LiveTimer {
  readonly command: Extract<Command, { kind: "timer" }>;
  readonly dueAtMs: number;
  stop?: () => void;
}

/** A run in memory. */
export interface LiveRun {
  readonly shop: Workshop;
  readonly key: RunKey;
  readonly execution: ExecutionRecord;
  readonly program: Program;
  readonly machine: Machine;
  sequence: number;
  lastTimeMs: number;
  status: RunStatus;
  paused: boolean;
  /** Set while it is being cancelled. */
  cancelReason: string | undefined;
  /** Set once it is on its way out: nothing is taken in any more. */
  leaving: Leaving | undefined;
  outbox: Outbox | undefined;
  /** Effects by path and attempt. */
  readonly inFlight: Map<string, InFlight>;
  readonly timers: Map<string, LiveTimer>;
  /** Children waited for, by path and attempt. */
  readonly children: Map<string, WaitedChild>;
  /** Signals waited for, by path and attempt. */
  readonly signals: Map<string, Extract<Command, { kind: "signal" }>>;
  /** Tasks that listen for events, by path and attempt. */
  readonly listeners: Map<string, LiveListener>;
  /** Up to where all events of some types are gone for a new listener. */
  readonly gone: Map<string, number>;
  /** Whether events are looked for after the next commit. */
  isLooking: boolean;
  /** Timers that were set when it was paused. */
  readonly withheld: Map<string, Command>;
  /** What the journal says: timers set, children started, tasks started. */
  readonly past: Past;
  /** Requests that are on their way into the journal. */
  readonly taken: Set<number>;
  stopDeadline: (() => void) | undefined;
  /** Whether its end replaces events that could not be written. */
  spoiled: boolean;
}

/** A task that listens for events. */
export interface LiveListener {
  readonly command: Extract<Command, { kind: "listen" }>;
  /** The newest event that it was offered, by its sequence number. */
  seen: number;
  /** Whether it was offered all that there is. */
  isUpToDate: boolean;
  /** Whether all that it was offered yet is gone for those after it, too. */
  isAtGone: boolean;
}

/** A child that a task waits for. */
export interface WaitedChild {
  readonly command: Extract<Command, { kind: "child" }>;
  readonly executionId: ExecutionId;
}

/** What of the journal a restart needs. */
export interface Past {
  readonly timersDue: Map<string, number>;
  readonly children: Map<string, ExecutionId>;
  /** Whether it ever started a child. */
  hadChildren: boolean;
  readonly started: Set<string>;
  /** How many events each listener took, by its path and attempt. */
  readonly takenBy: Map<string, number>;
  firstStartedAtMs: number | undefined;
  /** How long it was in memory. */
  readonly running: Running;
  /** Set when a cancellation was begun, and perhaps not ended. */
  cancelReason: string | undefined;
}

/** What a run writes in its next transaction, and does after it. */
export interface Outbox {
  readonly events: JournalEvent[];
  readonly writes: (() => void)[];
  readonly after: (() => void)[];
  /** Whether it replaces what could not be written: others are void then. */
  readonly spoiled: boolean;
}

/** Notes what of an event a restart needs. */
export function absorb(run: LiveRun, event: JournalEvent): void {
  const { past } = run;
  past.running.apply(event);
  run.sequence = event.sequence;
  run.lastTimeMs = event.timeMs;
  switch (event.type) {
    case "EXECUTION_STARTED":
      past.firstStartedAtMs ??= event.timeMs;
      break;
    case "EXECUTION_CANCEL_REQUESTED":
      past.cancelReason = textMember(event.data, "reason");
      break;
    case "EXECUTION_PAUSED":
      run.paused = true;
      break;
    case "EXECUTION_RESUMED":
      run.paused = false;
      break;
    case "TASK_STARTED":
      past.started.add(keyOf(event));
      break;
    case "TIMER_SET":
      past.timersDue.set(keyOf(event), numberMember(event.data, "dueAtMs"));
      break;
    case "EVENT_RECEIVED":
      noteReceived(past, event);
      break;
    case "CHILD_STARTED":
      past.hadChildren = true;
      past.children.set(
        keyOf(event),
        textMember(event.data, "executionId") as ExecutionId,
      );
      break;
    case "TIMER_FIRED":
    case "TASK_COMPLETED":
    case "TASK_FAILED":
    case "TASK_CANCELLED":
      forget(past, keyOf(event));
      break;
    default:
      break;
  }
}

function noteReceived(past: Past, event: JournalEvent): void {
  const by = keyOf({ ...event, path: listenPath(event.path) });
  past.takenBy.set(by, (past.takenBy.get(by) ?? 0) + 1);
}

function forget(past: Past, key: string): void {
  past.timersDue.delete(key);
  past.children.delete(key);
  past.started.delete(key);
}

/** The key of what a command or an event is about. */
export function keyOf(
  about: { readonly path: string; readonly attempt: number },
): string {
  return `${about.attempt} ${about.path}`;
}

function numberMember(data: Json, key: string): number {
  const value = isJsonObject(data) ? member(data, key) : undefined;
  return typeof value === "number" ? value : 0;
}

function textMember(data: Json, key: string): string {
  const value = isJsonObject(data) ? member(data, key) : undefined;
  return typeof value === "string" ? value : "";
}
