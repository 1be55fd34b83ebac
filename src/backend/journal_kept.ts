/**
 * Executions whose journal was removed: what needs one says so, rather than
 * tell of a run in which nothing happened.
 *
 * @module
 */

import { failedPrecondition } from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";

/** What of an execution says whether its journal is whole. */
type Kept = Pick<ExecutionRecord, "id" | "journalRemovedAtMs">;

/**
 * Refuses what needs the whole journal of an execution.
 *
 * @throws {StigmerError} FAILED_PRECONDITION when it was removed.
 */
export function requireJournal(record: Kept, act: string): void {
  const { id, journalRemovedAtMs } = record;
  if (journalRemovedAtMs === undefined) return;
  const date = new Date(journalRemovedAtMs).toISOString().slice(0, 10);
  throw failedPrecondition(
    `Cannot ${act} execution "${id}": its journal was removed on ${date}, ` +
      "past its retention",
    {
      hints: [
        `Its input and its result are kept: stigmer execution get ${id}`,
        "Keep journals longer with: stigmer retention set journals=90d",
      ],
    },
  );
}
