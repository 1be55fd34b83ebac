/**
 * Builds executables: `deno task compile` writes `dist/stigmer` for this
 * machine; `deno task compile --help` says how the others are built.
 *
 * @module
 */

import { type Build, compileArgs, HELP } from "./compile_args.ts";
import { resolve } from "node:path";
import { type CommandResult, outputOf, ROOT, runDeno } from "./command.ts";
import { denoFolders } from "./npm_cache.ts";
import { readPayload } from "./payload.ts";
import { meantOf, wrongPayload } from "./payload_check.ts";
import { type Stage, stage } from "./stage.ts";
import { bakedPermissions, ENGINE_FLAGS, permissionFlags } from "./targets.ts";
import { runTask } from "./task.ts";

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
  if (!result.ok) return [await whyNot(build, outputOf(result))];
  const { variant, net } = build;
  const options = net === undefined ? {} : { net };
  const payload = readPayload(await Deno.readFile(build.output));
  return wrongPayload(payload, await meantOf(staged, variant, options));
}

/** What Deno says of a base that it neither has nor can take, in our words. */
const BASE_REGEXP = /Setting up base binary|Could not find denort/;

/** Says why an executable was not built, and where it lacks the base, the way out. */
async function whyNot({ target }: Build, said: string): Promise<string> {
  if (!BASE_REGEXP.test(said)) return said;
  const { triple } = target;
  const version = Deno.version.deno;
  const { denoDir } = await denoFolders();
  const [, cause = said] = /^\s*(?:1|0): (.+)$/m.exec(
    said.replace(/^\s*0: Setting up base binary\.$/m, ""),
  ) ?? [];
  return [
    `it is built on the runtime of Deno for ${triple}, which is not here: ${cause}`,
    `Take denort-${triple}.zip of v${version} from ` +
    `https://github.com/denoland/deno/releases/tag/v${version}`,
    `and put it into ${denoDir}/dl/release/v${version}/,`,
    "or unpack it and name what was in it in DENORT_BIN",
  ].join("\n");
}

async function buildAll(builds: readonly Build[]): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-compile-" });
  try {
    const staged = await stage(folder);
    for (const build of builds) {
      const output = resolve(ROOT, build.output);
      const wrong = await compileAndCheck(staged, { ...build, output });
      if (wrong.length > 0) {
        console.error(`Cannot build "${build.output}": ${wrong.join("\n")}`);
        return 1;
      }
      console.log(`Wrote ${build.output}`);
    }
    return 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  await runTask({
    name: "compile",
    act: "build",
    help: HELP,
    run: (args) => buildAll(compileArgs(args)),
  });
}
