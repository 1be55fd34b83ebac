/**
 * Builds the executable: `deno task compile` writes `dist/stigmer` for this
 * system, `deno task compile --target T` for another.
 *
 * @module
 */

import { WORKER_FILE } from "../src/expr/jq.ts";
import { CONFINED_FILES } from "../src/workspace/confined_peer.ts";
import { type CommandResult, runDeno } from "./command.ts";

/**
 * What the executable may do, and nothing else; see docs/decisions/. Flags
 * and not a permission set of deno.json, because a set is baked with the
 * absolute paths of the machine that builds.
 */
const PERMISSION_FLAGS: readonly string[] = [
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-net",
  "--allow-run",
  "--allow-sys=hostname,statfs",
  "--deny-ffi",
  "--deny-import",
  "--no-prompt",
];

/** The same, as the executable carries it: `[]` is everything, `null` nothing. */
export const BAKED_PERMISSIONS: Readonly<Record<string, unknown>> = {
  allow_read: [],
  allow_write: [],
  allow_env: [],
  allow_net: [],
  allow_run: [],
  allow_sys: ["hostname", "statfs"],
  allow_ffi: null,
  deny_read: null,
  deny_write: null,
  deny_env: null,
  deny_net: null,
  deny_run: null,
  deny_sys: null,
  deny_ffi: [],
  deny_import: [],
  ignore_read: null,
  ignore_env: null,
  prompt: false,
};

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
