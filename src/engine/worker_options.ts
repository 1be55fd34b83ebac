/**
 * What a worker is made of, and how it is asked to serve.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Activity } from "../model/durable.ts";
import type { ExecutionId } from "../model/id.ts";
import type { RunStore } from "../model/run.ts";
import type {
  CreateMask,
  LoadProgram,
  PrepareChild,
  WorkerNote,
} from "./ports.ts";

/** What a worker is made of. */
export interface WorkerOptions {
  readonly host: Host;
  /** `openRunStore(database)` of the store. */
  readonly store: RunStore;
  /** Folder of the workers' lock files; made when it is not there. */
  readonly lockDirectory: string;
  readonly loadProgram: LoadProgram;
  readonly prepareChild: PrepareChild;
  /** `createMask` of the vault, for runs that have no secrets of their own. */
  readonly createMask: CreateMask;
  /** Who carries out effects, by the name of the activity. */
  readonly activities: Readonly<Record<string, Activity>>;
  /** Called when a run left memory: ended, parked or lost. */
  readonly onRelease?: (executionId: ExecutionId) => Promise<void>;
  /** Called for each thing worth telling. */
  readonly onNote?: (note: WorkerNote) => void;
  /**
   * Whether it does not run what another process left behind in a session,
   * where a run of its own waits for its turn; default false.
   */
  readonly leavesAbandoned?: boolean;
  /**
   * The workflows whose programs are in this process, by their slugs; read
   * anew whenever it looks, as more may come.
   */
  readonly served?: () => readonly string[];
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
  /** Whether it takes only executions of the programs in this process. */
  readonly onlyServed?: boolean;
  /** Ends it; what runs goes on until the worker is closed. */
  readonly signal: AbortSignal;
}
