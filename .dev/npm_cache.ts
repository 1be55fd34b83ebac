/**
 * Finds packages where Deno keeps what it downloaded.
 *
 * @module
 */

import { outputOf, runDeno } from "./command.ts";
import type { LockedPackage } from "./locked.ts";

/** Folders of Deno on this machine. */
export interface DenoFolders {
  readonly denoDir: string;
  readonly npmCache: string;
}

/** A package and where it is. */
export interface FoundPackage {
  readonly locked: LockedPackage;
  /** The registry that it came from, as the cache names it. */
  readonly host: string;
  readonly folder: string;
}

/** Asks Deno where its folders are. */
export async function denoFolders(): Promise<DenoFolders> {
  const result = await runDeno(["info", "--json"]);
  if (!result.ok) throw new Error(outputOf(result));
  const info: unknown = JSON.parse(result.stdout);
  const { denoDir, npmCache } = Object(info);
  return { denoDir: String(denoDir), npmCache: String(npmCache) };
}

/**
 * Finds packages and downloads them when one is missing. Those of other
 * systems are never downloaded and never found.
 *
 * @param config The configuration whose lock file names them.
 */
export async function findPackages(
  packages: readonly LockedPackage[],
  config: string,
): Promise<readonly FoundPackage[]> {
  if (packages.length === 0) return [];
  const { npmCache } = await denoFolders();
  const found = await findIn(npmCache, packages);
  if (found.length === packages.length) return found;
  const result = await runDeno(["install", "--frozen", `--config=${config}`]);
  if (!result.ok) {
    throw new Error(`Cannot download the packages:\n${outputOf(result)}`);
  }
  return await findIn(npmCache, packages);
}

async function findIn(
  npmCache: string,
  packages: readonly LockedPackage[],
): Promise<readonly FoundPackage[]> {
  const hosts: string[] = [];
  for await (const { name } of Deno.readDir(npmCache)) hosts.push(name);
  const found: FoundPackage[] = [];
  for (const locked of packages) {
    for (const host of hosts.sort()) {
      const folder = `${npmCache}/${host}/${locked.name}/${locked.version}`;
      if (!await isFolder(folder)) continue;
      found.push({ locked, host, folder });
      break;
    }
  }
  return found;
}

async function isFolder(path: string): Promise<boolean> {
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.isDirectory === true;
}
