/**
 * Chance of a durable function: drawn once, and journalled.
 *
 * @module
 */

import type { Activity } from "../model/durable.ts";
import type { Scope } from "./_scope.ts";

const RANDOM_BYTES = 16;
/** Values of 53 random bits, which a number holds exactly. */
const RANDOM_RANGE = 2 ** 53;

/** Makes a number from 0 up to 1 of random bytes. */
export function fractionOf(bytes: Uint8Array<ArrayBuffer>): number {
  const [high = 0, low = 0] = new Uint32Array(bytes.buffer);
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / RANDOM_RANGE;
}

/** Asks for random bytes, journalled. */
export async function askRandom(
  scope: Scope,
): Promise<Uint8Array<ArrayBuffer>> {
  const path = scope.place("random", "random");
  const { randomBytes } = scope.options;
  const effect: Activity = () =>
    Promise.resolve({
      kind: "completed",
      output: randomBytes(RANDOM_BYTES).toHex(),
    });
  const request = { activity: "random", input: null, announced: false, effect };
  const about = { path, name: "random", attempt: 1 };
  const hex = await scope.ask({
    path,
    name: "random",
    kind: "random",
    commands: [{ kind: "run", ...about, request }],
  });
  return Uint8Array.fromHex(String(hex));
}

/** Writes random bytes as a UUID of version 4. */
export function uuidOf(bytes: Uint8Array): string {
  const [six = 0, eight = 0] = [bytes[6], bytes[8]];
  bytes[6] = six & 0x0f | 0x40;
  bytes[8] = eight & 0x3f | 0x80;
  const hex = bytes.toHex();
  const cuts = [0, 8, 12, 16, 20, 32];
  return cuts.slice(1).map((end, i) => hex.slice(cuts[i], end)).join("-");
}
