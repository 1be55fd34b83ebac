/**
 * Signals to executions: which names they may have, and when they stand in
 * the journal.
 *
 * @module
 */

import { isAnswerSignal } from "../model/answer.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import type { ExecutionId } from "../model/id.ts";
import type { Json } from "../model/json.ts";
import { requestSequence, type SignalReceipt } from "../store/requests.ts";
import type { ServiceDeps } from "./deps.ts";

/** Characters of a signal's name at the most. */
const SIGNAL_NAME_LENGTH_MAX = 200;
/** How often a signal's sequence number is looked for. */
const SIGNAL_POLL_MS = 10;
/** How long a signal's owner may take to record it. */
const SIGNAL_TIMEOUT_MS = 10_000;

/** Refuses names that nobody can send a signal by. */
export function checkSignalName(id: ExecutionId, name: string): void {
  if (name === "") {
    throw invalidArgument(`Cannot signal execution "${id}" without a name`);
  }
  if (isAnswerSignal(name)) {
    throw invalidArgument(
      `Cannot signal execution "${id}" by "${name}": that is an answer`,
      { hints: [`stigmer execution respond ${id}`] },
    );
  }
  if (name.length <= SIGNAL_NAME_LENGTH_MAX) return;
  throw invalidArgument(
    `Cannot signal execution "${id}": a signal's name may have ` +
      `${SIGNAL_NAME_LENGTH_MAX} characters, this has ${name.length}`,
  );
}

/** Reads the receipt that a key has kept. */
export function signalReceiptOf(json: Json): SignalReceipt {
  // Nobody but this program writes what a key keeps.
  return json as unknown as SignalReceipt;
}

/**
 * Waits until the owner of a run has recorded a signal; gives its sequence
 * number, 0 when the run ended before.
 */
export async function recorded(
  deps: ServiceDeps,
  receipt: SignalReceipt,
  signal: AbortSignal,
): Promise<number> {
  if (receipt.kind === "recorded") return receipt.sequence;
  const { clock } = deps.host;
  const untilMs = clock.monotonic() + SIGNAL_TIMEOUT_MS;
  while (clock.monotonic() < untilMs) {
    const sequence = requestSequence(deps.store.database, receipt.requestId);
    if (sequence !== undefined) return sequence;
    await clock.sleep(SIGNAL_POLL_MS, signal);
  }
  throw new StigmerError(
    "UNAVAILABLE",
    "Cannot say where the signal stands: the worker that runs the execution " +
      `has not recorded it within ${SIGNAL_TIMEOUT_MS / 1000} s`,
    { hints: ["It is kept: the execution gets it once a worker looks"] },
  );
}
