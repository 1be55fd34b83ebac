/**
 * Values that are made once for many who ask, and kept for a while.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";

/** Gives values by their keys. */
export interface SharedCache<T> {
  /**
   * Gives the value of a key, and makes it when there is none: one making for
   * all who ask meanwhile. What fails is not kept.
   *
   * @param options.isGood Whether a value that is there will do.
   */
  get(key: string, options: {
    readonly signal: AbortSignal;
    readonly isGood?: (value: T) => boolean;
    readonly make: (
      previous: T | undefined,
    ) => Promise<Made<T>>;
  }): Promise<T>;
  /** Forgets the values whose keys begin so. */
  forget(prefix: string): void;
}

/** A value with what keeping it is worth. */
export interface Made<T> {
  readonly value: T;
  readonly lifetimeMs: number;
  /** In the unit of `sizeMax`; absent means none. */
  readonly size?: number;
}

interface Entry<T> {
  readonly promise: Promise<T>;
  /** Of who makes it. */
  readonly signal: AbortSignal;
  /** Set once it is there. */
  value?: T;
  /** When it is made anew; infinite while it is being made. */
  endMs: number;
  size: number;
}

/** Makes an empty cache. */
export function sharedCache<T>(options: {
  readonly clock: Pick<Clock, "monotonic">;
  /** The one that was used longest ago goes first. */
  readonly entriesMax: number;
  /** Of all values together; the one that was made last is always kept. */
  readonly sizeMax?: number;
}): SharedCache<T> {
  const { entriesMax, sizeMax = Infinity } = options;
  const entries = new Map<string, Entry<T>>();
  let size = 0;
  const drop = (key: string): void => {
    size -= entries.get(key)?.size ?? 0;
    entries.delete(key);
  };
  const put = (key: string, entry: Entry<T>): void => {
    drop(key);
    entries.set(key, entry);
    size += entry.size;
    for (const oldest of entries.keys()) {
      if (entries.size <= entriesMax && size <= sizeMax) return;
      if (oldest !== key) drop(oldest);
    }
  };
  const cache: SharedCache<T> = {
    async get(key, asked) {
      const { signal, isGood, make } = asked;
      signal.throwIfAborted();
      const known = entries.get(key);
      const isUsable = known !== undefined &&
        options.clock.monotonic() < known.endMs &&
        (known.value === undefined || (isGood?.(known.value) ?? true));
      if (isUsable) {
        put(key, known);
        try {
          return await orAborted(known.promise, signal);
        } catch (error) {
          // Who made it was called off, which is no failure for who waited.
          if (!known.signal.aborted || signal.aborted) throw error;
          if (entries.get(key) === known) drop(key);
          return await cache.get(key, asked);
        }
      }
      const making = make(known?.value);
      const entry: Entry<T> = {
        signal,
        promise: making.then(({ value }) => value),
        endMs: Infinity,
        size: 0,
      };
      put(key, entry);
      making.then((made) => {
        entry.value = made.value;
        entry.endMs = options.clock.monotonic() + made.lifetimeMs;
        if (entries.get(key) !== entry) return;
        drop(key);
        entry.size = made.size ?? 0;
        put(key, entry);
      }, () => {
        if (entries.get(key) === entry) drop(key);
      });
      return await orAborted(entry.promise, signal);
    },
    forget(prefix) {
      for (const key of [...entries.keys()]) {
        if (key.startsWith(prefix)) drop(key);
      }
    },
  };
  return cache;
}

/** Waits for what others wait for, too: who leaves does not end it. */
async function orAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  // Nobody may be left to hear of it.
  promise.catch(() => undefined);
  const leave = (): void => reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
