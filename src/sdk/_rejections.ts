/**
 * Failures that a function has not met yet.
 *
 * A step may fail while the function waits for something else. What it made of
 * the promise meanwhile, with an `async` function around it, is rejected then
 * with nobody waiting: the platform would end the process, and each one after
 * it that takes the execution up. The failure is in the journal, and the
 * function meets it once it waits.
 *
 * @module
 */

import { isOfContext } from "./step_error.ts";

let holders = 0;

/** Lets such failures pass for as long as functions are run here. */
export function holdRejections(): Disposable {
  if (holders++ === 0) addEventListener("unhandledrejection", letPass);
  return {
    [Symbol.dispose]() {
      if (--holders === 0) removeEventListener("unhandledrejection", letPass);
    },
  };
}

function letPass(event: PromiseRejectionEvent): void {
  if (isOfContext(event.reason)) event.preventDefault();
}
