/**
 * Writes down who was refused and when tokens were used, some time later and
 * many at once: who has no token must not make this machine write.
 *
 * @module
 */

import type { Access, Refusal } from "../backend/access.ts";
import type { Clock } from "../host/host.ts";
import { UNTOLD_REFUSAL } from "../model/refusal.ts";

/** Writes down what a server has to remember of calls. */
export interface Audit {
  /** Notes a refused call. */
  refused(refusal: Omit<Refusal, "timeMs" | "count">): void;
  /** Notes that a token was used. */
  used(): void;
  /** Writes down what is left. */
  close(): Promise<void>;
}

/** How long things wait to be written together. */
const DELAY_MS = 1000;
/** Refusals that wait and are told apart; the rest is counted by its code. */
const WAITING_MAX = 256;

/** Makes what writes down. */
export function createAudit(options: {
  readonly clock: Clock;
  readonly access: () => Promise<Access>;
}): Audit {
  const { clock } = options;
  const waiting = new Map<string, Refusal>();
  let stop: (() => void) | undefined;
  let isClosed = false;
  async function write(): Promise<void> {
    const access = await options.access();
    const refusals = [...waiting.values()];
    // Nothing is awaited from here on, so that nothing comes in between.
    try {
      access.flush();
      if (refusals.length === 0) return;
      access.noteRefusals(refusals);
      waiting.clear();
    } catch {
      // The database is busy or full: a call must not fail for its audit, and
      // what waits is written with what comes next.
    }
  }
  function schedule(): void {
    if (isClosed) return;
    stop ??= clock.timer(DELAY_MS, () => {
      stop = undefined;
      void write();
    });
  }
  return {
    refused(refusal) {
      const given = { ...refusal, timeMs: clock.now(), count: 1 };
      const isKnown = waiting.has(keyOf(given));
      const one = isKnown || waiting.size < WAITING_MAX
        ? given
        : { ...given, ...UNTOLD_REFUSAL };
      const key = keyOf(one);
      const before = waiting.get(key);
      waiting.set(key, { ...one, count: one.count + (before?.count ?? 0) });
      schedule();
    },
    used: schedule,
    async close() {
      isClosed = true;
      stop?.();
      stop = undefined;
      await write();
    },
  };
}

function keyOf(refusal: Omit<Refusal, "timeMs" | "count">): string {
  const { identity, tokenId, subject, code, detail, remoteAddress } = refusal;
  return JSON.stringify([
    identity,
    tokenId,
    subject,
    code,
    detail,
    remoteAddress,
  ]);
}
