/**
 * The keys that the install scripts carry, which must be those that the
 * program believes: a script with others would refuse every release, or believe
 * one that the program does not.
 *
 * @module
 */

import { RELEASE_KEYS, type ReleaseKey } from "../../src/release/keys.ts";
import { ROOT } from "../command.ts";

/** The line of each script that names them, with spaces between. */
const LINES: Readonly<Record<string, RegExp>> = {
  "install.sh": /^RELEASE_KEYS="([^"]*)"$/m,
  "install.ps1": /^\$StigmerReleaseKeys = "([^"]*)"$/m,
};

/** Scripts that install a release; they are part of it. */
export const SCRIPTS: readonly string[] = Object.keys(LINES);

/** Says how the keys of a script differ from those of the program. */
export function scriptKeysProblem(
  name: string,
  text: string,
  keys: readonly ReleaseKey[] = RELEASE_KEYS,
): string | undefined {
  const [, line] = LINES[name]?.exec(text) ?? [];
  if (line === undefined) return `${name} has no line of release keys`;
  const carried = line.split(" ").filter((it) => it !== "");
  const believed = keys.map((it) => it.publicKey);
  const missing = believed.filter((it) => !carried.includes(it));
  const foreign = carried.filter((it) => !believed.includes(it));
  if (missing.length + foreign.length === 0) return undefined;
  const differences = [
    ...missing.map((it) => `lacks ${it}`),
    ...foreign.map((it) => `has ${it} besides`),
  ];
  return `${name} carries other keys than src/release/keys.ts: it ${
    differences.join(", ")
  }`;
}

/** Compares the scripts of this clone with the keys of the program. */
export async function ownScriptProblems(): Promise<readonly string[]> {
  const problems = await Promise.all(
    SCRIPTS.map(async (name) =>
      scriptKeysProblem(
        name,
        await Deno.readTextFile(`${ROOT}.github/release/${name}`),
      )
    ),
  );
  return problems.filter((it) => it !== undefined);
}
