/**
 * Signals of one execution: those that nobody waited for yet, and those who
 * wait for one. Each is taken once, in order.
 *
 * @module
 */

import type { JournalEvent } from "../model/durable.ts";
import type { Operation } from "./_operation.ts";

/** The signals of one execution. */
export class Signals {
  readonly #early: Map<string, JournalEvent[]> = new Map();
  readonly #waiting: Map<string, Operation[]> = new Map();

  /** Takes a signal in; gives who waited for it first. */
  take(event: JournalEvent): Operation | undefined {
    const first = this.#waiting.get(event.name)?.shift();
    if (first !== undefined) return first;
    this.#early.set(event.name, [...this.#early.get(event.name) ?? [], event]);
    return undefined;
  }

  /** Waits for a signal; gives one that came early. */
  wait(operation: Operation): JournalEvent | undefined {
    const { name } = operation;
    const early = this.#early.get(name)?.shift();
    if (early !== undefined) return early;
    this.#waiting.set(name, [...this.waiting(name), operation]);
    return undefined;
  }

  /** Who waits for signals of a name, in order. */
  waiting(name: string): readonly Operation[] {
    return this.#waiting.get(name) ?? [];
  }

  /** Lets one no longer wait. */
  leave(operation: Operation): void {
    const { name } = operation;
    const left = this.waiting(name).filter((it) => it !== operation);
    this.#waiting.set(name, left);
  }
}
