/**
 * Verifies a folder of what is to be released as those do who will install it:
 * `deno task verify-release DIR [--key KEY]`. Nothing is released that
 * `stigmer upgrade` would refuse.
 *
 * @module
 */

import { messageOf } from "../../src/model/error.ts";
import { VERSION } from "../../src/model/version.ts";
import {
  checksumOf,
  type Checksums,
  CHECKSUMS_FILE,
  parseChecksums,
  refuseOther,
  SIGNATURE_FILE,
} from "../../src/release/checksums.ts";
import { RELEASE_KEYS, type ReleaseKey } from "../../src/release/keys.ts";
import {
  parseReleaseFile,
  RELEASE_FILE,
} from "../../src/release/release_file.ts";
import { signerOf } from "../../src/release/signature.ts";
import { unpackTar } from "../../src/release/unpack_tar.ts";
import { unpackZip } from "../../src/release/unpack_zip.ts";
import { assetName, TARGETS, VARIANTS } from "../targets.ts";
import {
  oneArgument,
  pathFrom,
  readFlags,
  runTask,
  TaskError,
} from "../task.ts";
import { scriptKeysProblem, SCRIPTS } from "./script_keys.ts";
import { sha256 } from "./sums.ts";

/** The archives that each release has. */
const ARCHIVES: readonly string[] = VARIANTS.flatMap((variant) =>
  TARGETS.map((target) => assetName(variant, target))
);
/** What is not in the list, because it comes after it or is made of it. */
const UNLISTED: ReadonlySet<string> = new Set([
  CHECKSUMS_FILE,
  SIGNATURE_FILE,
  "stigmer.rb",
]);
const ARCHIVE_REGEXP = /^(stigmer(?:-ci)?)-[a-z]+-[a-z0-9]+\.(tar\.gz|zip)$/;
const EXECUTABLE_BYTES_MAX: number = 1024 ** 3;

/** What a release must be to go out. */
export interface Expected {
  /** Who may have signed it; those of the build when absent. */
  readonly keys?: readonly ReleaseKey[];
  /** Its version; that of the sources when absent. */
  readonly version?: string;
}

/** Says what is wrong with a release; nothing when it may go out. */
export async function releaseProblems(
  folder: string,
  { keys = RELEASE_KEYS, version = VERSION }: Expected = {},
): Promise<readonly string[]> {
  const problems: string[] = [];
  const attempt = async (work: () => unknown): Promise<void> => {
    try {
      await work();
    } catch (error) {
      problems.push(messageOf(error));
    }
  };
  const read = (name: string) => readOf(folder, name);
  await attempt(async () => {
    const bytes = await read(CHECKSUMS_FILE);
    await attempt(async () => {
      const signature = textOf(await read(SIGNATURE_FILE));
      await signerOf({ bytes, signature }, keys);
    });
    const sums = parseChecksums(textOf(bytes));
    problems.push(...await listProblems(folder, sums));
    await attempt(async () => {
      const named = parseReleaseFile(textOf(await read(RELEASE_FILE))).version;
      if (named === version) return;
      problems.push(`${RELEASE_FILE} is of ${named}, and this is ${version}`);
    });
    for (const name of ARCHIVES) await attempt(() => checksumOf(sums, name));
    for (const [name, expected] of sums) {
      await attempt(async () => {
        const content = await read(name);
        refuseOther(name, { expected, found: await sha256(content) });
        await readArchive(name, content);
        if (!SCRIPTS.includes(name)) return;
        const problem = scriptKeysProblem(name, textOf(content));
        if (problem !== undefined) problems.push(problem);
      });
    }
  });
  return problems;
}

/** Reads a file of a release; that it is not there is a problem of its own. */
async function readOf(
  folder: string,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(`${folder}/${name}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new TaskError(`There is no ${name} in "${folder}"`);
  }
}

/** Compares the names in the list with those in the folder. */
async function listProblems(
  folder: string,
  sums: Checksums,
): Promise<readonly string[]> {
  const problems: string[] = [];
  if (!sums.has(RELEASE_FILE)) {
    problems.push(`${CHECKSUMS_FILE} does not name ${RELEASE_FILE}`);
  }
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && !UNLISTED.has(name) && !sums.has(name)) {
      problems.push(`${CHECKSUMS_FILE} does not name ${name}`);
    }
  }
  return problems.sort();
}

/** Unpacks an archive with what will unpack it in an upgrade. */
async function readArchive(
  name: string,
  content: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const [, variant, packing] = ARCHIVE_REGEXP.exec(name) ?? [];
  if (variant === undefined) return;
  const sizeBytesMax = EXECUTABLE_BYTES_MAX;
  const chunks = packing === "zip"
    ? unpackZip(content, { name: `${variant}.exe`, sizeBytesMax })
    : unpackTar(new Blob([content]).stream(), { name: variant, sizeBytesMax });
  let sizeBytes = 0;
  for await (const chunk of chunks) sizeBytes += chunk.length;
  if (sizeBytes === 0) throw new Error(`The program in ${name} is empty`);
}

function textOf(bytes: Uint8Array<ArrayBuffer>): string {
  return new TextDecoder().decode(bytes);
}

const ACT = "verify the release";
const HELP = `Verify a folder of a release as those do who will install it

Usage: deno task verify-release <folder> [--key <key>]

Options:
  --key <key>  Believe this public key, in base64, and no other
  --help       Print this

Example:
  deno task verify-release dist/release`;

async function run(args: readonly string[]): Promise<number> {
  const options = { key: { type: "string" } } as const;
  const { values, positionals } = readFlags(args, options, ACT);
  const what = "the folder that holds it";
  const folder = pathFrom(oneArgument(positionals, { act: ACT, what }));
  if (!(await isFolder(folder))) {
    throw new TaskError(`Cannot verify "${folder}": there is no such folder`);
  }
  const { key } = values;
  const problems = await releaseProblems(
    folder,
    key === undefined ? {} : { keys: [{ name: "given", publicKey: key }] },
  );
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) return 1;
  console.log(`The release in ${folder} is whole, and its signature is right`);
  return 0;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  await runTask({ name: "verify-release", act: ACT, help: HELP, run });
}
