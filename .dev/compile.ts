/**
 * Builds the executable: `deno task compile` writes `dist/stigmer` for this
 * system, `deno task compile --target T` for another.
 *
 * @module
 */

import { WORKER_FILE } from "../src/expr/jq.ts";
import { CONFINED_FILES } from "../src/workspace/confined_peer.ts";
import { type CommandResult, runDeno } from "./command.ts";
import { bakedPermissions, permissionFlags } from "./targets.ts";

/** What `stigmer` is built with. */
export const PERMISSION_FLAGS: readonly string[] = permissionFlags("stigmer");

/** What its payload carries then. */
export const BAKED_PERMISSIONS: Readonly<Record<string, unknown>> =
  bakedPermissions("stigmer");

/**
 * Modules that are loaded by computed names, which the module graph does not
 * show.
 */
export const INCLUDES: readonly string[] = [
  "src/cli/embed.ts",
  WORKER_FILE,
  ...CONFINED_FILES,
];

/** What to build and where. */
export interface CompileOptions {
  readonly output: string;
  /** As `x86_64-pc-windows-msvc`; this system when absent. */
  readonly target?: string;
  /** Path of another base than Deno's own runtime. */
  readonly base?: string;
}

/** Builds the executable. */
export function compile(options: CompileOptions): Promise<CommandResult> {
  return runDeno([
    "compile",
    "--quiet",
    ...PERMISSION_FLAGS,
    "--app-name=stigmer",
    // Without it the build tools of the lock file are embedded as well.
    "--exclude-unused-npm",
    ...INCLUDES.map((it) => `--include=${it}`),
    ...(options.target === undefined ? [] : [`--target=${options.target}`]),
    `--output=${options.output}`,
    "src/mod.ts",
  ], { env: options.base === undefined ? {} : { DENORT_BIN: options.base } });
}

if (import.meta.main) {
  const at = Deno.args.indexOf("--target");
  const target = at < 0 ? undefined : Deno.args[at + 1];
  const result = await compile({
    output: "dist/stigmer",
    ...(target === undefined ? {} : { target }),
  });
  console.log(result.ok ? "Wrote dist/stigmer" : result.stderr);
  Deno.exit(result.code);
}
