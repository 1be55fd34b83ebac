/**
 * What is started for a tool server: a command of the agent, or an npm package
 * of the catalog.
 *
 * @module
 */

import type { Host, SpawnOptions } from "../host/host.ts";
import { failedPrecondition, StigmerError } from "../model/error.ts";
import { didYouMean } from "../model/near.ts";
import { CATALOG_NAMES, isCatalogName } from "../model/tool_server.ts";
import { CATALOG, type CatalogEntry } from "./catalog.ts";
import {
  expand,
  expandAll,
  missingVariable,
  variableOf,
  type Variables,
} from "./expand.ts";
import { DATABASE_URL, MEMORY_FILE_PATH } from "./needs.ts";
import { catalogName, type ToolServer, type ToolTransport } from "./server.ts";

/** What of the execution a server is started with. */
export interface CommandScope {
  readonly host: Host;
  /** Its variables, with the secrets that the server is given. */
  readonly variables: Variables;
  /** Absolute. */
  readonly workingDirectory: string;
}

type Stdio = Extract<ToolTransport, { kind: "stdio" }>;

/** Where `memory` keeps its graph, in a folder that is its alone. */
const MEMORY_FILE = ".stigmer-memory/memory.jsonl";

/** Says what to start for a server of the agent's own. */
export function stdioCommand(
  server: ToolServer,
  stdio: Stdio,
  scope: CommandScope,
): SpawnOptions {
  const where = `tool server "${server.name}"`;
  return {
    command: programOf(stdio.command, scope),
    args: stdio.args,
    env: {
      ...scope.host.processes.baseEnv(),
      ...expandAll(stdio.env, scope.variables, where),
    },
    cwd: pathFrom(scope.workingDirectory, stdio.cwd),
  };
}

/**
 * Finds a program: by its path, on PATH, or this Deno itself.
 *
 * @throws {StigmerError} FAILED_PRECONDITION when it is not there.
 */
export function programOf(
  command: string,
  scope: Pick<CommandScope, "host" | "workingDirectory">,
): string {
  const { platform, processes } = scope.host;
  if (/[\\/]/.test(command)) {
    const path = pathFrom(scope.workingDirectory, command);
    // What is not there its start says; on Windows a path may lack its ending.
    return processes.find(path) ?? path;
  }
  const found = processes.find(command);
  if (found !== undefined) return found;
  if (command === "deno" && !platform.standalone) return platform.executable;
  throw failedPrecondition(
    `there is no program "${command}" on PATH, install it or give its path`,
  );
}

/**
 * Says what to start for a server of the catalog.
 *
 * @throws StigmerError when the catalog has no such name, a variable is
 * missing, or neither Deno nor npx is there to run it.
 */
export async function catalogCommand(
  server: ToolServer,
  args: readonly string[],
  scope: CommandScope,
): Promise<SpawnOptions> {
  const name = catalogName(server);
  if (!isCatalogName(name)) throw unknownName(name);
  const entry = CATALOG[name];
  const where = `tool server "${server.name}"`;
  const given = args.map((arg) => expand(arg, scope.variables, where));
  const launch = await launchOf(entry, given, scope);
  const env = { ...variablesOf(entry, scope.variables, where), ...launch.env };
  return {
    ...runnerOf(entry, launch, scope),
    env: {
      ...scope.host.processes.baseEnv(),
      ...env,
      DENO_NO_PACKAGE_JSON: "1",
    },
    cwd: scope.workingDirectory,
  };
}

function unknownName(name: string): StigmerError {
  const { hint } = didYouMean(name, CATALOG_NAMES);
  return new StigmerError(
    "INVALID_ARGUMENT",
    `the catalog has no "${name}", it has ${CATALOG_NAMES.join(", ")}; ` +
      "give any other a stdio or http transport",
    hint === undefined ? {} : { hints: [hint] },
  );
}

function variablesOf(
  entry: CatalogEntry,
  variables: Variables,
  where: string,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, need] of Object.entries(entry.variables)) {
    const value = variableOf(variables, name);
    if (value !== undefined) env[name] = value;
    else if (need === "required") throw missingVariable(name, where);
  }
  return env;
}

