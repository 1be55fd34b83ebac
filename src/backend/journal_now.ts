/**
 * The journal of an execution as far as it goes now, read piece by piece.
 *
 * @module
 */

import type { JournalEvent } from "../model/durable.ts";
import type { ExecutionId } from "../model/id.ts";
import type { Database } from "../store/driver.ts";
import { runNumber } from "../store/executions.ts";
import { lastSequence, readRun } from "../store/journal.ts";
import { ownerOf } from "../store/leases.ts";

/** Events of one read: a long journal with large values never stands in memory. */
const BATCH_MAX = 500;

/**
 * Reads the events that who ran an execution has taken: not the signals that
 * were left for who goes on with it, as the answer to a question.
 *
 * @param take Called for each of them, in order.
 * @returns The signals that nobody took yet.
 */
export function takenEvents(
  database: Database,
  executionId: ExecutionId,
  take: (event: JournalEvent) => void,
): readonly JournalEvent[] {
  let isParked = false;
  let left: JournalEvent[] = [];
  const takeLeft = (): void => {
    for (const event of left) take(event);
    left = [];
  };
  for (const event of journalNow(database, executionId)) {
    if (event.type === "EXECUTION_STARTED") isParked = false;
    if (event.type === "EXECUTION_WAITING") isParked = true;
    if (event.type === "SIGNAL_RECEIVED") {
      left.push(event);
      continue;
    }
    if (!isParked) takeLeft();
    take(event);
  }
  if (!isParked && isOwned(database, executionId)) takeLeft();
  return left;
}

function isOwned(database: Database, executionId: ExecutionId): boolean {
  const run = runNumber(database, executionId);
  return run !== undefined && ownerOf(database, run) !== undefined;
}

/** Reads the events past a sequence number, oldest first, up to the newest one. */
export function* journalNow(
  database: Database,
  executionId: ExecutionId,
  options: { readonly afterSequence?: number } = {},
): Generator<JournalEvent, void, void> {
  const run = runNumber(database, executionId);
  if (run === undefined) return;
  const last = lastSequence(database, run);
  let afterSequence = options.afterSequence ?? 0;
  while (afterSequence < last) {
    const limit = Math.min(BATCH_MAX, last - afterSequence);
    const events = readRun(database, run, { afterSequence, limit });
    if (events.length === 0) return;
    yield* events;
    afterSequence = events.at(-1)?.sequence ?? last;
  }
}
