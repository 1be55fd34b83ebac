/**
 * Executions as the store keeps them and the engine moves them.
 *
 * @module
 */

import type { Failure } from "./failure.ts";
import type { ExecutionId } from "./id.ts";
import type { Json, JsonObject } from "./json.ts";
import type { PhaseName } from "./phase.ts";
import type { ModelUsage } from "./usage.ts";

/** The two kinds of execution. */
export type ExecutionKind = "AgentExecution" | "WorkflowExecution";

/** What is needed to store an execution. */
export interface NewExecution {
  readonly id: ExecutionId;
  readonly kind: ExecutionKind;
  /** For people: the slug of the resource with a short suffix. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `ExecutionSpec` of the contract as proto-JSON. */
  readonly spec: JsonObject;
  /** The input; the first event of the journal carries it. */
  readonly input: Json;
  readonly createdBy: string;
  /** Its merged variables; stored apart, and not read back with a record. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The execution and the task that wait for this one. */
  readonly parent?: {
    readonly executionId: ExecutionId;
    readonly path: string;
  };
  /** Unique among executions when given. */
  readonly idempotencyKey?: string;
  /**
   * What marks the sealed references of its run, 32 hexadecimal digits; absent
   * where it can have none.
   */
  readonly sealMark?: string;
  /**
   * The workflow whose program alone can run it, by its slug; absent where any
   * worker can.
   */
  readonly servedBy?: string;
  /**
   * Stores what it may open, sealed; called in the transaction that stores it.
   * Not read back with a record.
   */
  readonly keepSecrets?: () => void;
}

/** An execution as it is stored, without its journal. */
export interface ExecutionRecord extends NewExecution {
  readonly phase: PhaseName;
  readonly output?: Json;
  readonly failure?: Failure;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly startedAtMs?: number;
  readonly completedAtMs?: number;
  /** What a WAITING execution waits for, in words. */
  readonly waitingFor?: string;
  /** When a WAITING execution goes on by itself. */
  readonly dueAtMs?: number;
  /** What its model turns used; of one that ended. */
  readonly usage?: ModelUsage;
  /** Sequence number of its newest event. */
  readonly lastSequence: number;
  /** When its journal was removed; absent while it is whole. */
  readonly journalRemovedAtMs?: number;
}
