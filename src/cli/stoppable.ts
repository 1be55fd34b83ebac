/**
 * Commands that clean up when somebody stops them.
 *
 * @module
 */

import type { Ending } from "./command.ts";
import type { Context } from "./context.ts";

/**
 * Runs what Ctrl-C ends by the signal of its context, so that it leaves
 * nothing half done; a second one ends the program at once.
 *
 * @param stopped What is said then, if anything.
 */
export async function stoppable(
  context: Context,
  run: (context: Context) => Promise<Ending>,
  stopped?: string,
): Promise<Ending> {
  const left = new AbortController();
  const remove = context.host.terminal.onInterrupt(() => {
    left.abort();
    remove();
  });
  const signal = AbortSignal.any([context.signal, left.signal]);
  try {
    return await run({ ...context, signal });
  } catch (error) {
    if (!left.signal.aborted) throw error;
    if (stopped !== undefined) context.io.alert(stopped);
    return "CANCELLED";
  } finally {
    remove();
  }
}
