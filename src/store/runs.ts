/**
 * The engine's store of runs over an open database.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { RunKey, RunStore } from "../model/run.ts";
import { changed, onChange, version } from "./changes.ts";
import { deleteContext } from "./contexts.ts";
import type { Database } from "./driver.ts";
import { eventsAfter, insertEvent, lastEventSequence } from "./events.ts";
import { getExecution, insertExecution, writeStatus } from "./executions.ts";
import { childUsages, liveChildren, tellParent } from "./families.ts";
import { insertEvents, readRun } from "./journal.ts";
import {
  addWorker,
  claimDue,
  claimRun,
  holdsRun,
  listWorkers,
  nextDueAtMs,
  ownedCount,
  releaseRun,
  removeWorker,
  renewLease,
  retireRun,
} from "./leases.ts";
import {
  eventsAfterOf,
  forgetListeners,
  hasUnseen,
  readListeners,
  saveListeners,
} from "./listeners.ts";
import { requestCancel } from "./requests.ts";
import { abandonedBefore } from "./lines.ts";
import { closeRequest, dropRequests, openRequests } from "./run_requests.ts";
import { surfacedWait, tellOfWait } from "./waits.ts";

/** Gives the engine its store of runs. */
export function openRunStore(database: Database): RunStore {
  return {
    transaction: (work) => database.transaction(work),
    version: () => version(database, ["runs"]),
    subscribe: (listener) => onChange(database, listener, ["runs"]),
    addWorker: (worker) => addWorker(database, worker),
    renewLease: (owner, untilMs) => renewLease(database, owner, untilMs),
    workers: () => listWorkers(database),
    removeWorker: (owner, nowMs) => removeWorker(database, owner, nowMs),
    insert: (execution, options) => insertOwned(database, execution, options),
    claimDue: (options) => claimDue(database, options),
    claim: (executionId, options) => claimRun(database, executionId, options),
    execution: (executionId) => getExecution(database, executionId),
    events: (key) => readRun(database, key.number),
    holds: (key) => holdsRun(database, key),
    append(key, events) {
      if (!holdsRun(database, key)) return false;
      insertEvents(database, key.number, events);
      changed(database, "journal");
      return true;
    },
    saveStatus: (key, status, nowMs) =>
      writeStatus(database, key.executionId, { status, nowMs }),
    release(key, dueAtMs) {
      releaseRun(database, key, dueAtMs);
    },
    retire(key) {
      const { isAsked, isMarked } = retireRun(database, key);
      if (isAsked) dropRequests(database, key.number);
      if (isMarked) deleteContext(database, key.executionId);
      // Only what left memory is called back by events, and claimed again.
      if (key.epoch > 1) forgetListeners(database, key.number);
    },
    childEnded: (parent, childId, nowMs) =>
      tellParent(database, parent, { childId, nowMs }),
    surfacedWait: (executionId, waitingFor) =>
      surfacedWait(database, executionId, waitingFor),
    childWaits: (parent, nowMs) => tellOfWait(database, parent, nowMs),
    abandonedBefore: (executionId, sinceMs) =>
      abandonedBefore(database, executionId, sinceMs),
    liveChildren: (executionId) => liveChildren(database, executionId),
    childUsages: (executionId) => childUsages(database, executionId),
    requestCancel: (executionId, options) =>
      requestCancel(database, executionId, options),
    openRequests: (owner, run) => openRequests(database, owner, run),
    closeRequest: (requestId, sequence) =>
      closeRequest(database, requestId, sequence),
    emit(key, event, nowMs) {
      insertEvent(database, event, { nowMs, executionId: key.executionId });
    },
    lastEventSequence: () => lastEventSequence(database),
    eventsAfter: (sequence, options) =>
      eventsAfter(database, sequence, options),
    eventsAfterOf: (key) => eventsAfterOf(database, key.number),
    listeners: (key) => readListeners(database, key.number),
    saveListeners(key, listeners) {
      saveListeners(database, key.number, listeners);
      return hasUnseen(database, listeners);
    },
    nextDueAtMs: (served) => nextDueAtMs(database, served),
    ownedCount: () => ownedCount(database),
  };
}

function insertOwned(
  database: Database,
  execution: Parameters<RunStore["insert"]>[0],
  options: Parameters<RunStore["insert"]>[1],
): RunKey | undefined {
  const stored = insertExecution(database, execution, options);
  const { inserted, run, isHeld } = stored;
  if (!inserted) {
    throw new StigmerError(
      "ALREADY_EXISTS",
      `Cannot store execution "${execution.id}": its idempotency key is taken`,
    );
  }
  return isHeld ? undefined : {
    number: run,
    executionId: execution.id,
    owner: options.owner ?? 0,
    epoch: options.owner === undefined ? 0 : 1,
  };
}
