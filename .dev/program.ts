/**
 * Lays out the program that an executable is made of: the sources with the
 * import map and the lock file that they resolve by, and nothing that only
 * their authors need.
 *
 * @module
 */

import { ROOT } from "./command.ts";
import { WORKER_FILE } from "../src/expr/jq.ts";
import { CONFINED_FILES } from "../src/workspace/confined_peer.ts";

/** The program in its folder; paths are relative to that. */
export interface Program {
  readonly entry: string;
  /** Modules that are loaded by computed names, which no graph shows. */
  readonly includes: readonly string[];
}

const FOLDERS = ["gen", "migrations", "src"];
const FILES = ["deno.json", "deno.lock"];
/** Tests, their snapshots, and the machine that only they use. */
const TEST_REGEXP = /_test\.ts$|\/fake\w*\.ts$|\/__snapshots__\//;

/** Writes the program into a folder that is there. */
export async function programOf(folder: string): Promise<Program> {
  for (const path of [...FILES, ...await programFiles()]) {
    await copyInto(folder, path);
  }
  return {
    entry: "src/mod.ts",
    includes: ["src/cli/embed.ts", WORKER_FILE, ...CONFINED_FILES],
  };
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

async function copyInto(folder: string, path: string): Promise<void> {
  const to = `${folder}/${path}`;
  await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
  await Deno.copyFile(ROOT + path, to);
}
