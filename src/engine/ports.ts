/**
 * What the engine needs of the rest: programs, children and a store of runs.
 *
 * The engine imports neither store nor agent: the composition root plugs them
 * in here.
 *
 * @module
 */

import type { ChildRequest } from "../model/child.ts";
import type { Machine } from "../model/durable.ts";
import type { ExecutionRecord, NewExecution } from "../model/execution.ts";
import type { Failure } from "../model/failure.ts";
import type { Mask, RunSecrets } from "../model/mask.ts";
import type { Secrets } from "../model/secrets.ts";

export type { RunSecrets } from "../model/mask.ts";
export type { RunStore } from "../model/run.ts";

/** What is asked of a machine besides its work. */
export interface MachineOptions {
  /** Whether it keeps the input and the output of each task. */
  readonly traced?: boolean;
}

/** What an execution runs. */
export interface Program {
  /** A fresh machine, to be fed the journal from its first event. */
  readonly createMachine: (options?: MachineOptions) => Machine;
  /** The execution's merged variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** What it may open, and what hides it; absent where it has no secrets. */
  readonly secrets?: RunSecrets;
  /** The folder that relative paths start from; absolute. */
  readonly workingDirectory: string;
  /** Wall time of the whole at the most. */
  readonly timeoutMs?: number;
  /**
   * Whether that leaves out the time that it is not in memory: while it waits
   * for a person or a child, or is held. Default that all time counts.
   */
  readonly timesWorkOnly?: boolean;
  /** How it fails when that is over; absent for a plain timeout. */
  readonly timeoutFailure?: Failure;
}

/** Finds what an execution runs; throws a `StigmerError` when it cannot. */
export type LoadProgram = (execution: ExecutionRecord) => Promise<Program>;

/** Makes the record of a child; throws a `StigmerError` when it cannot. */
export type PrepareChild = (
  parent: ExecutionRecord,
  path: string,
  request: ChildRequest,
) => Promise<NewExecution>;

/** Makes what hides secrets; more can be added to it. */
export type CreateMask = (secrets: Secrets) => Mask | Promise<Mask>;

/** Something that a worker did, for people to follow. */
export interface WorkerNote {
  readonly kind:
    | "scheduled"
    | "taken"
    | "parked"
    | "completed"
    | "failed"
    | "cancelled"
    | "lost"
    | "trouble";
  /** Absent when it is about the worker itself. */
  readonly executionId?: string;
  /** In words: the failure, what is waited for, what went wrong. */
  readonly detail: string;
}
