/**
 * `release.json`: which release a release is.
 *
 * A list of checksums does not say what it is a list of, so a mirror could
 * answer with an older one and its genuine signature. This file is in the list,
 * and so is signed with it.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import { isReleaseVersion } from "./release_version.ts";

/** Name of the file within a release. */
export const RELEASE_FILE = "release.json";

/** Writes the file of a release. */
export function releaseFileText(version: string): string {
  return `${JSON.stringify({ version })}\n`;
}

/**
 * Reads which release it is; what a later one says besides is left out.
 *
 * @throws {StigmerError} DATA_LOSS when it does not say.
 */
export function parseReleaseFile(text: string): { readonly version: string } {
  const version = versionIn(text);
  if (version !== undefined && isReleaseVersion(version)) return { version };
  throw new StigmerError(
    "DATA_LOSS",
    `Cannot read ${RELEASE_FILE} of the release: it names no version`,
    { hints: ["Check that the address is one of releases of Stigmer"] },
  );
}

function versionIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    if (!("version" in value)) return undefined;
    return typeof value.version === "string" ? value.version : undefined;
  } catch {
    return undefined;
  }
}
