/**
 * What the engine and the store say to each other about runs.
 *
 * A run is the part of an execution that moves: who owns it, how often it was
 * taken over, when it is due. The store implements {@linkcode RunStore}; the
 * engine calls it.
 *
 * @module
 */

import type { CloudEvent, EventType, JournalEvent } from "./durable.ts";
import type { ExecutionRecord, NewExecution } from "./execution.ts";
import { type Failure, failureOf } from "./failure.ts";
import type { ExecutionId } from "./id.ts";
import type { Json } from "./json.ts";
import type { PhaseName } from "./phase.ts";
import type { ModelUsage } from "./usage.ts";

/**
 * The format of the journal records that this release writes.
 *
 * A reader refuses a higher one: that database was written by a newer release.
 */
export const JOURNAL_FORMAT = 1;

/**
 * The right to write to a run: it holds as long as the run's row has this
 * owner and this epoch.
 */
export interface RunKey {
  /** The run's number in the store. */
  readonly number: number;
  readonly executionId: ExecutionId;
  /** Number of the worker that owns it. */
  readonly owner: number;
  /** Counts the claims of the run, from 1. */
  readonly epoch: number;
}

/** A process that runs executions. */
export interface WorkerRecord {
  /** Given by the store, never used again. */
  readonly number: number;
  /** Unique among all workers of all times; names its lock file. */
  readonly id: string;
  readonly pid: number;
  readonly hostname: string;
  readonly startedAtMs: number;
  /** Until when it counts as alive without a further sign. */
  readonly leaseUntilMs: number;
}

/** How a run stands, as its execution shows it. */
export interface RunStatus {
  readonly phase: PhaseName;
  readonly output?: Json;
  readonly failure?: Failure;
  readonly startedAtMs?: number;
  readonly completedAtMs?: number;
  readonly waitingFor?: string;
  readonly dueAtMs?: number;
  /** What its model turns used; of one that ended. */
  readonly usage?: ModelUsage;
}

/** Something asked of a run by whoever does not own it. */
export interface RunRequest {
  /** Counts up within the store. */
  readonly id: number;
  readonly executionId: ExecutionId;
  readonly type: RunRequestType;
  /** The signal's name, or the path that waits for the child. */
  readonly name: string;
  /** The signal's payload, the reason to cancel, the child's id. */
  readonly data: Json;
}

/** What can be asked of a run. */
export type RunRequestType =
  | "CANCEL"
  | "PAUSE"
  | "RESUME"
  | "SIGNAL"
  | "CHILD_ENDED";

/** An event before it has its place in the journal. */
export interface NewEvent {
  readonly type: EventType;
  readonly path: string;
  readonly name: string;
  readonly attempt: number;
  readonly data: Json;
}

/**
 * Why a run cannot be claimed; one that is `held` can once its turn comes, and
 * one that is `unserved` only by the program that serves its workflow.
 */
export type ClaimRefusal =
  | "missing"
  | "terminal"
  | "paused"
  | "owned"
  | "held"
  | "unserved";

/** Makes the failure of an execution that someone cancelled. */
export function cancelledFailure(reason: string): Failure {
  const detail = reason === "" ? "Cancelled" : `Cancelled: ${reason}`;
  return { ...failureOf("runtime", detail), title: "Cancelled" };
}

/** A task that listens for events. */
export interface RunListener {
  readonly path: string;
  readonly attempt: number;
  /** The types that can be meant; absent means any. */
  readonly types?: readonly string[];
  /** The newest event that it was offered, by its sequence number. */
  readonly seen: number;
}

/** An event as it was kept. */
export interface KeptEvent {
  readonly sequence: number;
  readonly event: CloudEvent;
}

/** Which runs are claimed, and for whom. */
export interface ClaimOptions {
  readonly owner: number;
  readonly nowMs: number;
  readonly limit: number;
  readonly among?: readonly ExecutionId[];
  /** The workflows whose programs run here, by their slugs; default none. */
  readonly served?: readonly string[];
  /** Whether only runs of those are claimed. */
  readonly onlyServed?: boolean;
}

/** Where runs, journals and workers are kept. All calls are synchronous. */
export interface RunStore {
  /** Runs a function in one transaction; all is undone when it throws. */
  transaction<T>(work: () => T): T;
  /**
   * Changes whenever another process committed something, or this one wrote
   * what a worker must look at.
   */
  version(): string;
  /** Calls back when this process wrote what a worker must look at. */
  subscribe(listener: () => void): () => void;

