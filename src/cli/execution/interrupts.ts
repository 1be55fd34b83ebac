/**
 * What Ctrl-C does while a run is followed.
 *
 * The first one cancels, a second one leaves the run to be resumed. A run is
 * often cancelled within milliseconds, too fast for a second thought: so the
 * first waits a moment before it acts.
 *
 * @module
 */

import type { Backend } from "../../backend/open.ts";
import type { Context } from "../context.ts";
import { wrapping } from "../wrap.ts";

/**
 * How long a second Ctrl-C has before the first one cancels; one that comes at
 * once is the same key press.
 */
export const SECOND_THOUGHT_MS = 1000;

/** What is done when someone interrupts. */
export interface Interrupted {
  readonly id: string;
  /** Where it runs. */
  readonly type: Backend["type"];
  /** Whether Ctrl-C is meant for something else just now. */
  isElsewhere?(): boolean;
  /** Says that it is being cancelled from now on. */
  begin(): void;
  /** Makes room for a last word. */
  rest(): void;
  /** Asks for the run to be cancelled. */
  cancel(): void;
  /** Ends this process without ending the run. */
  leave(): void;
}

/** Listens for Ctrl-C and SIGTERM until it is disposed of. */
export function listenForInterrupts(
  context: Context,
  interrupted: Interrupted,
): Disposable {
  const { host } = context;
  const io = wrapping(context.io);
  let count = 0;
  let stopTimer = (): void => {};
  const leave = (): void => {
    stopTimer();
    const { id, type } = interrupted;
    interrupted.rest();
    io.alert(
      type === "local"
        ? `Left ${id} as it is, go on with: stigmer execution resume ${id}`
        : `Left ${id} to the server, follow it with: ` +
          `stigmer execution watch ${id}`,
    );
    interrupted.leave();
  };
  const remove = host.terminal.onInterrupt((signal) => {
    if (signal === "SIGINT" && interrupted.isElsewhere?.() === true) return;
    count++;
    // Whoever ends the process from outside does not mean the run.
    if (signal === "SIGTERM" || count > 1) return leave();
    interrupted.begin();
    const { type } = interrupted;
    io.alert(
      type === "local"
        ? "Cancelling (Ctrl-C again leaves it to be resumed)"
        : "Cancelling (Ctrl-C again leaves it to the server)",
    );
    stopTimer = host.clock.timer(SECOND_THOUGHT_MS, interrupted.cancel);
  });
  return {
    [Symbol.dispose]() {
      stopTimer();
      remove();
    },
  };
}
