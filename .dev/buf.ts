/**
 * Runs buf on the contract, at a pinned version.
 *
 * @module
 */

import { type CommandResult, outputOf, ROOT, runDeno } from "./command.ts";

const PACKAGE = "npm:@bufbuild/buf@1.74.0";
/**
 * With a lock file of its own: Deno installs all that the main lock file
 * holds before it runs a task, and nobody who only runs Stigmer needs 130 MB
 * of build tools.
 */
const CONFIG = `${ROOT}.dev/tools.json`;

/**
 * The contract as of the last release, without comments: what a change may
 * not break. `deno task gen --release` moves it.
 */
export const RELEASED_IMAGE: string = `${ROOT}proto/released.binpb`;

/** Runs buf in the folder of the contract and keeps what it writes. */
export function buf(args: readonly string[]): Promise<CommandResult> {
  return runDeno(
    ["run", "-A", "-q", `--config=${CONFIG}`, PACKAGE, ...args],
    { cwd: `${ROOT}proto` },
  );
}

/**
 * Writes the TypeScript of the contract into a new folder `gen` below a
 * folder.
 */
export async function generateCode(folder: string): Promise<void> {
  // The template writes to "../gen", seen from the folder that it is given.
  await expectOk(await buf(["generate", "--output", `${folder}/proto`]));
}

/** Writes the contract as it is now over that of the last release. */
export async function writeReleasedImage(): Promise<void> {
  await expectOk(
    await buf(["build", "--exclude-source-info", "-o", RELEASED_IMAGE]),
  );
}

function expectOk(result: CommandResult): Promise<void> {
  if (result.ok) return Promise.resolve();
  return Promise.reject(new Error(`buf failed:\n${outputOf(result)}`));
}
