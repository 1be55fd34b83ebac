/**
 * Interrupts as key presses: what starts a program, as `npx` or `timeout`,
 * sends it the signal of the terminal once more, and that is no second press.
 *
 * @module
 */

import type { Os } from "./os.ts";

/** What ends a program from outside. */
export type Interrupt = "SIGINT" | "SIGTERM";

/** A signal that comes again this soon is an echo of the one before. */
export const ECHO_MS = 250;

/**
 * The signals of a system that mean one of ours. Windows sends no SIGTERM: who
 * ends a program from outside there sends Ctrl-Break to its console, or closes
 * that (SIGHUP).
 */
export function signalsOf(
  os: Os,
  interrupt: Interrupt,
): readonly ("SIGINT" | "SIGTERM" | "SIGBREAK" | "SIGHUP")[] {
  if (os !== "windows" || interrupt === "SIGINT") return [interrupt];
  return ["SIGBREAK", "SIGHUP"];
}

/** Where signals come from. */
export interface SignalSource {
  readonly signals: readonly Interrupt[];
  /** Hears a signal, which does not end the process then, until it is removed. */
  listen(signal: Interrupt, callback: () => void): () => void;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Calls back later, unless the process ends before. */
  later(ms: number, callback: () => void): void;
}

/** Makes what calls back at each press, whoever listened at the one before. */
export function createInterrupts(
  source: SignalSource,
): (callback: (signal: Interrupt) => void) => () => void {
  const callbacks = new Set<{ readonly call: (signal: Interrupt) => void }>();
  const heardAtMs = new Map<Interrupt, number>();
  let removers: readonly (() => void)[] = [];

  function hear(signal: Interrupt): void {
    const nowMs = source.now();
    const lastMs = heardAtMs.get(signal);
    if (lastMs !== undefined && nowMs - lastMs < ECHO_MS) return;
    heardAtMs.set(signal, nowMs);
    for (const { call } of [...callbacks]) call(signal);
  }

  /** An echo that nobody heard would end the process in the middle. */
  function removeOnceSilent(): void {
    if (callbacks.size > 0) return;
    const lastMs = Math.max(...heardAtMs.values());
    const leftMs = lastMs + ECHO_MS - source.now();
    if (leftMs > 0) return source.later(leftMs, removeOnceSilent);
    for (const remove of removers) remove();
    removers = [];
  }

  return (call) => {
    if (removers.length === 0) {
      removers = source.signals.map((it) => source.listen(it, () => hear(it)));
    }
    const callback = { call };
    callbacks.add(callback);
    return () => {
      if (callbacks.delete(callback)) removeOnceSilent();
    };
  };
}
