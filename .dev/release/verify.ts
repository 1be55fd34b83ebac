/**
 * Verifies a folder of what is to be released as those do who will install it:
 * `deno task verify-release DIR [--key KEY]`. Nothing is released that
 * `stigmer upgrade` would refuse.
 *
 * @module
 */

import { messageOf } from "../../src/model/error.ts";
import { assetFor } from "../../src/release/asset.ts";
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

/** Machines that each release has a program for. */
const MACHINES = [
  { os: "linux", arch: "x86_64" },
  { os: "linux", arch: "aarch64" },
  { os: "darwin", arch: "x86_64" },
  { os: "darwin", arch: "aarch64" },
  { os: "windows", arch: "x86_64" },
] as const;
/** What is not in the list, because it comes after it or is made of it. */
const UNLISTED: ReadonlySet<string> = new Set([
  CHECKSUMS_FILE,
  SIGNATURE_FILE,
  "stigmer.rb",
]);
const ARCHIVE_REGEXP = /^(stigmer(?:-ci)?)-[a-z]+-[a-z0-9]+\.(tar\.gz|zip)$/;
const EXECUTABLE_BYTES_MAX: number = 1024 ** 3;

/** Says what is wrong with a release; nothing when it may go out. */
export async function releaseProblems(
  folder: string,
  keys: readonly ReleaseKey[] = RELEASE_KEYS,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const attempt = async (work: () => unknown): Promise<void> => {
    try {
      await work();
    } catch (error) {
      problems.push(messageOf(error));
    }
  };
  const read = (name: string) => Deno.readFile(`${folder}/${name}`);
  await attempt(async () => {
    const bytes = await read(CHECKSUMS_FILE);
    await attempt(async () => {
      const signature = textOf(await read(SIGNATURE_FILE));
      await signerOf({ bytes, signature }, keys);
    });
    const sums = parseChecksums(textOf(bytes));
    problems.push(...await listProblems(folder, sums));
    await attempt(async () => {
      parseReleaseFile(textOf(await read(RELEASE_FILE)));
    });
    for (const machine of MACHINES) {
      await attempt(() => checksumOf(sums, assetFor(machine).name));
    }
    for (const [name, expected] of sums) {
      await attempt(async () => {
        const content = await read(name);
        refuseOther(name, { expected, found: await sha256(content) });
        await readArchive(name, content);
      });
    }
  });
  return problems;
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

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function textOf(bytes: Uint8Array<ArrayBuffer>): string {
  return new TextDecoder().decode(bytes);
}

/** Reads `DIR [--key KEY]`, a key in base64 for builds that carry none. */
function readArguments(
  args: readonly string[],
): { readonly folder: string; readonly keys: readonly ReleaseKey[] } {
  const [folder, option, publicKey] = args;
  if (folder === undefined || (option !== undefined && option !== "--key")) {
    console.error("Usage: deno task verify-release DIR [--key KEY]");
    Deno.exit(2);
  }
  return publicKey === undefined
    ? { folder, keys: RELEASE_KEYS }
    : { folder, keys: [{ name: "given", publicKey }] };
}

if (import.meta.main) {
  const { folder, keys } = readArguments(Deno.args);
  const problems = await releaseProblems(folder, keys);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) Deno.exit(1);
  console.log(`The release in ${folder} is whole, and its signature is right`);
}
