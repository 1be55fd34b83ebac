/**
 * How long an execution has been running, told by its journal alone.
 *
 * @module
 */

import type { JournalEvent } from "../model/durable.ts";

/**
 * Adds up the time between events, leaving out what passed while nobody ran
 * it: before a worker took it (over) and while it was held.
 */
export class Running {
  #lastMs: number | undefined;
  #elapsedMs = 0;

  /** Wall time while it ran, up to the newest event. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  apply(event: JournalEvent): void {
    const sinceMs = event.timeMs - (this.#lastMs ?? event.timeMs);
    this.#lastMs = event.timeMs;
    if (event.type === "EXECUTION_STARTED") return;
    if (event.type === "EXECUTION_RESUMED") return;
    // Clocks are set back now and then.
    this.#elapsedMs += Math.max(0, sinceMs);
  }
}
