/**
 * The addresses of names, as DNS has them.
 *
 * @module
 */

import type { Network } from "./host.ts";

/** Gives the addresses of both kinds, those of IPv4 first. */
export const addressesOf: Network["addressesOf"] = async (hostname, signal) => {
  const both = await Promise.allSettled([
    Deno.resolveDns(hostname, "A", { signal }),
    Deno.resolveDns(hostname, "AAAA", { signal }),
  ]);
  signal.throwIfAborted();
  const found = both.flatMap((it) => it.status === "fulfilled" ? it.value : []);
  const broken = both.find((it) =>
    it.status === "rejected" && !(it.reason instanceof Deno.errors.NotFound)
  );
  if (found.length === 0 && broken?.status === "rejected") throw broken.reason;
  return found;
};
