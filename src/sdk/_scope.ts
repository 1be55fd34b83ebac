/**
 * What a machine of durable functions is made of, and what it gives the context
 * of a task.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import type { ServedKind, ServedMachineOptions } from "../model/served.ts";
import type { AskedFor } from "./_operation.ts";

/** One task of a workflow, as the machine runs it. */
export interface MachineTask {
  readonly name: string;
  readonly run: (scope: Scope, input: Json) => PromiseLike<unknown>;
}

/** What a machine is made of. */
export interface DurableMachineOptions extends ServedMachineOptions {
  readonly workflow: string;
  readonly functions: readonly MachineTask[];
  /** Says what is wrong with an input, or `undefined`. */
  readonly inputProblem: (input: Json) => string | undefined;
}

/** What a machine gives the context of a task. */
export interface Scope {
  readonly options: DurableMachineOptions;
  /** The path of the task. */
  readonly path: string;
  readonly nowMs: () => number;
  /** A path beneath the task's; the second of a name has `#2` after it. */
  readonly place: (kind: ServedKind, name: string) => string;
  readonly ask: (asked: AskedFor) => Promise<Json | undefined>;
  /** Makes a promise stand for another one that was asked for. */
  readonly stand: <T extends object>(promise: T, asked: object) => T;
  /** Withdraws what is waited for, unless it is over. */
  readonly withdraw: (promise: object) => void;
  /** Withdraws all that the task waits for. */
  readonly giveUp: () => void;
  /** Waits for something that is no event, and is not outrun by one. */
  readonly aside: <T>(work: Promise<T>) => Promise<T>;
  /** Runs what a step does, so that nothing is asked for within it. */
  readonly within: <T>(step: string, run: () => T) => T;
  /** A value without what is secret. */
  readonly hide: (value: Json) => Json;
}
