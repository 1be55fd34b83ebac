/**
 * The loop in which a worker looks at what other processes did.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { turnEnds } from "./_turn.ts";

/** What a loop is made of. */
export interface PollOptions {
  readonly host: Pick<Host, "clock">;
  /** Looks once. */
  readonly look: () => void;
  /** When to look next; `undefined` for not before a kick. */
  readonly delayMs: () => number | undefined;
  /** Called when a look failed. */
  readonly onFailed: (error: unknown) => void;
}

/** Looks again and again, until it is closed. */
export class Poll {
  readonly #options: PollOptions;
  readonly #atTurnEnd: (callback: () => void) => void = turnEnds();
  #stop: (() => void) | undefined;
  #kicked = false;
  #closed = false;

  constructor(options: PollOptions) {
    this.#options = options;
  }

  /** Looks at once rather than at the next turn. */
  kick(): void {
    if (this.#kicked || this.#closed) return;
    this.#kicked = true;
    this.#atTurnEnd(() => {
      this.#kicked = false;
      this.#turn();
    });
  }

  /** Looks soon, also when nothing was waited for. */
  wake(): void {
    if (this.#stop === undefined) this.kick();
  }

  /** Looks no more. */
  close(): void {
    this.#closed = true;
    this.#stop?.();
  }

  #turn(): void {
    if (this.#closed) return;
    this.#stop?.();
    this.#stop = undefined;
    try {
      this.#options.look();
    } catch (error) {
      this.#options.onFailed(error);
    }
    const delayMs = this.#options.delayMs();
    if (delayMs === undefined) return;
    const { clock } = this.#options.host;
    this.#stop = clock.timer(delayMs, () => this.#turn());
  }
}
