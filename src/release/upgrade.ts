/**
 * Puts another release in the place of the running program: finds it, believes
 * it by its signature, takes it, compares its checksum, unpacks it, tries it,
 * and only then lets it stand where the old one stood.
 *
 * Until that last step nothing that was there is touched, and the last step is
 * one step.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { failedPrecondition, invalidArgument } from "../model/error.ts";
import { fileUrl } from "./address.ts";
import { type Asset, assetFor } from "./asset.ts";
import { checksumOf, refuseOther } from "./checksums.ts";
import { openDownload } from "./download.ts";
import {
  findRelease,
  refuseWithoutKeys,
  type Release,
  type ReleaseSource,
} from "./find_release.ts";
import { findInstallation, ownPath } from "./installation.ts";
import { compareVersions, isReleaseVersion } from "./release_version.ts";
import { replaceExecutable } from "./replace.ts";
import { openStaging } from "./staging.ts";
import { tryExecutable } from "./trial.ts";
import { unpackTar } from "./unpack_tar.ts";
import { unpackZip } from "./unpack_zip.ts";

/** Bytes of an archive at the most. */
const ARCHIVE_BYTES_MAX: number = 512 * 1024 ** 2;
/** Bytes of an executable at the most. */
const EXECUTABLE_BYTES_MAX: number = 1024 ** 3;
/** Who owns it may run it, whatever the mode of the old one was. */
const OWNER_MODE = 0o700;
const MODE_DEFAULT = 0o755;
const MODE_MASK = 0o777;

/** What is wanted. */
export interface UpgradeOptions extends ReleaseSource {
  readonly host: Host;
  /** The version that runs. */
  readonly current: string;
  /** The one that is wanted; the latest when absent. */
  readonly version?: string;
  /** Whether that may be an older one. */
  readonly allowDowngrade: boolean;
  /** Whether it is only said what would be done. */
  readonly dryRun: boolean;
  /** Hears of each step when it is done, before the next one begins. */
  readonly onStep: (step: UpgradeStep) => void;
}

/** A step that was done. */
export type UpgradeStep =
  | { readonly kind: "found"; readonly version: string; readonly key: string }
  | {
    readonly kind: "downloading";
    readonly name: string;
    readonly receivedBytes: number;
    readonly totalBytes: number | undefined;
  }
  | { readonly kind: "downloaded"; readonly name: string }
  | { readonly kind: "verified"; readonly name: string }
  | { readonly kind: "unpacked" }
  | { readonly kind: "tried"; readonly version: string }
  | { readonly kind: "replaced" };

/** What came of it. */
export interface Upgraded {
  readonly outcome: "current" | "planned" | "replaced";
  readonly from: string;
  readonly to: string;
  /** The file that is, or would be, replaced. */
  readonly path: string;
  /** The file of the release that it is taken from. */
  readonly asset: string;
}

/**
 * Replaces the running program.
 *
 * @throws {StigmerError} When it is not ours to replace, or the release is not
 * to be had, not to be believed, older, or does not run here.
 */
export async function upgrade(options: UpgradeOptions): Promise<Upgraded> {
  const { host, current, onStep } = options;
  refuseOptions(options);
  const path = ownPath(await findInstallation(host));
  refuseWithoutKeys(options.keys);
  const asset = assetFor(host.platform);
  const release = await findRelease(options, options.version);
  const { version } = release;
  onStep({ kind: "found", version, key: release.key });
  const upgraded = { from: current, to: version, path, asset: asset.name };
  if (version === current) return { outcome: "current", ...upgraded };
  refuseOlder(options, version);
  checksumOf(release.sums, asset.name);
  if (options.dryRun) return { outcome: "planned", ...upgraded };
  await carryOut(options, { path, asset, release });
  return { outcome: "replaced", ...upgraded };
}

/** Refuses, before anything is asked of anybody, what cannot be meant. */
function refuseOptions(options: UpgradeOptions): void {
  const { version, allowDowngrade } = options;
  if (version === undefined && allowDowngrade) {
    throw invalidArgument('Option "--allow-downgrade" needs "--version"', {
      hints: ["Say which older release is meant"],
    });
  }
  if (version !== undefined && !isReleaseVersion(version)) {
    throw invalidArgument(
      `Option "--version" cannot be "${version}": it is no version`,
      { hints: ["Write it as 1.2.3"] },
    );
  }
}

/** An older release has faults that are known, and a genuine signature. */
function refuseOlder(options: UpgradeOptions, version: string): void {
  const { current, allowDowngrade } = options;
  if (compareVersions(version, current) > 0 || allowDowngrade) return;
  const isWanted = options.version !== undefined;
  throw failedPrecondition(
    `Cannot go back to ${version}: this is ${current}, which is newer`,
    {
      hints: isWanted
        ? ["If an older one is meant, say --allow-downgrade as well"]
        : [
          "Nothing was changed",
          "If an older one is meant, say which: --version VERSION --allow-downgrade",
        ],
    },
  );
}

interface Plan {
  readonly path: string;
  readonly asset: Asset;
  readonly release: Release;
}

async function carryOut(options: UpgradeOptions, plan: Plan): Promise<void> {
  const { host, signal, onStep } = options;
  const { path, asset, release } = plan;
  await using staging = await openStaging(host, path);
  const archive = staging.path(asset.name);
  const staged = staging.path(asset.executable);
  const found = await fetchArchive(options, plan, archive);
  onStep({ kind: "downloaded", name: asset.name });
  const expected = checksumOf(release.sums, asset.name);
  refuseOther(asset.name, { expected, found });
  onStep({ kind: "verified", name: asset.name });
  const mode = (host.files.stat(path)?.mode ?? MODE_DEFAULT) & MODE_MASK;
  await host.files.writeChunks(
    staged,
    until(signal, await unpack(host, archive, asset)),
    { mode: mode | OWNER_MODE, replace: true },
  );
  onStep({ kind: "unpacked" });
  const { version } = release;
  await tryExecutable(host, { path: staged, version }, signal);
  onStep({ kind: "tried", version });
  signal.throwIfAborted();
  await replaceExecutable(host, { staged, path });
  onStep({ kind: "replaced" });
}

/** Takes the archive into a file, and gives its checksum. */
async function fetchArchive(
  options: UpgradeOptions,
  { asset, release }: Plan,
  path: string,
): Promise<string> {
  const { name } = asset;
  const url = fileUrl(options.base, { name, version: release.version });
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  await using opened = await openDownload(options, url, {
    sizeBytesMax: ARCHIVE_BYTES_MAX,
  });
  const { chunks, sizeBytes } = opened;
  let receivedBytes = 0;
  async function* heard(): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      receivedBytes += chunk.length;
      const totalBytes = sizeBytes;
      options.onStep({ kind: "downloading", name, receivedBytes, totalBytes });
      yield chunk;
    }
  }
  await options.host.files.writeChunks(path, heard(), {
    mode: 0o600,
    replace: true,
  });
  return hash.digest("hex");
}

async function unpack(
  { files }: Pick<Host, "files">,
  archive: string,
  { packing, executable }: Asset,
): Promise<AsyncIterable<Uint8Array<ArrayBuffer>>> {
  const wanted = { name: executable, sizeBytesMax: EXECUTABLE_BYTES_MAX };
  switch (packing) {
    case "tar.gz":
      return unpackTar(files.readChunks(archive), wanted);
    case "zip":
      return unpackZip(await files.read(archive), wanted);
  }
}

/** Gives pieces until somebody stops it. */
async function* until(
  signal: AbortSignal,
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    yield chunk;
  }
}
