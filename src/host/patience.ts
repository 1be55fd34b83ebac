/**
 * Patience with files that another program has open: on Windows a scanner or an
 * indexer holds a file for a moment after it was written, and what moves or
 * removes it then is refused.
 *
 * @module
 */

import { OS, type Os } from "./os.ts";

/** Waits before each further try; about a second and a half in all. */
const WAITS_MS: readonly number[] = [5, 10, 20, 40, 80, 160, 320, 640];
/** Access denied, a sharing violation, a lock violation. */
const HELD_CODES = /\(os error (?:5|32|33)\)/;
const HELD_NAMES = /^(?:EPERM|EACCES|EBUSY)$/;

/** What a test chooses. */
export interface PatienceOptions {
  readonly os?: Os;
  readonly sleep?: (delayMs: number) => Promise<void>;
}

/**
 * Does something with a file, and again for a while where somebody else has it
 * open. On systems that let an open file be moved it is done once.
 *
 * @throws What the last try threw.
 */
export async function withPatience<T>(
  act: () => Promise<T>,
  { os = OS, sleep = pause }: PatienceOptions = {},
): Promise<T> {
  if (os !== "windows") return await act();
  for (const waitMs of WAITS_MS) {
    try {
      return await act();
    } catch (error) {
      if (!isHeld(error)) throw error;
      await sleep(waitMs);
    }
  }
  return await act();
}

/** Says whether a failure may pass once somebody closes the file. */
function isHeld(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.Busy ||
    ("code" in error && HELD_NAMES.test(String(error.code))) ||
    HELD_CODES.test(error.message);
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
