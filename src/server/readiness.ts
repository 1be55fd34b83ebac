/**
 * Whether a server takes calls: one place that `/readyz`, the gate of calls
 * and `grpc.health` read.
 *
 * @module
 */

/** How far a server is. */
export type ServerState = "starting" | "ready" | "draining";

/** Whether a server takes calls. */
export interface Readiness {
  /** How far it is. */
  readonly state: ServerState;
  /** Why it is not ready, or `undefined` when it is. */
  readonly trouble: string | undefined;
  /** Aborted when it begins to end. */
  readonly draining: AbortSignal;
  /** Says that what it needs is there. */
  becomeReady(): void;
  /** Says that something it needs is not there; `undefined` when it is again. */
  setTrouble(trouble: string | undefined): void;
  /** Says that it ends, with why its streams end. */
  drain(reason: unknown): void;
  /** Calls back after each change; returns what ends that. */
  onChange(listener: () => void): () => void;
}

/** Makes the state of a server that starts. */
export function createReadiness(): Readiness {
  const draining = new AbortController();
  const listeners = new Set<() => void>();
  let state: ServerState = "starting";
  let trouble: string | undefined;
  const changed = (): void => listeners.forEach((listener) => listener());
  return {
    get state() {
      return state;
    },
    get trouble() {
      if (state === "draining") return "it is shutting down";
      return state === "starting" ? "it is starting" : trouble;
    },
    draining: draining.signal,
    becomeReady() {
      if (state !== "starting") return;
      state = "ready";
      changed();
    },
    setTrouble(next) {
      if (next === trouble) return;
      trouble = next;
      changed();
    },
    drain(reason) {
      if (state === "draining") return;
      state = "draining";
      draining.abort(reason);
      changed();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
