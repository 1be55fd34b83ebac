/**
 * Runs the real program where nothing may use the network.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { Place, Ran } from "./program.ts";
import { runDeno } from "./run_deno.ts";

const PROGRAM = fileURLToPath(new URL("../../src/mod.ts", import.meta.url));

/** Runs the program to its end, with no network and no key of a provider. */
export function runOffline(
  place: Place,
  words: readonly string[],
): Promise<Ran> {
  return runDeno(
    [
      "run",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "--allow-sys",
      "--deny-net",
      "--no-prompt",
      PROGRAM,
      ...words,
    ],
    {
      cwd: place.folder,
      env: {
        STIGMER_HOME: place.home,
        STIGMER_KEY_SOURCE: "key-file",
        ANTHROPIC_API_KEY: "",
        OPENAI_API_KEY: "",
        NO_COLOR: "1",
      },
    },
  );
}
