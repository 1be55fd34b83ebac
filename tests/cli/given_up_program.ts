/**
 * The program, which says when it is done what it may still do.
 *
 * @module
 */

import { main } from "../../src/cli/main.ts";
import { PERMISSION_NAMES } from "../../src/host/permission_names.ts";
import { systemHost } from "../../src/host/system.ts";

const host = systemHost();
const code = await main(Deno.args, host);
const left = PERMISSION_NAMES.filter((it) =>
  host.permissions.query(it) !== "none"
);
console.error(`left: ${left.join(" ")}`);
Deno.exit(code);
