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

/** Events of one read: a long journal with large values never stands in memory. */
const BATCH_MAX = 500;

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
