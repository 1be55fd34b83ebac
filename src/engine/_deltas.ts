/**
 * Who listens to the live output of which run.
 *
 * @module
 */

import type { RunDelta } from "./_live.ts";

/** Takes a piece of live output. */
export type DeltaListener = (delta: RunDelta) => void;

/** Characters of the text of a turn that are kept at the most. */
const KEPT_LENGTH_MAX = 1024 * 1024;

/** The listeners of one worker. */
export interface Deltas {
  /**
   * Calls back for live output of a run; returns what ends that. Who wants it
   * whole is given the text of the turn that is under way as far as it came: a
   * model may be faster than whoever starts to listen.
   */
  watch(
    executionId: string,
    listener: DeltaListener,
    how: { readonly whole: boolean },
  ): () => void;
  emit(executionId: string, delta: RunDelta): void;
  /** Forgets what a run that is gone has said. */
  forget(executionId: string): void;
}

/** Makes the listeners of a worker: none yet. */
export function newDeltas(): Deltas {
  const listeners = new Map<string, Set<DeltaListener>>();
  /** The text so far of the newest turn of each run. */
  const said = new Map<string, Said>();
  return {
    watch(executionId, listener, { whole }) {
      const known = listeners.get(executionId) ?? new Set();
      listeners.set(executionId, known);
      known.add(listener);
      const before = said.get(executionId);
      if (whole && before?.isWhole === true) listener(before.delta);
      return () => {
        known.delete(listener);
        if (known.size === 0) listeners.delete(executionId);
      };
    },
    emit(executionId, delta) {
      if (delta.type === "TEXT_DELTA") {
        keep(said, executionId, delta);
      }
      for (const listener of listeners.get(executionId) ?? []) listener(delta);
    },
    forget: (executionId) => void said.delete(executionId),
  };
}

/** What a turn has said so far. */
interface Said {
  readonly delta: RunDelta;
  /** Whether it is all; of what is too long nothing is kept. */
  readonly isWhole: boolean;
}

function keep(
  said: Map<string, Said>,
  executionId: string,
  delta: RunDelta,
): void {
  const before = said.get(executionId);
  const isSame = before?.delta.path === delta.path &&
    before.delta.attempt === delta.attempt;
  const text = (isSame ? before.delta.text : "") + delta.text;
  // Of one that is longer only what comes is told, up to its end: a piece from
  // its middle must not be taken for its begin.
  const isWhole = text.length <= KEPT_LENGTH_MAX &&
    !(isSame && !before.isWhole);
  said.set(executionId, {
    delta: { ...delta, text: isWhole ? text : "" },
    isWhole,
  });
}
