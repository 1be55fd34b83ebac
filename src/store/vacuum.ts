/**
 * Gives the file system back what deletes left free in the database file.
 *
 * @module
 */

import type { Database } from "./driver.ts";

/** Free pages below which it is not worth a write: they are used again. */
const FREE_PAGES_MIN = 256;
/** Pages given back at once at the most, so that closing stays quick. */
const PAGES_MAX = 2048;

/**
 * Gives back free pages, some thousand at the most; the rest follows at the
 * next time. It is a convenience: whatever stands against it, such as another
 * process that writes, only puts it off.
 */
export function giveBackPages(database: Database): void {
  try {
    const free = database.prepare("PRAGMA freelist_count").get();
    if (Number(free?.freelist_count) < FREE_PAGES_MIN) return;
    database.prepare("PRAGMA busy_timeout = 0").get();
    // Only stepping through its rows frees all of them.
    database.prepare(`PRAGMA incremental_vacuum(${PAGES_MAX})`).all();
  } catch {
    // Put off: see above.
  }
}
