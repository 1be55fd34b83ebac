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

/**
 * What changed: `journal` is a step of a run by its owner, `runs` all that an
 * owner must look at.
 */
export type Topic = "journal" | "runs";

interface Feed {
  readonly counts: Record<Topic, number>;
  readonly listeners: Map<() => void, readonly Topic[]>;
}

const FEEDS: WeakMap<Database, Feed> = new WeakMap();
const ALL: readonly Topic[] = ["journal", "runs"];

/** Says that this process writes something others wait for. */
export function changed(database: Database, topic: Topic = "runs"): void {
  const feed = feedOf(database);
  feed.counts[topic]++;
  for (const [listener, topics] of feed.listeners) {
    if (topics.includes(topic)) listener();
  }
}

/**
 * Calls back at each change of this process, until the returned function is
 * called. The change may not be committed yet: look a moment later.
 */
export function onChange(
  database: Database,
  listener: () => void,
  topics: readonly Topic[] = ALL,
): () => void {
  const { listeners } = feedOf(database);
  listeners.set(listener, topics);
  return () => listeners.delete(listener);
}

/** A text that differs whenever any process changed something. */
export function version(
  database: Database,
  topics: readonly Topic[] = ALL,
): string {
  const row = database.prepare("PRAGMA data_version").get();
  const { counts } = feedOf(database);
  return [row?.data_version, ...topics.map((it) => counts[it])].join(".");
}

function feedOf(database: Database): Feed {
  const known = FEEDS.get(database);
  if (known !== undefined) return known;
  const made: Feed = {
    counts: { journal: 0, runs: 0 },
    listeners: new Map(),
  };
  FEEDS.set(database, made);
  return made;
}
