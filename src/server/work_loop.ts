/**
 * Keeps the worker of a server at work: executions that are pending, due or
 * left by a server that died, and schedules.
 *
 * @module
 */

import type { LocalBackend } from "../backend/local.ts";
import type { WorkEvent } from "../backend/open.ts";
import type { Clock } from "../host/host.ts";
import { messageOf } from "../model/error.ts";
import type { ServerLog } from "./log.ts";
import type { Readiness } from "./readiness.ts";

/** Wait before the worker is started again; it doubles up to the longest. */
const RESTART_MS_MIN = 1000;
const RESTART_MS_MAX = 60_000;
/** A worker that fails sooner has not started. */
const START_MS = 5000;

/**
 * Works until the signal. A worker that fails at its start fails the server;
 * one that fails later is started again.
 *
 * @throws What the first start threw.
 */
export async function keepWorking(options: {
  readonly backend: Pick<LocalBackend, "work">;
  readonly clock: Clock;
  readonly readiness: Pick<Readiness, "setTrouble">;
  readonly log: ServerLog;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { backend, clock, readiness, log, signal } = options;
  const startedMs = clock.monotonic();
  let restartMs = RESTART_MS_MIN;
  // Ends with the server.
  for (let isAgain = false; !signal.aborted; isAgain = true) {
    // One that finds nothing to do has nothing to tell.
    const stop = isAgain
      ? clock.timer(START_MS, () => readiness.setTrouble(undefined))
      : () => {};
    const work = backend.work({
      signal,
      onEvent(event) {
        restartMs = RESTART_MS_MIN;
        readiness.setTrouble(undefined);
        logWork(log, event);
      },
    });
    try {
      await work;
      return;
    } catch (error) {
      if (clock.monotonic() - startedMs < START_MS) throw error;
      readiness.setTrouble("its worker does not run");
      log.write("error", `The worker failed: ${messageOf(error)}`, {
        stack: error instanceof Error ? error.stack : undefined,
      });
    } finally {
      stop();
    }
    await clock.sleep(restartMs, signal).catch(() => {});
    restartMs = Math.min(restartMs * 2, RESTART_MS_MAX);
  }
}

function logWork(log: ServerLog, event: WorkEvent): void {
  const { kind, executionId, detail } = event;
  switch (kind) {
    case "trouble":
    case "failed":
    case "lost":
      return log.write("warn", `execution ${kind}`, {
        execution: executionId,
        detail,
      });
    case "completed":
    case "cancelled":
      return log.write("info", `execution ${kind}`, { execution: executionId });
    case "taken":
    case "parked":
    case "scheduled":
      return log.write("debug", `execution ${kind}`, {
        execution: executionId,
        detail,
      });
  }
}
