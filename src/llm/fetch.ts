/**
 * `fetch` for providers, through the host.
 *
 * @module
 */

import type { Network } from "../host/host.ts";
import { messageOf, StigmerError } from "../model/error.ts";

/** Makes the `fetch` that a provider is given. */
export function fetchThrough(network: Network): typeof fetch {
  return async (input, init) => {
    // A redirect would carry the key to wherever it points.
    const request = new Request(input, { ...init, redirect: "error" });
    try {
      return await network.fetch(request);
    } catch (error) {
      if (request.signal.aborted) throw error;
      const { origin } = new URL(request.url);
      throw new StigmerError(
        "UNAVAILABLE",
        `Cannot reach "${origin}": ${messageOf(error)}`,
        { cause: error },
      );
    }
  };
}
