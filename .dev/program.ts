/**
 * Lays out the program as it is shipped: bundled into a few modules in layers,
 * each of which a command loads when it needs it, with all packages inside.
 * `docs/decisions/0023-start-up.md` says why.
 *
 * @module
 */

import { outputOf, ROOT, runDeno } from "./command.ts";

/** The program in its folder; paths are relative to that. */
export interface Program {
  readonly entry: string;
  /** Modules that are loaded by computed names, which no graph shows. */
  readonly includes: readonly string[];
}

const FOLDERS = ["gen", "migrations", "src"];
/** Tests, their snapshots, and the machine that only they use. */
const TEST_REGEXP = /_test\.ts$|\/fake\w*\.ts$|\/__snapshots__\//;
const ENTRY = "mod.js";

/**
 * Writes the program into a folder that is there. The same sources give the
 * same bytes.
 */
export async function programOf(folder: string): Promise<Program> {
  const work = await Deno.makeTempDir({ prefix: "stigmer-program-" });
  try {
    await layPackages(work);
    const result = await runDeno([
      "run",
      "-A",
      `--config=${ROOT}.dev/tools.json`,
      `${ROOT}.dev/program_bundle.ts`,
      work,
      folder,
    ]);
    if (!result.ok) throw new Error(`Cannot bundle:\n${outputOf(result)}`);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  await writeConfig(folder);
  const modules = (await listFiles(folder, ""))
    .filter((path) => path.endsWith(".js") && path !== ENTRY);
  return { entry: ENTRY, includes: modules };
}

/** Puts the packages of the lock file where a bundler looks for them. */
async function layPackages(work: string): Promise<void> {
  const { imports, ...config } = await readConfig();
  const text = JSON.stringify({
    ...config,
    imports: Object.fromEntries(
      Object.entries(Object(imports)).filter(([, target]) =>
        String(target).startsWith("npm:")
      ),
    ),
    nodeModulesDir: "auto",
  });
  await Deno.writeTextFile(`${work}/deno.json`, text);
  await Deno.copyFile(`${ROOT}deno.lock`, `${work}/deno.lock`);
  const result = await runDeno(["install", "--quiet"], { cwd: work });
  if (!result.ok) throw new Error(`Cannot lay out:\n${outputOf(result)}`);
}

/** What of the configuration has a meaning at run time; nothing is resolved. */
async function writeConfig(folder: string): Promise<void> {
  const { unstable } = await readConfig();
  const config = { unstable, nodeModulesDir: "none" };
  await Deno.writeTextFile(
    `${folder}/deno.json`,
    `${JSON.stringify(config, undefined, 2)}\n`,
  );
  await Deno.writeTextFile(
    `${folder}/deno.lock`,
    `${JSON.stringify({ version: "5" }, undefined, 2)}\n`,
  );
}

async function readConfig(): Promise<Readonly<Record<string, unknown>>> {
  const { lock: _, ...config } = JSON.parse(
    await Deno.readTextFile(`${ROOT}deno.json`),
  );
  return config;
}

/** Lists what of this repository may become part of the program. */
export async function programFiles(): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const folder of FOLDERS) {
    paths.push(...await listFiles(ROOT + folder, `${folder}/`));
  }
  return paths.filter((path) => !TEST_REGEXP.test(path));
}

/** Lists the files of a folder, with a prefix, in order. */
export async function listFiles(
  folder: string,
  prefix: string,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    const path = `${prefix}${name}`;
    if (isDirectory) {
      paths.push(...await listFiles(`${folder}/${name}`, `${path}/`));
    } else if (isFile) paths.push(path);
  }
  return paths.sort();
}
