/**
 * Waits for a lock that another process may hold for a moment.
 *
 * @module
 */

import type { FileLock, Host } from "./host.ts";

/** How long another process may be changing what the lock guards. */
const LOCK_TIMEOUT_MS = 5000;
const LOCK_RETRY_MS = 20;

/**
 * Takes the lock of a file, and waits while another process has it.
 *
 * @param path The lock's own file, beside what it guards.
 * @returns The lock, or `undefined` when it was not to be had in time.
 */
export async function waitForLock(
  host: Pick<Host, "files" | "clock">,
  path: string,
): Promise<FileLock | undefined> {
  const startedAtMs = host.clock.monotonic();
  for (;;) {
    const held = host.files.lock(path);
    if (held !== undefined) return held;
    if (host.clock.monotonic() - startedAtMs > LOCK_TIMEOUT_MS) {
      return undefined;
    }
    await host.clock.sleep(LOCK_RETRY_MS);
  }
}
