/**
 * How often each caller may call: a bucket of calls for each that fills by
 * the second.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";

/** Seconds of calls that a bucket holds. */
const BURST_SECONDS = 2;
/** Callers that are remembered; past it, the buckets that are full go. */
const CALLERS_MAX = 10_000;

interface Bucket {
  calls: number;
  atMs: number;
}

/** Bounds how often each caller calls. */
export interface RateLimiter {
  /**
   * Takes one call of a caller.
   *
   * @returns 0, or the seconds after which the next call may come.
   */
  take(caller: string): number;
}

/** Makes what bounds calls by the second; 0 bounds nothing. */
export function createRateLimiter(
  perSecond: number,
  clock: Pick<Clock, "monotonic">,
): RateLimiter {
  const size = Math.max(1, perSecond * BURST_SECONDS);
  const buckets = new Map<string, Bucket>();
  const filled = (bucket: Bucket, nowMs: number): number =>
    Math.min(size, bucket.calls + (nowMs - bucket.atMs) / 1000 * perSecond);
  const forget = (nowMs: number): void => {
    for (const [caller, bucket] of buckets) {
      if (filled(bucket, nowMs) >= size) buckets.delete(caller);
    }
  };
  return {
    take(caller) {
      if (perSecond <= 0) return 0;
      const nowMs = clock.monotonic();
      const known = buckets.get(caller);
      if (known === undefined) {
        if (buckets.size >= CALLERS_MAX) forget(nowMs);
        buckets.set(caller, { calls: size - 1, atMs: nowMs });
        return 0;
      }
      known.calls = filled(known, nowMs);
      known.atMs = nowMs;
      if (known.calls < 1) {
        return Math.ceil((1 - known.calls) / perSecond);
      }
      known.calls--;
      return 0;
    },
  };
}
