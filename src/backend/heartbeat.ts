/**
 * How often a watch says that it stands, the same for who says it and who
 * waits for it.
 *
 * @module
 */

import type { Duration } from "@bufbuild/protobuf/wkt";
import { durationMs } from "@bufbuild/protobuf/wkt";

/** How often a heartbeat can be asked for at the most, and at the least. */
const HEARTBEAT_MS = { min: 100, max: 60_000 } as const;

/** Milliseconds between two heartbeats, as they are asked for. */
export function heartbeatMsOf(asked: Duration): number {
  const { min, max } = HEARTBEAT_MS;
  return Math.min(max, Math.max(min, durationMs(asked)));
}
