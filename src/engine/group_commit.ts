/**
 * One transaction for what happens in one turn of the event loop, or for each
 * good part of it.
 *
 * A commit costs a wait for the disk, whatever is in it: sixty runs that move
 * in the same turn pay for it once. Whoever adds a mutation hears of it only
 * after the commit.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";
import type { RunStore } from "../model/run.ts";
import { turnEnds } from "./_turn.ts";

/** What is to be written together, all or nothing. */
export interface Mutation {
  /**
   * Writes it; false means that nothing was written because the right to was
   * lost. May be called again after a rollback, so it only writes.
   */
  write(): boolean;
  /** Called after the commit with what `write` gave. */
  settled(written: boolean): void;
  /** Called when it could not be written, with the reason. */
  failed(error: unknown): void;
}

/** How long to wait for another process's lock before the next try. */
const BUSY_DELAY_MS = 5;
/**
 * Mutations of one transaction at the most: of many runs that move at once the
 * first go on while the others are written, and do not stay in step.
 */
const MUTATIONS_MAX = 100;
/**
 * As many do not wait for the end of the turn: of a crowd whose timers ring in
 * one turn the first would wait for the last, and then all are in step. With
 * fewer, more commits cost more than the waiting.
 */
const MUTATIONS_WAITING_MAX = 32;

/** Collects mutations and commits them at the end of the turn. */
export class GroupCommit {
  readonly #store: RunStore;
  readonly #host: Pick<Host, "clock">;
  readonly #atTurnEnd: (callback: () => void) => void = turnEnds();
  #pending: Mutation[] = [];
  #scheduled = false;
  #isFlushing = false;
  #stopRetry: (() => void) | undefined;

  constructor(store: RunStore, host: Pick<Host, "clock">) {
    this.#store = store;
    this.#host = host;
  }

  /** Whether something waits for its commit. */
  get busy(): boolean {
    return this.#pending.length > 0;
  }

  /** Adds a mutation to the transaction of this turn. */
  add(mutation: Mutation): void {
    this.#pending.push(mutation);
    if (this.#pending.length < MUTATIONS_WAITING_MAX) this.#schedule();
    else this.#flushSoon();
  }

  /** Commits what there is now. */
  flush(): void {
    this.#stopRetry?.();
    this.#stopRetry = undefined;
    const batch = this.#pending.splice(0, MUTATIONS_MAX);
    if (batch.length > 0) this.#commit(batch);
    if (this.#pending.length > 0) this.#schedule();
  }

  /** Gives up what could not be written for another process's lock. */
  close(): void {
    this.#stopRetry?.();
    this.#stopRetry = undefined;
    const left = this.#pending.splice(0);
    for (const mutation of left) mutation.failed(new Error("worker closed"));
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopRetry !== undefined) return;
    this.#scheduled = true;
    this.#atTurnEnd(() => {
      this.#scheduled = false;
      if (this.#stopRetry === undefined) this.flush();
    });
  }

  /** Not at once: who adds a mutation may still be filling it. */
  #flushSoon(): void {
    if (this.#isFlushing || this.#stopRetry !== undefined) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      if (this.#stopRetry === undefined) this.flush();
    });
  }

  #commit(batch: readonly Mutation[]): void {
    const written = this.#write(batch);
    if (written === undefined) return;
    batch.forEach((it, i) => it.settled(written[i] ?? false));
  }

  /** Writes a batch; `undefined` when it was dealt with otherwise. */
  #write(batch: readonly Mutation[]): readonly boolean[] | undefined {
    try {
      return this.#store.transaction(() => batch.map((it) => it.write()));
    } catch (error) {
      if (isBusy(error)) this.#retryLater(batch);
      else if (batch.length === 1) batch[0]?.failed(error);
      // One of them is at fault: each alone, so that the others are kept.
      else for (const mutation of batch) this.#commit([mutation]);
      return undefined;
    }
  }

  #retryLater(batch: readonly Mutation[]): void {
    // What waits already came back before, and so comes first.
    if (this.#stopRetry === undefined) this.#pending.unshift(...batch);
    else this.#pending.push(...batch);
    this.#stopRetry ??= this.#host.clock.timer(BUSY_DELAY_MS, () => {
      this.#stopRetry = undefined;
      this.flush();
    });
  }
}

/** Says whether another process holds the lock. */
export function isBusy(error: unknown): boolean {
  return error instanceof StigmerError && error.code === "UNAVAILABLE";
}
