/**
 * What runs in this process, by what its worker notes.
 *
 * @module
 */

import type { LocalBackend } from "../backend/local.ts";
import type { Metrics } from "./metrics.ts";

/** What runs in this process. */
export interface WorkCounts {
  /** Executions that this process has in its memory. */
  running(): number;
  /** Their ids, or as many of them. */
  some(count: number): readonly string[];
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>;
  /** Follows no longer. */
  close(): void;
}

/** Follows what the worker of a backend does. */
export function followWork(
  backend: Pick<LocalBackend, "onWork">,
  metrics: Metrics,
): WorkCounts {
  const running = new Set<string>();
  const waiting = new Set<() => void>();
  const stop = backend.onWork(({ kind, executionId }) => {
    if (executionId === undefined || kind === "scheduled") return;
    if (kind === "taken") {
      running.add(executionId);
      metrics.executionStarted();
      return;
    }
    if (kind === "completed" || kind === "failed" || kind === "cancelled") {
      metrics.executionEnded(kind);
    }
    running.delete(executionId);
    if (running.size > 0) return;
    for (const resolve of waiting) resolve();
    waiting.clear();
  });
  return {
    running: () => running.size,
    some: (count) => [...running].slice(0, count),
    idle: () =>
      running.size === 0
        ? Promise.resolve()
        : new Promise((resolve) => waiting.add(resolve)),
    close: stop,
  };
}
