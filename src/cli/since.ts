/**
 * Moments that people type: a time, or how long ago it was.
 *
 * @module
 */

import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Host } from "../host/host.ts";
import { invalidArgument } from "../model/error.ts";
import { parseDurationMs } from "./duration.ts";

const TIME_HINT =
  "Give how long ago it was, as 90s, 10m, 2h or 7d, or a time, as 2026-01-31 " +
  "or 2026-01-31T08:00:00Z";

/**
 * Reads a time, or how long ago it was.
 *
 * @throws {StigmerError} When it is neither.
 */
export function sinceOf(
  host: Pick<Host, "clock">,
  text: string,
  option: string,
): Timestamp {
  const dated = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : undefined;
  if (dated !== undefined && Number.isNaN(dated)) {
    throw invalidArgument(
      `Option "${option}" cannot be "${text}": there is no such time`,
      { hints: [TIME_HINT] },
    );
  }
  return timestampFromMs(dated ?? host.clock.now() - agoMs(text, option));
}

function agoMs(text: string, option: string): number {
  try {
    return parseDurationMs(text, option);
  } catch (cause) {
    // The same words would leave out that a time may be given.
    throw invalidArgument(`Option "${option}" cannot be "${text}"`, {
      hints: [TIME_HINT],
      cause,
    });
  }
}
