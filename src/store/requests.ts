/**
 * What any process may ask of a run: cancel, pause, resume, signal.
 *
 * A run that nobody owns is changed at once; for one that is owned the wish is
 * left as a row, and its owner makes an event of it. So it holds that only the
 * owner of a run decides on the order of its journal.
 *
 * @module
 */

import {
  failedPrecondition,
  notFound,
  type StigmerError,
} from "../model/error.ts";
import { type Failure, failureToJson } from "../model/failure.ts";
import type { ExecutionId } from "../model/id.ts";
import type { Json } from "../model/json.ts";
import { isLegalMove, isTerminal, type PhaseName } from "../model/phase.ts";
import {
  cancelledFailure,
  type NewEvent,
  type RunStatus,
} from "../model/run.ts";
import { changed } from "./changes.ts";
import { deleteContext } from "./contexts.ts";
import type { Database } from "./driver.ts";
import {
  getExecution,
  readStatus,
  runNumber,
  writeStatus,
} from "./executions.ts";
import { liveChildren, tellParent } from "./families.ts";
import { appendEvent } from "./journal.ts";
import { hasLiveOwner, type Looking, ownerOf, wakeRun } from "./leases.ts";
import { forgetListeners } from "./listeners.ts";
import { addRequest, dropRequests } from "./run_requests.ts";

export { requestSequence } from "./run_requests.ts";

/** What every request says. */
export type RequestOptions = Looking;

/** Where a signal stands. */
export type SignalReceipt =
  /** In the journal. */
  | { readonly kind: "recorded"; readonly sequence: number }
  /** Its owner will record it: see {@linkcode requestSequence}. */
  | { readonly kind: "requested"; readonly requestId: number };

const DISOWN = `
  UPDATE runs SET owner = NULL, epoch = epoch + 1, due_at_ms = ?
  WHERE number = ?`;
const SETTLE = "UPDATE runs SET due_at_ms = NULL WHERE number = ?";

/** A run that a request is about, looked at inside its transaction. */
interface Target {
  readonly executionId: ExecutionId;
  readonly run: number;
  readonly status: RunStatus;
  /** Whether a live worker owns it. */
  readonly owned: boolean;
}

/**
 * Asks an execution and its children to stop. One that nobody owns is
 * CANCELLED when this returns.
 *
 * @throws {StigmerError} NOT_FOUND; FAILED_PRECONDITION when it has ended,
 * unless it was cancelled.
 */
export function requestCancel(
  database: Database,
  executionId: ExecutionId,
  options: RequestOptions & { readonly reason: string },
): void {
  database.transaction(() => {
    const target = targetOf(database, executionId, options);
    if (target.status.phase === "CANCELLED") return;
    refuseEnded(target, "cancel");
    if (target.owned) {
      addRequest(database, target.run, {
        type: "CANCEL",
        name: "",
        data: { reason: options.reason },
        nowMs: options.nowMs,
      });
    } else {
      cancelNow(database, target, options);
    }
  });
}

function cancelNow(
  database: Database,
  target: Target,
  options: RequestOptions & { readonly reason: string },
): void {
  const { reason, nowMs } = options;
  const failure = cancelledFailure(reason);
  const append = (event: NewEvent): void => {
    appendEvent(database, target.run, { event, nowMs });
  };
  append(runEvent("EXECUTION_CANCEL_REQUESTED", { reason }));
  append(runEvent("EXECUTION_CANCELLED", failureToJson(failure)));
  settle(database, target, {
    status: { ...target.status, phase: "CANCELLED", failure },
    nowMs,
  });
  for (const child of liveChildren(database, target.executionId)) {
    requestCancel(database, child, options);
  }
}

/**
 * Holds an execution before its next task.
 *
 * @throws {StigmerError} NOT_FOUND; FAILED_PRECONDITION when it has ended.
 */
export function requestPause(
  database: Database,
  executionId: ExecutionId,
  options: RequestOptions,
): void {
  database.transaction(() => {
    const target = targetOf(database, executionId, options);
    refuseEnded(target, "pause");
    if (target.status.phase === "PAUSED") return;
    const { nowMs } = options;
    if (target.owned) {
      addRequest(database, target.run, {
        type: "PAUSE",
        name: "",
        data: null,
        nowMs,
      });
      return;
    }
    const event = runEvent("EXECUTION_PAUSED", null);
    appendEvent(database, target.run, { event, nowMs });
    database.prepare(SETTLE).run(target.run);
    writeStatus(database, executionId, {
      status: withoutWait({ ...target.status, phase: "PAUSED" }),
      nowMs,
    });
    changed(database);
  });
}

/**
 * Lets a paused execution go on, and makes one whose worker died claimable.
 *
 * @throws {StigmerError} NOT_FOUND; FAILED_PRECONDITION when it has ended, or
 * when a live worker is at work on it.
 */
export function requestResume(
  database: Database,
  executionId: ExecutionId,
  options: RequestOptions,
): void {
  database.transaction(() => {
    const target = targetOf(database, executionId, options);
    refuseEnded(target, "resume");
    const { nowMs } = options;
    if (target.owned) {
      if (target.status.phase !== "PAUSED") throw running(target);
      addRequest(database, target.run, {
        type: "RESUME",
        name: "",
        data: null,
        nowMs,
      });
      return;
    }
    if (target.status.phase === "PAUSED") {
      const event = runEvent("EXECUTION_RESUMED", null);
      appendEvent(database, target.run, { event, nowMs });
      writeStatus(database, executionId, {
        status: { ...target.status, phase: "PENDING" },
        nowMs,
      });
    }
    wakeRun(database, target.run, nowMs);
    changed(database);
  });
}

