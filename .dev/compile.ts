/**
 * Builds executables: `deno task compile` writes `dist/stigmer` for this
 * machine; `deno task compile --help` says how the others are built.
 *
 * @module
 */

import {
  type Build,
  compileArgs,
  type CompileCommand,
} from "./compile_args.ts";
import { resolve } from "node:path";
import { type CommandResult, outputOf, ROOT, runDeno } from "./command.ts";
import { readPayload } from "./payload.ts";
import { meantOf, wrongPayload } from "./payload_check.ts";
import { type Stage, stage } from "./stage.ts";
import { bakedPermissions, ENGINE_FLAGS, permissionFlags } from "./targets.ts";

/** What `stigmer` is built with. */
export const PERMISSION_FLAGS: readonly string[] = permissionFlags("stigmer");

/** What its payload carries then. */
export const BAKED_PERMISSIONS: Readonly<Record<string, unknown>> =
  bakedPermissions("stigmer");

/** What of the surroundings a build needs; the rest could end up in it. */
const VARIABLES = [
  "PATH",
  "HOME",
  "USERPROFILE",
  "LOCALAPPDATA",
  "APPDATA",
  "SystemRoot",
  "TMPDIR",
  "TEMP",
  "TMP",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "NPM_CONFIG_REGISTRY",
  "DENORT_BIN",
];

/** Builds an executable from a stage. */
export function compile(
  { folder, denoDir, program }: Stage,
  { variant, target, net, output, base }: Build,
): Promise<CommandResult> {
  const env = Object.fromEntries(
    VARIABLES.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return runDeno([
    "compile",
    "--quiet",
    // The gate checks types, over all files and not only over these.
    "--no-check",
    ...permissionFlags(variant, net === undefined ? {} : { net }),
    `--v8-flags=${ENGINE_FLAGS.join(",")}`,
    "--app-name=stigmer",
    // Without it all packages of the lock file are embedded.
    "--exclude-unused-npm",
    ...program.includes.map((it) => `--include=${it}`),
    `--target=${target.triple}`,
    `--output=${output}`,
    program.entry,
  ], {
    cwd: folder,
    clearEnv: true,
    env: {
      ...env,
      DENO_DIR: denoDir,
      ...(base === undefined ? {} : { DENORT_BIN: base }),
    },
  });
}

/** Builds, reads what was built, and gives what is wrong with it. */
export async function compileAndCheck(
  staged: Stage,
  build: Build,
): Promise<readonly string[]> {
  const result = await compile(staged, build);
  if (!result.ok) return [outputOf(result)];
  const { variant, net } = build;
  const options = net === undefined ? {} : { net };
  const payload = readPayload(await Deno.readFile(build.output));
  return wrongPayload(payload, await meantOf(staged, variant, options));
}

async function run(command: CompileCommand): Promise<number> {
  switch (command.kind) {
    case "help":
      console.log(command.text);
      return 0;
    case "wrong":
      console.error(command.message);
      return 2;
    case "build":
      return await buildAll(command.builds);
  }
}

async function buildAll(builds: readonly Build[]): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-compile-" });
  try {
    const staged = await stage(folder);
    for (const build of builds) {
      const output = resolve(ROOT, build.output);
      const wrong = await compileAndCheck(staged, { ...build, output });
      if (wrong.length > 0) {
        console.error(`Cannot build ${build.output}:\n${wrong.join("\n")}`);
        return 1;
      }
      console.log(`Wrote ${build.output}`);
    }
    return 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await run(compileArgs(Deno.args)));
