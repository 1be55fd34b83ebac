/**
 * Keeps a database small for as long as a process works on it: collects
 * garbage once an hour, one process at a time.
 *
 * @module
 */

import type { WorkerNote } from "../engine/ports.ts";
import { messageOf } from "../model/error.ts";
import { endOldBegun } from "../store/mcp_logins.ts";
import { removeStaleCopy } from "./backup.ts";
import type { ServiceDeps } from "./deps.ts";
import { collectGarbage } from "./garbage.ts";
import { collectedAt, readRetention } from "./retention.ts";

/** How often garbage is collected. */
const INTERVAL_MS = 3_600_000;
/** How long a process works before the first time, at the most. */
const FIRST_MS = 300_000;
/** By how much of it the time differs, so that processes do not meet. */
const JITTER = 0.1;
/** How much sooner than due another process's collection counts. */
const EARLY = 0.8;

/** How a house is kept. */
export interface KeeperOptions {
  readonly signal: AbortSignal;
  readonly onNote: (note: WorkerNote) => void;
  /** How often; default once an hour. */
  readonly intervalMs?: number;
}

/** Collects garbage again and again, until it is stopped. */
export async function keepHouse(
  deps: ServiceDeps,
  options: KeeperOptions,
): Promise<void> {
  const { host: { clock, random } } = deps;
  const { signal, intervalMs = INTERVAL_MS } = options;
  await guarded(options, () => removeStaleCopy(deps));
  let delayMs = random.fraction() * Math.min(FIRST_MS, intervalMs);
  while (!signal.aborted) {
    try {
      await clock.sleep(delayMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    await guarded(options, () => collectWhenDue(deps, { signal, intervalMs }));
    delayMs = intervalMs * (1 + JITTER * (2 * random.fraction() - 1));
  }
}

/** Collects unless another process has done so a while ago. */
async function collectWhenDue(
  deps: ServiceDeps,
  of: { readonly signal: AbortSignal; readonly intervalMs: number },
): Promise<void> {
  const { database } = deps.store;
  const { signal, intervalMs } = of;
  endOldBegun(database, deps.host.clock.now());
  const sinceMs = deps.host.clock.now() - (collectedAt(database) ?? 0);
  if (sinceMs < intervalMs * EARLY) return;
  const rule = readRetention(database);
  await collectGarbage(deps, { rule, signal });
}

/** What goes wrong here must not end the work of the process. */
async function guarded(
  { signal, onNote }: KeeperOptions,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (signal.aborted) return;
    const detail = `Cannot collect garbage: ${messageOf(error)}`;
    onNote({ kind: "trouble", detail });
  }
}
