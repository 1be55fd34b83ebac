/**
 * Upgrades a program in a process of its own, which may kill itself on the way:
 * `deno run -A upgrade_program.ts PATH URL KEY [STEP]`.
 *
 * @module
 */

import { upgrade } from "../../src/release/upgrade.ts";
import { INSTALLED, installedHost } from "./upgrade_scene.ts";

const [path = "", base = "", publicKey = "", killAt = ""] = Deno.args;
try {
  const { outcome } = await upgrade({
    host: installedHost(path),
    signal: new AbortController().signal,
    base,
    keys: [{ name: "test", publicKey }],
    current: INSTALLED,
    allowDowngrade: false,
    dryRun: false,
    onStep({ kind }) {
      if (kind === killAt) Deno.kill(Deno.pid, "SIGKILL");
    },
  });
  console.log(outcome);
} catch (error) {
  console.error(error);
  Deno.exit(1);
}