/**
 * Gives an execution a signal; one that comes early is kept.
 *
 * @throws {StigmerError} NOT_FOUND; FAILED_PRECONDITION when it has ended.
 */
export function requestSignal(
  database: Database,
  executionId: ExecutionId,
  options: RequestOptions & { readonly name: string; readonly payload: Json },
): SignalReceipt {
  return database.transaction((): SignalReceipt => {
    const target = targetOf(database, executionId, options);
    refuseEnded(target, "signal");
    const { name, payload, nowMs } = options;
    if (target.owned) {
      const requestId = addRequest(database, target.run, {
        type: "SIGNAL",
        name,
        data: payload,
        nowMs,
      });
      return { kind: "requested", requestId };
    }
    const event: NewEvent = {
      ...runEvent("SIGNAL_RECEIVED", payload),
      name,
    };
    const sequence = appendEvent(database, target.run, { event, nowMs });
    if (target.status.phase !== "PAUSED") {
      wakeRun(database, target.run, nowMs);
    }
    changed(database);
    return { kind: "recorded", sequence };
  });
}

/**
 * Moves an execution to another phase by hand.
 *
 * @throws {StigmerError} NOT_FOUND; FAILED_PRECONDITION when the move is not
 * legal, or ends what a live worker is at work on.
 */
export function moveExecution(
  database: Database,
  executionId: ExecutionId,
  options: RequestOptions & {
    readonly phase: PhaseName;
    readonly output?: Json;
    readonly failure?: Failure;
  },
): void {
  database.transaction(() => {
    const target = targetOf(database, executionId, options);
    const from = target.status.phase;
    if (!isLegalMove(from, options.phase)) {
      throw illegalMove(executionId, from, options.phase);
    }
    switch (options.phase) {
      case "CANCELLED":
        return requestCancel(database, executionId, {
          ...options,
          reason: options.failure?.detail ?? "",
        });
      case "PAUSED":
        return requestPause(database, executionId, options);
      case "PENDING":
      case "RUNNING":
      case "WAITING":
        return requestResume(database, executionId, options);
      case "COMPLETED":
      case "FAILED":
        return endByHand(database, target, options);
      case "SKIPPED":
        throw illegalMove(executionId, from, options.phase);
    }
  });
}

function endByHand(
  database: Database,
  target: Target,
  options: RequestOptions & {
    readonly phase: PhaseName;
    readonly output?: Json;
    readonly failure?: Failure;
  },
): void {
  if (target.owned) throw running(target);
  const { nowMs } = options;
  const completed = options.phase === "COMPLETED";
  const output = options.output ?? null;
  const failure = options.failure ??
    { ...cancelledFailure(""), detail: "Failed by hand", title: "Failed" };
  const event = completed
    ? runEvent("EXECUTION_COMPLETED", output)
    : runEvent("EXECUTION_FAILED", failureToJson(failure));
  appendEvent(database, target.run, { event, nowMs });
  settle(database, target, {
    status: {
      ...target.status,
      phase: options.phase,
      ...(completed ? { output } : { failure }),
    },
    nowMs,
  });
  for (const child of liveChildren(database, target.executionId)) {
    requestCancel(database, child, { ...options, reason: "its parent ended" });
  }
}

/** Ends a run that nobody owns: its status, its due time, its parent. */
function settle(
  database: Database,
  target: Target,
  options: { readonly status: RunStatus; readonly nowMs: number },
): void {
  const { nowMs } = options;
  database.prepare(SETTLE).run(target.run);
  dropRequests(database, target.run);
  deleteContext(database, target.executionId);
  forgetListeners(database, target.run);
  writeStatus(database, target.executionId, {
    status: withoutWait({ ...options.status, completedAtMs: nowMs }),
    nowMs,
  });
  const parent = getExecution(database, target.executionId)?.parent;
  if (parent !== undefined) {
    tellParent(database, parent, { childId: target.executionId, nowMs });
  }
  changed(database);
}

function targetOf(
  database: Database,
  executionId: ExecutionId,
  options: RequestOptions,
): Target {
  const run = runNumber(database, executionId);
  const status = readStatus(database, executionId);
  if (run === undefined || status === undefined) {
    throw notFound("execution", executionId);
  }
  const owned = hasLiveOwner(database, run, options);
  if (!owned && !isTerminal(status.phase)) disownDead(database, run, options);
  return { executionId, run, status, owned };
}

/** Takes a run from an owner that is dead, who then cannot write any more. */
function disownDead(
  database: Database,
  run: number,
  { nowMs }: RequestOptions,
): void {
  if (ownerOf(database, run) === undefined) return;
  database.prepare(DISOWN).run(nowMs, run);
}

function runEvent(type: NewEvent["type"], data: Json): NewEvent {
  return { type, path: "", name: "", attempt: 0, data };
}

function withoutWait(status: RunStatus): RunStatus {
  const { waitingFor: _, dueAtMs: __, ...rest } = status;
  return rest;
}

function refuseEnded(target: Target, act: string): void {
  if (!isTerminal(target.status.phase)) return;
  throw failedPrecondition(
    `Cannot ${act} execution "${target.executionId}": it is ` +
      target.status.phase,
  );
}

function running(target: Target): StigmerError {
  return failedPrecondition(
    `Cannot resume execution "${target.executionId}": a live worker is at ` +
      "work on it",
    { hints: [`stigmer execution watch ${target.executionId}`] },
  );
}

function illegalMove(
  executionId: ExecutionId,
  from: PhaseName,
  to: PhaseName,
): StigmerError {
  return failedPrecondition(
    `Cannot move execution "${executionId}" from ${from} to ${to}`,
  );
}
