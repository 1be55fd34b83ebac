/**
 * Makes the files of a release from the executables that were built:
 * archives, the bill of materials, what says which release it is, the install
 * scripts, and the checksums of all of them.
 *
 * @module
 */

import { CHECKSUMS_FILE } from "../../src/release/checksums.ts";
import {
  RELEASE_FILE,
  releaseFileText,
} from "../../src/release/release_file.ts";
import { ROOT } from "../command.ts";
import {
  assetName,
  executableName,
  type Target,
  TARGETS,
  type Variant,
  VARIANTS,
} from "../targets.ts";
import { type PackedFile, tarGz, zip } from "./archive.ts";
import type { Component } from "./components.ts";
import { notices, NOTICES_FILE } from "./notices.ts";
import { type Release, sbom, SBOM_FILE } from "./sbom.ts";
import { SCRIPTS } from "./script_keys.ts";
import { sumsOf } from "./sums.ts";

/** What a release is made from. */
export interface Packing extends Release {
  /** Where the executables are, each in the folder of its machine. */
  readonly from: string;
  /** An empty folder for the files. */
  readonly to: string;
  readonly components: readonly Component[];
}

/** Where `deno task compile --target` writes an executable. */
export function executablePath(
  folder: string,
  { variant, target }: { readonly variant: Variant; readonly target: Target },
): string {
  const name = executableName(variant, target);
  return `${folder}/${variant}-${target.name}/${name}`;
}

/** Writes the files and gives their names, the list of checksums last. */
export async function pack(packing: Packing): Promise<readonly string[]> {
  const { to, components, version } = packing;
  const names: string[] = [];
  const write = async (name: string, bytes: Uint8Array | string) => {
    const data = typeof bytes === "string"
      ? new TextEncoder().encode(bytes)
      : bytes;
    await Deno.writeFile(`${to}/${name}`, data);
    names.push(name);
  };
  for (const variant of VARIANTS) {
    for (const target of TARGETS) {
      const bytes = await archive(packing, { variant, target });
      await write(assetName(variant, target), bytes);
    }
  }
  await write(SBOM_FILE, await sbom(packing, components));
  await write(RELEASE_FILE, releaseFileText(version));
  for (const name of SCRIPTS) {
    await write(name, await Deno.readFile(`${ROOT}.github/release/${name}`));
  }
  await write(CHECKSUMS_FILE, await sumsOf(to, names));
  return names;
}

async function archive(
  { from, timeMs, components }: Packing,
  what: { readonly variant: Variant; readonly target: Target },
): Promise<Uint8Array> {
  const files: readonly PackedFile[] = [
    {
      name: executableName(what.variant, what.target),
      bytes: await Deno.readFile(executablePath(from, what)),
      isExecutable: true,
    },
    {
      name: "LICENSE",
      bytes: await Deno.readFile(`${ROOT}LICENSE`),
      isExecutable: false,
    },
    {
      name: NOTICES_FILE,
      bytes: new TextEncoder().encode(notices(components)),
      isExecutable: false,
    },
  ];
  return await (what.target.os === "windows" ? zip : tarGz)(files, timeMs);
}
