/**
 * A process that opens secrets of a folder, and seals more, until a file says
 * that it is enough; then it says how often it did each. Once it did so for the
 * first time it makes the file `STOP-NUMBER`.
 *
 * Usage: rotation_reader.ts FOLDER NUMBER STOP.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert/strict";
import { retryStaleSeals } from "../../src/backend/vault.ts";
import { openVaultHome, SECRETS } from "./rotation_home.ts";

const [folder = "", number = "", stop = ""] = Deno.args;
const LAPS_MAX = 100_000;

using home = openVaultHome(folder);
let laps = 0;
while (laps < LAPS_MAX && home.host.files.stat(stop) === undefined) {
  for (const [owner, values] of Object.entries(SECRETS)) {
    deepStrictEqual(await home.get(owner), values);
  }
  const owner = `env-reader-${number}-${laps % 50}`;
  const value = `value ${laps}`;
  await retryStaleSeals(() => home.set(owner, { LAP: value }));
  deepStrictEqual(await home.get(owner), { LAP: value });
  if (++laps === 1) {
    home.host.files.createNew(`${stop}-${number}`, { mode: 0o600 });
  }
}
console.log(laps);
