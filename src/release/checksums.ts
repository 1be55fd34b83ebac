/**
 * `SHA256SUMS`: the checksum of each file of a release, as `sha256sum` writes
 * it.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";

/** Name of the list within a release. */
export const CHECKSUMS_FILE = "SHA256SUMS";
/** Name of its signature. */
export const SIGNATURE_FILE = "SHA256SUMS.sig";

/** Files of a release at the most. */
const FILES_MAX = 256;
const LINE_REGEXP = /^([0-9a-f]{64}) [ *]([A-Za-z0-9][A-Za-z0-9._+-]*)$/;

/** Checksums by the names of files, in hexadecimal. */
export type Checksums = ReadonlyMap<string, string>;

/**
 * Reads a list of checksums. What two readers could read in two ways is
 * refused.
 *
 * @throws {StigmerError} DATA_LOSS when it is no such list.
 */
export function parseChecksums(text: string): Checksums {
  const sums = new Map<string, string>();
  const lines = text.replace(/\n$/, "").split("\n");
  if (lines.length > FILES_MAX) {
    throw unreadable(`it has more than ${FILES_MAX} lines`);
  }
  for (const [i, line] of lines.entries()) {
    const [, sum, name] = LINE_REGEXP.exec(line) ?? [];
    if (sum === undefined || name === undefined) {
      throw unreadable(`line ${i + 1} is no checksum and name`);
    }
    if (sums.has(name)) throw unreadable(`it has "${name}" twice`);
    sums.set(name, sum);
  }
  return sums;
}

/**
 * Gives the checksum of a file of a release.
 *
 * @throws {StigmerError} NOT_FOUND when the release has no such file.
 */
export function checksumOf(sums: Checksums, name: string): string {
  const sum = sums.get(name);
  if (sum !== undefined) return sum;
  throw new StigmerError(
    "NOT_FOUND",
    `The release has no "${name}": ${CHECKSUMS_FILE} does not name it`,
    { hints: ["This release may not be made for this machine"] },
  );
}

/**
 * Refuses a file that is not the one that was released.
 *
 * @throws {StigmerError} DATA_LOSS.
 */
export function refuseOther(
  name: string,
  sums: { readonly expected: string; readonly found: string },
): void {
  if (sums.expected === sums.found) return;
  throw new StigmerError(
    "DATA_LOSS",
    `Cannot trust "${name}": its checksum is ${sums.found}, ` +
      `not ${sums.expected}`,
    { hints: ["It came incomplete or was changed on the way: try again"] },
  );
}

function unreadable(why: string): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot read ${CHECKSUMS_FILE} of the release: ${why}`,
  );
}
