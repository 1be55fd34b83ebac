/**
 * Gives the file system back what deletes left free in the database file.
 *
 * @module
 */

import type { Database } from "./driver.ts";

/** Free pages below which it is not worth a write: they are used again. */
const FREE_PAGES_MIN = 256;
/** Pages of one piece while others write. */
const PIECE_PAGES = 128;
/** Pieces of one collection at the most; the rest follows at the next one. */
const PIECES_MAX = 100_000;
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

/**
 * Gives back all free pages and empties the log, a piece at a time, so that
 * nobody waits long.
 */
export async function giveBackAllPages(
  database: Database,
  pause: () => Promise<void>,
): Promise<void> {
  const free = database.prepare("PRAGMA freelist_count");
  const vacuum = database.prepare(`PRAGMA incremental_vacuum(${PIECE_PAGES})`);
  let left = Number(free.get()?.freelist_count);
  for (let i = 0; i < PIECES_MAX && left > 0; i++) {
    vacuum.all();
    const now = Number(free.get()?.freelist_count);
    // A file that was made without room for this stays as it is.
    if (now >= left) break;
    left = now;
    await pause();
  }
  // Not TRUNCATE: it would wait for all who read.
  database.prepare("PRAGMA wal_checkpoint(PASSIVE)").get();
}
