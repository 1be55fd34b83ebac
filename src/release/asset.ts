/**
 * Which file of a release is for this machine, and what is in it.
 *
 * @module
 */

import type { Platform } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";
import { INSTALLING_PAGE } from "./address.ts";

/** A file of a release that holds the program for one sort of machine. */
export interface Asset {
  /** As `stigmer-linux-x64.tar.gz`. */
  readonly name: string;
  readonly packing: "tar.gz" | "zip";
  /** Name of the program in it. */
  readonly executable: "stigmer" | "stigmer.exe";
}

const SYSTEMS: Readonly<Record<Platform["os"], string>> = {
  linux: "linux",
  darwin: "macos",
  windows: "windows",
};
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: "x64",
  aarch64: "arm64",
};

/**
 * Names the file for a machine.
 *
 * @throws {StigmerError} UNIMPLEMENTED when releases have none for it.
 */
export function assetFor({ os, arch }: Pick<Platform, "os" | "arch">): Asset {
  const architecture = Object.hasOwn(ARCHITECTURES, arch)
    ? ARCHITECTURES[arch]
    : undefined;
  if (architecture === undefined) {
    throw new StigmerError(
      "UNIMPLEMENTED",
      `There is no release for this machine: ${os} on ${arch}`,
      { hints: [`Run it from source: ${INSTALLING_PAGE}`] },
    );
  }
  const packing = os === "windows" ? "zip" : "tar.gz";
  return {
    name: `stigmer-${SYSTEMS[os]}-${architecture}.${packing}`,
    packing,
    executable: os === "windows" ? "stigmer.exe" : "stigmer",
  };
}
