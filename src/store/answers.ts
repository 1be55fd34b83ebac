/**
 * Signals of which the first of a name counts: the answers of people.
 *
 * @module
 */

import type { ExecutionId } from "../model/id.ts";
import type { Json } from "../model/json.ts";
import type { Database } from "./driver.ts";
import { readStatus, runNumber, writeStatus } from "./executions.ts";
import { readRun } from "./journal.ts";
import {
  type RequestOptions,
  requestSignal,
  type SignalReceipt,
} from "./requests.ts";
import { openSignal } from "./run_requests.ts";

/** Where an answer stands. */
export type AnswerReceipt =
  | SignalReceipt
  /** There was one before. */
  | { readonly kind: "late"; readonly payload: Json };

/**
 * Gives an execution a signal, unless it has one of that name already.
 *
 * @param options.afterSequence Where in the journal there is none before.
 * @throws {StigmerError} NOT_FOUND; FAILED_PRECONDITION when it has ended.
 */
export function requestAnswer(
  database: Database,
  executionId: ExecutionId,
  options: RequestOptions & {
    readonly name: string;
    readonly payload: Json;
    readonly afterSequence: number;
    /** Writes what is to be there if, and only if, the answer is. */
    readonly alongside?: () => void;
  },
): AnswerReceipt {
  return database.transaction((): AnswerReceipt => {
    const known = signalOf(database, executionId, options);
    if (known !== undefined) return { kind: "late", payload: known };
    const receipt = requestSignal(database, executionId, options);
    options.alongside?.();
    if (receipt.kind === "recorded") {
      noteAnswered(database, executionId, options);
    }
    return receipt;
  });
}

/** It waits for no answer any more, but until someone goes on with it. */
function noteAnswered(
  database: Database,
  executionId: ExecutionId,
  { nowMs }: { readonly nowMs: number },
): void {
  const status = readStatus(database, executionId);
  if (status?.phase !== "WAITING") return;
  const waitingFor = "a worker, to take an answer";
  writeStatus(database, executionId, {
    status: { ...status, waitingFor },
    nowMs,
  });
}

/** What the first signal of a name carries, in the journal or on its way. */
function signalOf(
  database: Database,
  executionId: ExecutionId,
  { name, afterSequence }: {
    readonly name: string;
    readonly afterSequence: number;
  },
): Json | undefined {
  const run = runNumber(database, executionId);
  if (run === undefined) return undefined;
  const event = readRun(database, run, { afterSequence }).find((it) =>
    it.type === "SIGNAL_RECEIVED" && it.name === name
  );
  return event === undefined ? openSignal(database, run, name) : event.data;
}
