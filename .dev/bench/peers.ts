/**
 * Other programs to measure against, installed by npm into a folder of the
 * user's cache: exact versions, and nothing of them in this repository.
 *
 * @module
 */

import { outputOf, runProgram } from "../command.ts";

/** A program to start, or why it cannot be. */
export type Peer =
  | {
    readonly kind: "there";
    readonly name: string;
    readonly command: readonly [string, ...string[]];
  }
  | {
    readonly kind: "missing";
    readonly name: string;
    readonly reason: string;
  };

/** A package of npm, and its program. */
interface Package {
  readonly name: string;
  readonly version: string;
  readonly program: string;
}

const PACKAGES: readonly Package[] = [
  { name: "wrangler", version: "4.40.3", program: "wrangler" },
  { name: "mastra", version: "1.31.0", program: "mastra" },
  { name: "@restatedev/restate", version: "1.7.12", program: "restate" },
];

/** Installs what is not there yet. */
export async function findPeers(script: string): Promise<readonly Peer[]> {
  const node = ["node"] as const;
  const works = await tried([...node, "--version"]);
  if (works !== undefined) {
    return [{ kind: "missing", name: "node and npm packages", reason: works }];
  }
  const peers: Peer[] = [
    { kind: "there", name: "node --version", command: ["node", "--version"] },
    { kind: "there", name: "node, empty script", command: ["node", script] },
  ];
  for (const of of PACKAGES) peers.push(await installed(of));
  return peers;
}

async function installed(of: Package): Promise<Peer> {
  const { name, version, program } = of;
  const label = `${name} ${version} --version`;
  const folder = folderOf(of);
  const command = [`${folder}/node_modules/.bin/${program}`, "--version"];
  const [first = "", ...rest] = command;
  const ready: Peer = { kind: "there", name: label, command: [first, ...rest] };
  if (await tried([first, ...rest]) === undefined) return ready;
  const reason = await install(of) ?? await tried([first, ...rest]);
  return reason === undefined
    ? ready
    : { kind: "missing", name: label, reason };
}

/** A package to import, or why it cannot be. */
export type Library =
  | { readonly kind: "there"; readonly url: string }
  | { readonly kind: "missing"; readonly reason: string };

/** Installs a package whose file is to be imported, if it is not there yet. */
export async function findLibrary(
  of: Pick<Package, "name" | "version"> & { readonly file: string },
): Promise<Library> {
  const url = new URL(
    `${folderOf(of)}/node_modules/${of.name}/${of.file}`,
    "file:///",
  );
  const isThere = () => Deno.stat(url).then(() => true, () => false);
  if (await isThere()) return { kind: "there", url: url.href };
  const reason = await install(of);
  if (reason === undefined && await isThere()) {
    return { kind: "there", url: url.href };
  }
  return { kind: "missing", reason: reason ?? `it has no ${of.file}` };
}

/** Says why it cannot be installed, or `undefined` when it is. */
async function install(
  of: Pick<Package, "name" | "version">,
): Promise<string | undefined> {
  const folder = folderOf(of);
  await Deno.mkdir(folder, { recursive: true });
  return await tried([
    "npm",
    "install",
    `--prefix=${folder}`,
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=error",
    `${of.name}@${of.version}`,
  ]);
}

function folderOf({ name, version }: Pick<Package, "name" | "version">) {
  return `${cacheFolder()}/${name.replace("/", "-")}-${version}`;
}

/** Why a program does not work, or `undefined` when it does. */
async function tried(
  command: readonly [string, ...string[]],
): Promise<string | undefined> {
  try {
    const result = await runProgram(command, { env: QUIET });
    if (result.ok) return undefined;
    return outputOf(result).split("\n").at(-1) ?? `code ${result.code}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** They are to start, and to tell nobody of it. */
export const QUIET: Readonly<Record<string, string>> = {
  WRANGLER_SEND_METRICS: "false",
  MASTRA_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  NO_COLOR: "1",
};

function cacheFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ||
    `${Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? "."}/.cache`;
  return `${cache}/stigmer-bench`;
}
