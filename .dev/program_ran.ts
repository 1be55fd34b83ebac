/**
 * Which functions of a bundled program ran, by what the runtime wrote down with
 * `--coverage`.
 *
 * @module
 */

import { outputOf, ROOT, runDeno } from "./command.ts";
import type { FunctionPlace } from "./program_functions.ts";

/** The functions that ran of one module, by where they begin and end. */
export interface Ran {
  /** The path of the module below the folder of the program. */
  readonly path: string;
  readonly places: ReadonlySet<string>;
}

/** What the runtime writes down of a module. */
interface Coverage {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly {
      readonly startOffset: number;
      readonly endOffset: number;
      readonly count: number;
    }[];
  }[];
}

/** Reads what ran of the modules below a folder. */
export async function readRan(
  coverage: string,
  root: string,
): Promise<readonly Ran[]> {
  const found: Ran[] = [];
  for await (const { name } of Deno.readDir(coverage)) {
    if (!name.endsWith(".json")) continue;
    const { url, functions }: Coverage = JSON.parse(
      await Deno.readTextFile(`${coverage}/${name}`),
    );
    const path = pathBelow(root, url);
    if (path === undefined) continue;
    const whole = functions.flatMap(({ ranges }) => ranges.slice(0, 1));
    const places = whole.filter(({ count }) => count > 0)
      .map((it) => `${it.startOffset}-${it.endOffset}`);
    found.push({ path, places: new Set(places) });
  }
  if (found.length === 0) throw new Error(`Nothing was written to ${coverage}`);
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}

function pathBelow(root: string, url: string): string | undefined {
  if (!url.startsWith("file:")) return undefined;
  const path = decodeURIComponent(new URL(url).pathname)
    .replace(/^\/([A-Za-z]:)/, "$1");
  return path.startsWith(root) ? path.slice(root.length) : undefined;
}

/**
 * Gives the keys of functions that ran and that can be written so that they are
 * compiled with their module.
 *
 * @param folder The folder of the program, ending in a separator.
 */
export async function keysOfRan(
  folder: string,
  ran: readonly Ran[],
): Promise<readonly string[]> {
  const lists = await functionsIn(ran.map(({ path }) => folder + path));
  const keys = ran.flatMap(({ places }, index) =>
    (lists[index] ?? [])
      .filter((it) => it.form !== "other")
      .filter((it) => places.has(`${it.start}-${it.end}`))
      .map((it) => it.key)
  );
  return [...new Set(keys)].sort();
}

async function functionsIn(
  paths: readonly string[],
): Promise<readonly (readonly FunctionPlace[])[]> {
  const result = await runDeno([
    "run",
    "-A",
    `--config=${ROOT}.dev/tools.json`,
    `${ROOT}.dev/program_functions.ts`,
    ...paths,
  ]);
  if (!result.ok) throw new Error(`Cannot parse:\n${outputOf(result)}`);
  return JSON.parse(result.stdout);
}
