/**
 * The runtimes that executables are built on, as Deno downloaded them: whoever
 * doubts a release compares them with those that Deno gives out.
 *
 * @module
 */

import { denoFolders } from "../npm_cache.ts";
import { TARGETS } from "../targets.ts";
import { sha256 } from "./sums.ts";

/** The runtime for one machine. */
export interface Base {
  readonly triple: string;
  /** Where Deno gives it out. */
  readonly url: string;
  /** SHA-256 of the zip, in hexadecimal. */
  readonly digest: string;
}

/**
 * Lists those that were downloaded for builds by a version of Deno; none when
 * another base was named in `DENORT_BIN`, for then they were built on that.
 */
export async function downloadedBases(
  denoVersion: string,
  folder?: string,
): Promise<readonly Base[]> {
  if ((Deno.env.get("DENORT_BIN") ?? "") !== "") return [];
  const from = folder ?? `${(await denoFolders()).denoDir}/dl`;
  const bases = await Promise.all(TARGETS.map(async ({ triple }) => {
    const path = `release/v${denoVersion}/denort-${triple}.zip`;
    try {
      const digest = await sha256(await Deno.readFile(`${from}/${path}`));
      return [{ triple, url: `https://dl.deno.land/${path}`, digest }];
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }));
  return bases.flat();
}
