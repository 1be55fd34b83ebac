/**
 * Holds off who tries one token after the other.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";

/** Holds off addresses that failed too often. */
export interface Throttle {
  /** How long an address is held off yet; 0 when it is not. */
  heldMs(address: string): number;
  /** Notes that an address failed. */
  failed(address: string): void;
}

interface Record {
  readonly count: number;
  readonly lastMs: number;
  readonly untilMs: number;
}

/** Failures that cost nothing: whoever mistypes is not held off. */
const FREE_FAILURES = 10;
const HOLD_MS_MIN = 1000;
const HOLD_MS_MAX = 60_000;
/** How long failures are remembered after the last. */
const FORGET_MS = 600_000;
/** Addresses that are known at once; the one that failed longest ago goes. */
const ADDRESSES_MAX = 4096;

/** Makes what holds off addresses. */
export function createThrottle(clock: Pick<Clock, "monotonic">): Throttle {
  const records = new Map<string, Record>();
  return {
    heldMs: (address) =>
      Math.max(0, (records.get(address)?.untilMs ?? 0) - clock.monotonic()),
    failed(address) {
      const nowMs = clock.monotonic();
      const before = records.get(address);
      const isFresh = before !== undefined &&
        nowMs - before.lastMs < FORGET_MS;
      const count = (isFresh ? before.count : 0) + 1;
      records.delete(address);
      records.set(address, { count, lastMs: nowMs, untilMs: until(count) });
      for (const oldest of records.keys()) {
        if (records.size <= ADDRESSES_MAX) break;
        records.delete(oldest);
      }
      function until(failures: number): number {
        if (failures <= FREE_FAILURES) return 0;
        const doubled = HOLD_MS_MIN * 2 ** (failures - FREE_FAILURES - 1);
        return nowMs + Math.min(doubled, HOLD_MS_MAX);
      }
    },
  };
}

/**
 * The part of an address that one caller has to itself: without its port, and
 * the network of an IPv6 address, of which everyone has billions.
 */
export function callerAddress(address: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(address)?.[1];
  if (bracketed === undefined) return address.replace(/:\d+$/, "");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bracketed)?.[1];
  return mapped ?? networkOf(bracketed);
}

/** The first 64 bits of an IPv6 address. */
function networkOf(address: string): string {
  const [plain = ""] = address.toLowerCase().split("%");
  const [head = "", tail] = plain.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Math.max(0, 8 - before.length - after.length);
  const groups = tail === undefined
    ? before
    : [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
