/**
 * Makes the place where executables are built: the program with its packages
 * inside, each file with the same time, and a cache without any package.
 *
 * `deno compile` embeds the time of each file, so a build straight from a clone
 * carries when it was cloned. From here two builds are equal byte for byte,
 * wherever the clone stands.
 *
 * @module
 */

import { runProgram } from "./command.ts";
import { denoFolders } from "./npm_cache.ts";
import { listFiles, type Program, programOf } from "./program.ts";

/** Where to build. */
export interface Stage {
  /** The folder of the program, which its paths are relative to. */
  readonly folder: string;
  readonly program: Program;
  /** The folder of Deno's caches, with nothing in it but what is used here. */
  readonly denoDir: string;
  /** The time of each file. */
  readonly timeMs: number;
}

/** What makes a stage differ. */
export interface StageOptions {
  /** The time of each file; {@linkcode sourceTimeMs} when absent. */
  readonly timeMs?: number;
  /** Writes the program; {@linkcode programOf} when absent. */
  readonly lay?: (folder: string) => Promise<Program>;
}

/** Lays out the program in a folder that is there. */
export async function stage(
  folder: string,
  { timeMs, lay = programOf }: StageOptions = {},
): Promise<Stage> {
  const staged = {
    folder: `${folder}/program`,
    denoDir: `${folder}/deno`,
    timeMs: timeMs ?? await sourceTimeMs(),
  };
  await Deno.mkdir(staged.folder);
  await Deno.mkdir(staged.denoDir);
  const program = await lay(staged.folder);
  await setTimes(folder, staged.timeMs);
  await shareRuntimes(staged.denoDir);
  return { ...staged, program };
}

/**
 * The time of the sources: `SOURCE_DATE_EPOCH`, as all builds that can be
 * repeated take it, else that of the last commit; of sources without history
 * the first that a zip archive can say.
 */
export async function sourceTimeMs(): Promise<number> {
  const given = Deno.env.get("SOURCE_DATE_EPOCH");
  if (given !== undefined && given !== "") {
    if (/^\d{1,11}$/.test(given)) return Number(given) * 1000;
    throw new Error(
      `Cannot take "${given}" for the time of the sources: ` +
        "SOURCE_DATE_EPOCH is a count of seconds since 1970",
    );
  }
  const commit = await runProgram(["git", "log", "-1", "--format=%ct"])
    .catch(() => undefined);
  const seconds = Number(commit?.stdout.trim());
  return (seconds > 0 ? seconds : 315_532_800) * 1000;
}

/** The runtimes that were downloaded stay with those of other builds. */
async function shareRuntimes(denoDir: string): Promise<void> {
  const { denoDir: own } = await denoFolders();
  await Deno.mkdir(`${own}/dl`, { recursive: true });
  await Deno.symlink(`${own}/dl`, `${denoDir}/dl`, { type: "junction" });
}

async function setTimes(folder: string, timeMs: number): Promise<void> {
  const time = new Date(timeMs);
  for (const path of await listFiles(folder, "")) {
    await Deno.utime(`${folder}/${path}`, time, time);
  }
}
