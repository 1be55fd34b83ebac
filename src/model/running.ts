/**
 * How long an execution has been running, told by its journal alone.
 *
 * @module
 */

import type { JournalEvent } from "./durable.ts";

/**
 * Adds up the time between events, leaving out what passed while nobody ran
 * it: before a worker took it (over), while it was held, and while it waited
 * for a person or a child.
 */
export class Running {
  #lastMs: number | undefined;
  #elapsedMs = 0;
  /** Whether it left memory: what it is sent then is written by others. */
  #isResting = false;

  /** Wall time while it ran, up to the newest event. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  apply(event: JournalEvent): void {
    const sinceMs = event.timeMs - (this.#lastMs ?? event.timeMs);
    this.#lastMs = event.timeMs;
    switch (event.type) {
      case "EXECUTION_STARTED":
      case "EXECUTION_RESUMED":
        this.#isResting = false;
        return;
      case "EXECUTION_WAITING":
        this.#isResting = true;
        break;
      default:
        if (this.#isResting) return;
    }
    // Clocks are set back now and then.
    this.#elapsedMs += Math.max(0, sinceMs);
  }
}