/** The arguments, permissions and own variables of one start. */
interface Launch {
  readonly args: readonly string[];
  readonly permissions: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

async function launchOf(
  entry: CatalogEntry,
  given: readonly string[],
  scope: CommandScope,
): Promise<Launch> {
  // Its environment is cleared but for what it was given.
  const open = ["--allow-env", ...(entry.network ? ["--allow-net"] : [])];
  const base = { args: given, env: {}, permissions: open };
  if (entry.arguments === "postgres-url") {
    return { ...base, ...postgresLaunch(given, scope.variables) };
  }
  switch (entry.access) {
    case "none":
      return base;
    case "all":
      return { ...base, permissions: ["--allow-all"] };
    case "packages": {
      const folder = packagesFolder(scope.host);
      const read = folder === undefined
        ? "--allow-read"
        : `--allow-read=${folder}`;
      return { ...base, permissions: [...open, read] };
    }
    case "folders": {
      const wanted = given.length === 0 ? ["."] : given;
      const folders = wanted.map((it) => pathFrom(scope.workingDirectory, it));
      const access = await fileAccess(folders, scope.host);
      return { ...base, args: folders, permissions: [...open, ...access] };
    }
    case "memory-file": {
      const own = variableOf(scope.variables, MEMORY_FILE_PATH);
      const path = pathFrom(scope.workingDirectory, own ?? MEMORY_FILE);
      // It writes beside the file first, and makes no folder.
      const folder = path.replace(/[\\/][^\\/]*$/, "");
      scope.host.files.makeDirectory(folder);
      const access = await fileAccess([folder], scope.host);
      const permissions = [...open, ...access];
      return { ...base, env: { [MEMORY_FILE_PATH]: path }, permissions };
    }
  }
}

/** Permissions for paths, and for where they lead when they are links. */
async function fileAccess(
  paths: readonly string[],
  host: Host,
): Promise<string[]> {
  const all = new Set(paths);
  for (const path of paths) {
    if (host.files.stat(path) !== undefined) {
      all.add(await host.files.realPath(path));
    }
  }
  // A comma separates paths there; it is written twice inside one.
  const list = [...all].map((path) => path.replaceAll(",", ",,")).join(",");
  return [`--allow-read=${list}`, `--allow-write=${list}`];
}

/** Keeps the password out of the arguments, which everyone may read. */
function postgresLaunch(
  given: readonly string[],
  variables: Variables,
): Pick<Launch, "args" | "env"> {
  const text = given[0] ?? variableOf(variables, DATABASE_URL);
  if (text === undefined) {
    throw missingVariable(DATABASE_URL, 'tool server "postgres"');
  }
  const url = URL.parse(text);
  if (url === null) {
    throw failedPrecondition(
      "the URL of the database is none, write postgres://USER@HOST/DATABASE",
    );
  }
  // One in the query is the one that counts there.
  const asked = url.searchParams.get("password");
  if (asked !== null) url.searchParams.delete("password");
  const password = asked || decoded(url.password);
  url.password = "";
  return {
    args: [url.href],
    env: password === "" ? {} : { PGPASSWORD: password },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign stands for itself.
    return text;
  }
}

/** Where Deno keeps npm packages, or `undefined` when that is not known. */
function packagesFolder(host: Host): string | undefined {
  const { platform } = host;
  const own = host.env.get("DENO_DIR");
  if (own) return `${own}/npm`;
  switch (platform.os) {
    case "windows": {
      const local = host.env.get("LOCALAPPDATA");
      return local === undefined ? undefined : `${local}\\deno\\npm`;
    }
    case "darwin":
      return platform.homeDirectory === undefined
        ? undefined
        : `${platform.homeDirectory}/Library/Caches/deno/npm`;
    case "linux": {
      const home = platform.homeDirectory;
      const cache = host.env.get("XDG_CACHE_HOME") ||
        (home === undefined ? undefined : `${home}/.cache`);
      return cache === undefined ? undefined : `${cache}/deno/npm`;
    }
  }
}

function runnerOf(
  entry: CatalogEntry,
  launch: Launch,
  scope: CommandScope,
): { readonly command: string; readonly args: readonly string[] } {
  const { platform, processes } = scope.host;
  const deno = platform.standalone
    ? processes.find("deno")
    : platform.executable;
  if (deno !== undefined) {
    return { command: deno, args: denoArguments(entry, launch) };
  }
  const npx = processes.find("npx");
  if (npx !== undefined) {
    return { command: npx, args: ["-y", entry.package, ...launch.args] };
  }
  throw failedPrecondition(
    `there is neither deno nor npx on PATH to run npm package ` +
      `"${entry.package}", install one of them`,
  );
}

function denoArguments(entry: CatalogEntry, launch: Launch): string[] {
  return [
    "run",
    "--quiet",
    // What the folder holds must not change how the server runs, nor the
    // server what the folder locks.
    "--no-config",
    "--no-lock",
    "--node-modules-dir=none",
    "--no-prompt",
    ...launch.permissions,
    `npm:${entry.package}`,
    ...launch.args,
  ];
}

/** Makes a path absolute; empty and `.` are the folder itself. */
export function pathFrom(folder: string, path: string): string {
  if (path === "" || path === ".") return folder;
  const isAbsolute = path.startsWith("/") || path.startsWith("\\") ||
    /^[A-Za-z]:[\\/]/.test(path);
  if (isAbsolute) return path;
  return `${folder.replace(/[\\/]$/, "")}/${path.replace(/^(\.\/)+/, "")}`;
}
