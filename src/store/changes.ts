/**
 * Tells when a database changed: at once for this process, by a cheap look
 * for the others.
 *
 * SQLite's `data_version` counts only what other connections committed, so
 * what this connection writes is counted here.
 *
 * @module
 */

import type { Database } from "./driver.ts";

interface Feed {
  count: number;
  readonly listeners: Set<() => void>;
}

const FEEDS: WeakMap<Database, Feed> = new WeakMap();

/** Says that this process writes something others wait for. */
export function changed(database: Database): void {
  const feed = feedOf(database);
  feed.count++;
  for (const listener of [...feed.listeners]) listener();
}

/**
 * Calls back at each change of this process, until the returned function is
 * called. The change may not be committed yet: look a moment later.
 */
export function onChange(database: Database, listener: () => void): () => void {
  const { listeners } = feedOf(database);
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A text that differs whenever any process changed something. */
export function version(database: Database): string {
  const row = database.prepare("PRAGMA data_version").get();
  return `${row?.data_version}.${feedOf(database).count}`;
}

function feedOf(database: Database): Feed {
  const known = FEEDS.get(database);
  if (known !== undefined) return known;
  const made: Feed = { count: 0, listeners: new Set() };
  FEEDS.set(database, made);
  return made;
}