  /** Enters a worker and gives its number. */
  addWorker(worker: Omit<WorkerRecord, "number">): number;
  /** Says that a worker lives; false when it was given up meanwhile. */
  renewLease(owner: number, leaseUntilMs: number): boolean;
  /** Every worker entered. */
  workers(): readonly WorkerRecord[];
  /** Removes a worker and makes its runs claimable at once. */
  removeWorker(owner: number, nowMs: number): number;

  /**
   * Stores an execution; the caller owns it when it names an owner. Gives
   * `undefined` when it has to wait for another one of its session: then it is
   * nobody's, and due once that has ended.
   */
  insert(
    execution: NewExecution,
    options: { readonly nowMs: number; readonly owner?: number },
  ): RunKey | undefined;
  /**
   * Claims runs that nobody owns and that are due: all, or some of these. Of
   * those that a program alone can run it claims only what is served here.
   */
  claimDue(options: ClaimOptions): readonly RunKey[];
  /** Claims one run that nobody owns, due or not. */
  claim(
    executionId: ExecutionId,
    options: Pick<ClaimOptions, "owner" | "served">,
  ): RunKey | ClaimRefusal;
  /** The execution of a run. */
  execution(executionId: ExecutionId): ExecutionRecord | undefined;
  /** The whole journal of a run. */
  events(key: RunKey): readonly JournalEvent[];
  /** Whether the key still holds. */
  holds(key: RunKey): boolean;
  /** Appends events; false, and nothing is written, when the key is lost. */
  append(key: RunKey, events: readonly JournalEvent[]): boolean;
  /** Writes how an execution stands. */
  saveStatus(key: RunKey, status: RunStatus, nowMs: number): void;
  /** Gives a run back, to be claimed at `dueAtMs`, or only once woken. */
  release(key: RunKey, dueAtMs: number | undefined): void;
  /** Gives up a run that has ended, with what was still asked of it. */
  retire(key: RunKey): void;
  /** Tells the parent of an ended child; it is woken when nobody owns it. */
  childEnded(
    parent: { readonly executionId: ExecutionId; readonly path: string },
    childId: ExecutionId,
    nowMs: number,
  ): void;
  /** What an execution waits for, through its children; by what it says. */
  surfacedWait(executionId: ExecutionId, waitingFor: string): string;
  /** Tells a parked parent that a child of it waits for a person. */
  childWaits(parent: ExecutionId, nowMs: number): void;
  /**
   * The execution that holds up another one of its session, or one that it
   * waits for, though nobody has been at work on that since that time.
   */
  abandonedBefore(
    executionId: ExecutionId,
    sinceMs: number,
  ): ExecutionId | undefined;
  /** Ids of the executions that a run started and that have not ended. */
  liveChildren(executionId: ExecutionId): readonly ExecutionId[];
  /** What the executions that a run started used, by id; of those that ended. */
  childUsages(executionId: ExecutionId): ReadonlyMap<string, ModelUsage>;
  /** Asks a run, owned or not, to stop. */
  requestCancel(
    executionId: ExecutionId,
    options: { readonly reason: string; readonly nowMs: number },
  ): void;

  /** Requests to runs of a worker, or to one of them, not taken yet. */
  openRequests(owner: number, run?: number): readonly RunRequest[];
  /** Notes that a request became the event with that sequence number. */
  closeRequest(requestId: number, sequence: number): void;

  /** Keeps an event that a run emits, and tells those that listen. */
  emit(key: RunKey, event: CloudEvent, nowMs: number): void;
  /** Sequence number of the newest event kept; 0 for none. */
  lastEventSequence(): number;
  /** Events past a sequence number, oldest first. */
  eventsAfter(
    sequence: number,
    options: { readonly limit: number; readonly types?: readonly string[] },
  ): readonly KeptEvent[];
  /** The newest event that had been kept when a run was created. */
  eventsAfterOf(key: RunKey): number;
  /** What a run listened for when it last left memory. */
  listeners(key: RunKey): readonly RunListener[];
  /**
   * Keeps what a run that leaves memory listens for. Says whether something
   * came meanwhile that it was not offered: then it is due at once.
   */
  saveListeners(key: RunKey, listeners: readonly RunListener[]): boolean;

  /** When the next unowned run is due, of those that can run here. */
  nextDueAtMs(served?: readonly string[]): number | undefined;
  /** How many runs some worker owns. */
  ownedCount(): number;
}
