/**
 * Who listens to the live output of which run.
 *
 * @module
 */

import type { RunDelta } from "./_live.ts";

/** Takes a piece of live output. */
export type DeltaListener = (delta: RunDelta) => void;

/** The listeners of one worker. */
export interface Deltas {
  /** Calls back for live output of a run; returns what ends that. */
  watch(executionId: string, listener: DeltaListener): () => void;
  emit(executionId: string, delta: RunDelta): void;
}

/** Makes the listeners of a worker: none yet. */
export function newDeltas(): Deltas {
  const listeners = new Map<string, Set<DeltaListener>>();
  return {
    watch(executionId, listener) {
      const known = listeners.get(executionId) ?? new Set();
      listeners.set(executionId, known);
      known.add(listener);
      return () => {
        known.delete(listener);
        if (known.size === 0) listeners.delete(executionId);
      };
    },
    emit(executionId, delta) {
      for (const listener of listeners.get(executionId) ?? []) listener(delta);
    },
  };
}
