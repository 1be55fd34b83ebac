/**
 * The standing of a worker among the others: a lease, and a new one once that
 * is lost.
 *
 * A process that slept too long is taken for dead, and what it had is taken
 * over. It enters anew then, with a number of its own, so that its late writes
 * are refused.
 *
 * @module
 */

import { isBusy } from "./group_commit.ts";
import { type Lease, type LeaseOptions, takeLease } from "./lease.ts";

/** When a lost lease that could not be taken anew is tried again. */
const LEASE_RETRY_MS = 1000;

/** What a standing is made of. */
export interface StandingOptions extends LeaseOptions {
  /** Called once a lost lease was replaced. */
  readonly onRenewed: () => void;
}

/** A lease that is taken anew when it is lost. */
export class Standing {
  readonly #options: StandingOptions;
  #lease: Lease;
  #gone = false;
  #closed = false;
  #stopRetry: (() => void) | undefined;

  constructor(options: StandingOptions) {
    this.#options = options;
    this.#lease = this.#take();
  }

  /** Number of the worker; another one after a loss. */
  get number(): number {
    return this.#lease.number;
  }

  /** Whether the lease is known to be gone, and no other was to be had yet. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Removes dead workers and frees their runs. */
  sweep(): void {
    this.#lease.sweep();
  }

  /** Takes no lease any more. */
  close(): void {
    this.#closed = true;
    this.#stopRetry?.();
  }

  /** Leaves; the runs it still owns can be claimed at once. */
  end(): Promise<void> {
    return this.#lease.end();
  }

  #take(): Lease {
    return takeLease({ ...this.#options, onLost: () => this.#lost() });
  }

  /** Others took this process for dead: what it has is theirs now. */
  #lost(): void {
    if (this.#closed) return;
    this.#gone = true;
    this.#options.onLost();
    void this.#lease.end().catch(() => undefined);
    this.#renew();
  }

  /** Enters this process anew, with a number of its own. */
  #renew(): void {
    try {
      this.#lease = this.#take();
    } catch (error) {
      if (!isBusy(error)) this.#options.onTrouble(error);
      this.#stopRetry = this.#options.host.clock.timer(
        LEASE_RETRY_MS,
        () => this.#renew(),
      );
      return;
    }
    this.#gone = false;
    this.#options.onRenewed();
  }
}
