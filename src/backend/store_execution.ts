/**
 * Stores a new execution together with its secrets and with the session that
 * it begins: all or none.
 *
 * @module
 */

import type { NewExecution } from "../model/execution.ts";
import type { ExecutionId } from "../model/id.ts";
import type { RunStore } from "../model/run.ts";
import { insertExecution } from "../store/executions.ts";
import type { ServiceDeps } from "./deps.ts";
import { beginSession } from "./session_of.ts";

/**
 * Stores an execution for any worker to run.
 *
 * @returns Its id, or that of the one with the same idempotency key.
 */
export function storeExecution(
  deps: ServiceDeps,
  execution: NewExecution,
): ExecutionId {
  const { database } = deps.store;
  const nowMs = deps.host.clock.now();
  return database.transaction(() => {
    const stored = insertExecution(database, execution, { nowMs });
    if (stored.inserted) {
      execution.keepSecrets?.();
      beginSession(deps, execution, nowMs);
    }
    return stored.executionId;
  });
}

/**
 * Makes an engine's store begin sessions with the executions it stores, and
 * keep their secrets.
 */
export function withSessions(deps: ServiceDeps, runs: RunStore): RunStore {
  return {
    ...runs,
    insert(execution, options) {
      const key = runs.insert(execution, options);
      execution.keepSecrets?.();
      beginSession(deps, execution, options.nowMs);
      return key;
    },
  };
}
