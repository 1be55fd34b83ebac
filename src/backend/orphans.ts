/**
 * Looks, now and then, for what tool servers and programs of processes that are
 * gone have left behind: each has a guard, but that may have been ended, too.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { within } from "../mcp/within.ts";

/** How long a process runs before it looks: most are over by then. */
const FIRST_LOOK_MS = 1000;
/** How long it is between two looks. */
const LOOK_EVERY_MS = 60_000;
/** How long the end waits for a look that is under way. */
const END_MS_MAX = 1000;

/** What looks for orphans. */
export interface OrphanWatch {
  /** Ends the looking; resolves once none is under way, or hangs. */
  close(): Promise<void>;
}

/** Looks for orphans until it is closed. */
export function watchOrphans(
  { clock, processes }: Pick<Host, "clock" | "processes">,
): OrphanWatch {
  let looking: Promise<unknown> | undefined;
  let stop: () => void;
  const look = (): Promise<unknown> =>
    processes.endOrphans().finally(() => looking = undefined);
  const next = (delayMs: number): void => {
    stop = clock.timer(delayMs, () => {
      // A process that hangs can hold up who reads of it.
      looking ??= look();
      next(LOOK_EVERY_MS);
    });
  };
  next(FIRST_LOOK_MS);
  return {
    async close() {
      stop();
      if (looking !== undefined) await within(clock, looking, END_MS_MAX);
    },
  };
}
