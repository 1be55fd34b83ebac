/**
 * Fills in the Homebrew formula from a folder of what is released: `deno task
 * formula DIR` writes `DIR/stigmer.rb`.
 *
 * @module
 */

import { RELEASES_URL_DEFAULT } from "../../src/release/address.ts";
import {
  checksumOf,
  type Checksums,
  CHECKSUMS_FILE,
  parseChecksums,
} from "../../src/release/checksums.ts";
import {
  parseReleaseFile,
  RELEASE_FILE,
} from "../../src/release/release_file.ts";
import { ROOT } from "../command.ts";
import { oneArgument, pathFrom, readFlags, runTask } from "../task.ts";

/** Where the formula to fill in stands. */
const TEMPLATE = ".github/release/stigmer.rb";
/** What is filled in: `@VERSION@`, `@SHA256 stigmer-linux-x64.tar.gz@`. */
const BLANK_REGEXP = /@([A-Z0-9]+)(?: ([^@\s]+))?@/g;

/** What a formula is filled in with. */
export interface FormulaRelease {
  readonly version: string;
  readonly url: string;
  readonly sums: Checksums;
}

/**
 * Fills in a formula.
 *
 * @throws When it asks for something that a release does not have.
 */
export function fillFormula(template: string, release: FormulaRelease): string {
  return template.replaceAll(
    BLANK_REGEXP,
    (blank, name: string, file?: string) => {
      if (name === "VERSION") return release.version;
      if (name === "URL") return release.url;
      if (name === "SHA256" && file !== undefined) {
        return checksumOf(release.sums, file);
      }
      throw new Error(`Nothing fills in ${blank} of the formula`);
    },
  );
}

/** Writes the formula of a release beside its files, and gives its path. */
export async function writeFormula(
  folder: string,
  url: string = RELEASES_URL_DEFAULT,
): Promise<string> {
  const read = (name: string): Promise<string> =>
    Deno.readTextFile(`${folder}/${name}`);
  const { version } = parseReleaseFile(await read(RELEASE_FILE));
  const sums = parseChecksums(await read(CHECKSUMS_FILE));
  const template = await Deno.readTextFile(ROOT + TEMPLATE);
  const path = `${folder}/stigmer.rb`;
  await Deno.writeTextFile(path, fillFormula(template, { version, url, sums }));
  return path;
}

const ACT = "fill in the formula";
const HELP = `Fill in the Homebrew formula from a folder of a release

Usage: deno task formula <folder>

It writes stigmer.rb into that folder.

Example:
  deno task formula dist/release`;

async function run(args: readonly string[]): Promise<void> {
  const { positionals } = readFlags(args, {}, ACT);
  const what = "the folder that holds the release";
  const folder = oneArgument(positionals, { act: ACT, what });
  console.log(`Wrote ${await writeFormula(pathFrom(folder))}`);
}

if (import.meta.main) {
  await runTask({ name: "formula", act: ACT, help: HELP, run });
}
