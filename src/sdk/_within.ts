/**
 * Steps that are at work, known wherever their functions call something: what
 * is asked for within one would be recorded beside it, and could not be
 * answered on a replay, which does not run the step again.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import type { ServedKind } from "../model/served.ts";

/** A step at work, and whose it is. */
export interface StepAtWork {
  readonly machine: object;
  readonly name: string;
}

/** Knows which step is at work where it is asked. */
export type AtWork = import("node:async_hooks").AsyncLocalStorage<StepAtWork>;

let opening: Promise<AtWork> | undefined;

/** Opens what knows it, one for all machines; loaded when a function runs. */
export function openAtWork(): Promise<AtWork> {
  return opening ??= import("node:async_hooks")
    .then(({ AsyncLocalStorage }) => new AsyncLocalStorage());
}

/**
 * Refuses what is asked for within a step of the same machine; what a step
 * executes as an execution of its own has another one.
 *
 * @throws {StigmerError} INVALID_ARGUMENT, naming both.
 */
export function refuseWithin(
  step: StepAtWork | undefined,
  { machine, kind, name }: {
    readonly machine: object;
    readonly kind: ServedKind;
    readonly name: string;
  },
): void {
  if (step?.machine !== machine) return;
  throw invalidArgument(
    `Cannot ask for ${kind} "${name}" within step "${step.name}": what a ` +
      "step does is recorded as a whole, ask for it before or after",
  );
}
