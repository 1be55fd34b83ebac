/**
 * Signals of one execution: those that nobody took yet, and those who wait for
 * one. Each is taken once, in order, by the first whom it fits; one that fits
 * nobody who waits is passed over and kept, as someone may come whom it fits.
 *
 * @module
 */

import type { JournalEvent } from "../model/durable.ts";
import type { Operation } from "./_operation.ts";

/** A signal that does not fit who waits for one of its name. */
export interface Misfit {
  readonly event: JournalEvent;
  readonly problem: string;
}

/** The signals of one execution. */
export class Signals {
  readonly #early: Map<string, JournalEvent[]> = new Map();
  readonly #waiting: Map<string, Operation[]> = new Map();
  /** Those of which it was told that they were passed over. */
  readonly #told: WeakSet<JournalEvent> = new WeakSet();

  /** Takes a signal in; gives who waited for it first. */
  take(event: JournalEvent): Operation | undefined {
    const first = this.waiting(event.name).find((it) => fits(it, event));
    if (first !== undefined) {
      this.leave(first);
      return first;
    }
    this.#early.set(event.name, [...this.#early.get(event.name) ?? [], event]);
    return undefined;
  }

  /** Waits for a signal; gives one that came early. */
  wait(operation: Operation): JournalEvent | undefined {
    const { name } = operation;
    const early = this.#early.get(name) ?? [];
    const first = early.find((it) => fits(operation, it));
    if (first !== undefined) {
      this.#early.set(name, early.filter((it) => it !== first));
      return first;
    }
    this.#waiting.set(name, [...this.waiting(name), operation]);
    return undefined;
  }

  /** What one who waits passes over, unless it was told of already. */
  misfits(operation: Operation): readonly Misfit[] {
    const early = this.#early.get(operation.name) ?? [];
    return early.flatMap((event) => {
      const problem = operation.misfit?.(event.data);
      if (problem === undefined || this.#told.has(event)) return [];
      this.#told.add(event);
      return [{ event, problem }];
    });
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

function fits({ misfit }: Operation, { data }: JournalEvent): boolean {
  return misfit?.(data) === undefined;
}
