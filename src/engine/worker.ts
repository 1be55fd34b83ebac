/**
 * The runner of one process: claims runs, drives their machines, carries out
 * their effects, and hands back what it does not finish.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Activity, ActivityDelta } from "../model/durable.ts";
import type { NewExecution } from "../model/execution.ts";
import type { ExecutionId } from "../model/id.ts";
import type { RunStore } from "../model/run.ts";
import type { LoadProgram, PrepareChild, WorkerNote } from "./ports.ts";

/** What a worker is made of. */
export interface WorkerOptions {
  readonly host: Host;
  /** `openRunStore(database)` of the store. */
  readonly store: RunStore;
  /** Folder of the workers' lock files; made when it is not there. */
  readonly lockDirectory: string;
  readonly loadProgram: LoadProgram;
  readonly prepareChild: PrepareChild;
  /** Who carries out effects, by the name of the activity. */
  readonly activities: Readonly<Record<string, Activity>>;
  /** Called when a run left memory: ended, parked or lost. */
  readonly onRelease?: (executionId: ExecutionId) => Promise<void>;
  /** Called for each thing worth telling. */
  readonly onNote?: (note: WorkerNote) => void;
  /** Activities at work at once at the most; default 256. */
  readonly concurrency?: number;
}

/** How long and what a worker serves. */
export interface ServeOptions {
  /**
   * Whether to end when nothing is runnable, due within a second or owned by
   * a live process.
   */
  readonly untilIdle?: boolean;
  /** Ends it; what runs goes on until the worker is closed. */
  readonly signal: AbortSignal;
}

/** A piece of live output of a task. */
export interface RunDelta extends ActivityDelta {
  readonly path: string;
  readonly name: string;
  readonly attempt: number;
}

/** The runner of one process. */
export interface Worker extends AsyncDisposable {
  /** Number of this worker in the store, once it has entered itself. */
  readonly number: number;
  /**
   * Stores an execution owned by this worker and runs it, also after it was
   * parked; resolves once it is stored.
   */
  create(execution: NewExecution): Promise<void>;
  /**
   * Claims one run and runs it, also after it was parked. The children it
   * starts are run here too.
   *
   * @throws {StigmerError} NOT_FOUND; FAILED_PRECONDITION when it has ended,
   * is paused, or a live worker owns it.
   */
  own(executionId: ExecutionId): Promise<void>;
  /** Claims whatever is pending, due or orphaned. */
  serve(options: ServeOptions): Promise<void>;
  /** Calls back for live output of a run; returns what ends that. */
  watchDeltas(
    executionId: string,
    listener: (delta: RunDelta) => void,
  ): () => void;
  /**
   * Stops taking, aborts what runs and hands it back, so that another worker
   * can take it at once.
   */
  close(): Promise<void>;
}

/** Starts the runner of this process. */
export function startWorker(options: WorkerOptions): Worker {
  throw new Error(`not there yet: ${options.lockDirectory}`);
}
