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
  const said = new Map<string, RunDelta>();
  return {
    watch(executionId, listener, { whole }) {
      const known = listeners.get(executionId) ?? new Set();
      listeners.set(executionId, known);
      known.add(listener);
      const before = said.get(executionId);
      if (whole && before !== undefined) listener(before);
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

function keep(
  said: Map<string, RunDelta>,
  executionId: string,
  delta: RunDelta,
): void {
  const before = said.get(executionId);
  const isSame = before?.path === delta.path &&
    before.attempt === delta.attempt;
  const text = (isSame ? before.text : "") + delta.text;
  // Of one that is longer, only what comes is told: it has no begin then.
  if (text.length > KEPT_LENGTH_MAX) said.delete(executionId);
  else said.set(executionId, { ...delta, text });
}
