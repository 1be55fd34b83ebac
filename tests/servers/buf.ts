/**
 * The buf program itself: a call of it through Deno's npm loader would take
 * five times as long.
 *
 * @module
 */

import { buf } from "../../.dev/buf.ts";

/** As the packages of the program are named. */
const VERSION = "1.74.0";
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: "x64",
  aarch64: Deno.build.os === "linux" ? "aarch64" : "arm64",
};
const SYSTEMS: Readonly<Record<string, string>> = { windows: "win32" };

let finding: Promise<string> | undefined;

/** Where the program is; it is fetched when it is not there. */
export function bufPath(): Promise<string> {
  return finding ??= find();
}

/** What the program wrote, and whether it ended well. */
export interface BufRan {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program, with a home that nobody else has. */
export async function runBuf(args: readonly string[]): Promise<BufRan> {
  const program = await bufPath();
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    clearEnv: true,
    // Each process is too short-lived to have garbage collected.
    env: { HOME: home(), GOGC: "off" },
  }).output();
  const decoder = new TextDecoder();
  return {
    ok: success,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

let homeMade: string | undefined;

function home(): string {
  if (homeMade !== undefined) return homeMade;
  const made = Deno.makeTempDirSync();
  addEventListener("unload", () => Deno.removeSync(made, { recursive: true }));
  return homeMade = made;
}

async function find(): Promise<string> {
  const { ok, stderr } = await buf(["--version"]);
  if (!ok) throw new Error(stderr);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
  }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout));
  const { os, arch } = Deno.build;
  const name = `buf-${SYSTEMS[os] ?? os}-${ARCHITECTURES[arch] ?? arch}`;
  const suffix = os === "windows" ? ".exe" : "";
  for await (const registry of Deno.readDir(npmCache)) {
    const path =
      `${npmCache}/${registry.name}/@bufbuild/${name}/${VERSION}/bin/buf${suffix}`;
    if (await exists(path)) return path;
  }
  throw new Error(`No program of "${name}" below "${npmCache}"`);
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
