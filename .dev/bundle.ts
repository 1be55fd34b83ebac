/**
 * Has Deno bundle what is kept in `gen/runtime/`, with a lock file of its own
 * as for the other build tools.
 *
 * @module
 */

import { outputOf, ROOT, runDeno } from "./command.ts";

const CONFIG = `${ROOT}.dev/tools.json`;

/** Bundles; what is given besides says from what to where. */
export async function bundle(
  args: readonly string[],
  platform: "deno" | "browser" = "deno",
): Promise<void> {
  const result = await runDeno([
    "bundle",
    "-q",
    `--config=${CONFIG}`,
    `--platform=${platform}`,
    ...args,
  ]);
  if (!result.ok) throw new Error(`deno bundle failed:\n${outputOf(result)}`);
}
