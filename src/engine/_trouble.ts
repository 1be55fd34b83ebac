/**
 * Tells what goes wrong with the store; not each time that it does.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { messageOf } from "../model/error.ts";
import type { WorkerNote } from "./ports.ts";

/** How soon the same trouble is told again. */
const TROUBLE_REPEAT_MS = 30_000;

/** Makes what tells trouble: the same one at most once in a while. */
export function troubleTeller(
  host: Pick<Host, "clock">,
  note: (note: WorkerNote) => void,
): (error: unknown) => void {
  let told = { detail: "", atMs: -Infinity };
  return (error) => {
    const detail = messageOf(error);
    const nowMs = host.clock.now();
    const isRecent = nowMs - told.atMs < TROUBLE_REPEAT_MS;
    if (detail === told.detail && isRecent) return;
    told = { detail, atMs: nowMs };
    note({ kind: "trouble", detail });
  };
}
