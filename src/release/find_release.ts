/**
 * Finds a release and believes it: what its version is and which files it has,
 * by a signature of a key of this build.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import { sha256Hex } from "../model/sha256.ts";
import { fileUrl, INSTALLING_PAGE } from "./address.ts";
import {
  checksumOf,
  type Checksums,
  CHECKSUMS_FILE,
  parseChecksums,
  refuseOther,
  SIGNATURE_FILE,
} from "./checksums.ts";
import { download, type Downloads } from "./download.ts";
import type { ReleaseKey } from "./keys.ts";
import { parseReleaseFile, RELEASE_FILE } from "./release_file.ts";
import { signerOf } from "./signature.ts";

const CHECKSUMS_BYTES_MAX: number = 64 * 1024;
const SIGNATURE_BYTES_MAX = 1024;
const RELEASE_FILE_BYTES_MAX: number = 16 * 1024;

/** Where releases are found and who may have signed them. */
export interface ReleaseSource extends Downloads {
  /** Address of releases without a slash at its end. */
  readonly base: string;
  readonly keys: readonly ReleaseKey[];
}

/** A release whose signature was right. */
export interface Release {
  readonly version: string;
  readonly sums: Checksums;
  /** Name of the key that signed it. */
  readonly key: string;
}

/**
 * Finds a release.
 *
 * What is the latest is asked once; everything else is taken from under its
 * version, so that a release that comes out meanwhile is not mixed with it.
 *
 * @param version Its version; the latest when absent.
 * @throws {StigmerError} When there is none, or it is not to be believed.
 */
export async function findRelease(
  source: ReleaseSource,
  version?: string,
): Promise<Release> {
  refuseWithoutKeys(source.keys);
  const file = await take(source, {
    name: RELEASE_FILE,
    sizeBytesMax: RELEASE_FILE_BYTES_MAX,
    ...(version === undefined ? {} : { version }),
  });
  // Not believed yet: it says where to look, and must be in the list there.
  const named = parseReleaseFile(textOf(file)).version;
  if (version !== undefined && named !== version) {
    throw otherRelease(version, named);
  }
  const { sums, key } = await signedSums(source, named);
  refuseOther(RELEASE_FILE, {
    expected: checksumOf(sums, RELEASE_FILE),
    found: sha256Hex(file),
  });
  return { version: named, sums, key };
}

/**
 * Refuses a build that could believe nobody.
 *
 * @throws {StigmerError} FAILED_PRECONDITION.
 */
export function refuseWithoutKeys(keys: readonly ReleaseKey[]): void {
  if (keys.length > 0) return;
  throw new StigmerError(
    "FAILED_PRECONDITION",
    "Cannot tell a release from a forgery: this build has no release key",
    { hints: [`Install a release by hand once: ${INSTALLING_PAGE}`] },
  );
}

async function signedSums(
  source: ReleaseSource,
  version: string,
): Promise<{ readonly sums: Checksums; readonly key: string }> {
  const signature = await take(source, {
    name: SIGNATURE_FILE,
    version,
    sizeBytesMax: SIGNATURE_BYTES_MAX,
  });
  const bytes = await take(source, {
    name: CHECKSUMS_FILE,
    version,
    sizeBytesMax: CHECKSUMS_BYTES_MAX,
  });
  const signed = { bytes, signature: textOf(signature) };
  const { name } = await signerOf(signed, source.keys);
  return { sums: parseChecksums(textOf(bytes)), key: name };
}

async function take(
  source: ReleaseSource,
  file: {
    readonly name: string;
    readonly version?: string;
    readonly sizeBytesMax: number;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  return await download(source, fileUrl(source.base, file), file);
}

function textOf(bytes: Uint8Array<ArrayBuffer>): string {
  return new TextDecoder().decode(bytes);
}

function otherRelease(asked: string, named: string): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot trust this release: ${asked} was asked for, and it is ${named}`,
    { hints: ["Somebody may have changed it on the way: do not use it"] },
  );
}
