/**
 * Checks this machine: home, database, models, tool servers and programs.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type {
  GetBackendInfoResponse,
  VaultStatus,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { toStigmerError } from "../backend/errors.ts";
import type { Backend } from "../backend/open.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor } from "./context.ts";
import { fileErrorOf, withoutRawWords } from "./file_error.ts";
import { folderOf, joinPath } from "./path.ts";
import type { StigmerError } from "../model/error.ts";
import { keyWarnings, placeText, statusIn } from "./secrets/key.ts";
import type { Style } from "./style.ts";
import { showJson } from "./view.ts";

/** How long Ollama has to answer. */
const PROBE_TIMEOUT_MS = 1500;
const PROBE_NAME_BYTES = 8;
const PROBE_MODE = 0o600;
const OLLAMA_DEFAULT = "http://127.0.0.1:11434";

/** What was found. */
export interface Check {
  readonly name: string;
  /** A `problem` must be fixed, a `note` may be. */
  readonly state: "ok" | "note" | "problem";
  readonly detail: string;
  /** The way out. */
  readonly fix?: string;
}

/** Checks this machine and shows what was found. */
export async function diagnose(context: Context): Promise<Ending> {
  const { io } = context;
  const home = await checkHome(context);
  const checks = [
    ...checkSettings(context),
    home,
    ...await checkDatabase(context),
    ...await checkModels(context),
    ...checkTools(context.host),
    ...PROGRAMS.map((it) => checkProgram(context.host, it)),
  ];
  const problems = checks.filter((it) => it.state === "problem");
  if (io.format === "table" || io.format === "wide") {
    for (const it of checks) {
      if (!io.quiet || it.state !== "ok") io.data(checkText(it, io.out));
    }
  } else if (io.format === "name") {
    for (const it of problems) io.data(it.name);
  } else {
    await showJson(context, {
      healthy: problems.length === 0,
      checks: checks.map((it) => ({ ...it })),
    });
  }
  return problems.length === 0 ? "ok" : "failed";
}

function checkText(check: Check, style: Style): string {
  const mark = check.state === "ok"
    ? style.green("ok     ")
    : check.state === "note"
    ? style.yellow("note   ")
    : style.red("problem");
  const line = `${mark}  ${check.name}: ${check.detail}`;
  return check.fix === undefined ? line : `${line}\n         ${check.fix}`;
}

/** What keeps the settings from being read, each with its way out. */
function checkSettings(context: Context): readonly Check[] {
  const { faults, warnings, configPath } = context.settings;
  const problems = faults.map((error) => problemOf("settings", error));
  if (problems.length > 0) return problems;
  const isThere = context.host.files.stat(configPath) !== undefined;
  const detail = isThere
    ? `"${configPath}"`
    : `"${configPath}" is not there, defaults are in force`;
  const state = warnings.length > 0 ? "note" : "ok";
  return [{
    name: "settings",
    state,
    detail: [detail, ...warnings].join("; "),
  }];
}

function problemOf(name: string, error: StigmerError): Check {
  const [fix = "Mend it, or use another with --config and --home"] =
    error.hints;
  return { name, state: "problem", detail: error.message, fix };
}

/** The home folder must be the user's alone: it holds what runs have seen. */
async function checkHome(context: Context): Promise<Check> {
  const { host, settings } = context;
  const name = "home";
  const { home } = settings;
  if (home === "") {
    return { name, state: "problem", detail: "no home folder is named" };
  }
  try {
    const info = host.files.stat(home);
    if (info === undefined) return await checkMissing(host, home);
    if (info.kind !== "directory") {
      return {
        name,
        state: "problem",
        detail: `"${home}" is no folder`,
        fix: "Move it away, or name another with --home or STIGMER_HOME",
      };
    }
    await tryWriting(host, home);
    if (!isOpenToOthers(host, info.mode)) {
      return { name, state: "ok", detail: `"${home}"` };
    }
    return {
      name,
      state: "problem",
      detail: `"${home}" can be read by others`,
      fix: `Close it with: chmod 700 "${home}"`,
    };
  } catch (error) {
    const known = fileErrorOf(error, `"${home}" cannot be used`);
    if (known === undefined) throw error;
    return {
      name,
      state: "problem",
      detail: known.message,
      fix: "Give yourself access, or name another with --home or STIGMER_HOME",
    };
  }
}

/** Whether a folder that is not there can be made where it should be. */
async function checkMissing(host: Host, home: string): Promise<Check> {
  const name = "home";
  let above = home;
  let info = host.files.stat(above);
  while (info === undefined && folderOf(host, above) !== above) {
    above = folderOf(host, above);
    info = host.files.stat(above);
  }
  const fix = "Name another with --home or STIGMER_HOME";
  if (info?.kind !== "directory") {
    const detail = `"${home}" cannot be made: "${above}" is no folder`;
    return { name, state: "problem", detail, fix };
  }
  try {
    await tryWriting(host, above);
  } catch (error) {
    const act = `"${home}" cannot be made, "${above}" takes no files`;
    const detail = fileErrorOf(error, act)?.message ?? act;
    return { name, state: "problem", detail, fix };
  }
  return {
    name,
    state: "note",
    detail: `"${home}" is not there yet`,
    fix: "Prepare it with: stigmer init",
  };
}

/** Makes a file in a folder and takes it away again: nothing else is sure. */
async function tryWriting(host: Host, folder: string): Promise<void> {
  const bytes = host.random.bytes(PROBE_NAME_BYTES);
  const path = joinPath(host, folder, `.stigmer-doctor-${bytes.toHex()}`);
  host.files.createNew(path, { mode: PROBE_MODE });
  await host.files.remove(path);
}

function isOpenToOthers(host: Host, mode: number | undefined): boolean {
  return host.platform.os !== "windows" && mode !== undefined &&
    (mode & 0o077) !== 0;
}

async function checkDatabase(context: Context): Promise<readonly Check[]> {
  const { home } = context.settings;
  const name = "database";
  try {
    // What is wrong with the folder itself is said by its own check.
    if (home === "" || context.host.files.stat(home)?.kind !== "directory") {
      return [];
    }
    await using backend = await openFor(context);
    const call = { signal: context.signal };
    const info = await backend.client.getBackendInfo(
      { checkIntegrity: true },
      call,
    );
    return [
      {
        name,
        state: "ok",
        detail: `"${info.location}" opens, ${info.engine}`,
      },
      {
        name: "schema",
        state: "ok",
        detail: `version ${info.schemaVersion}`,
      },
      checkIntegrity(info),
      checkDatabaseMode(context.host, info.location),
      ...await checkVault(context, backend),
    ];
  } catch (thrown) {
    const error = fileErrorOf(thrown) ??
      withoutRawWords(toStigmerError(thrown));
    return [problemOf(name, error)];
  }
}

function checkIntegrity(info: GetBackendInfoResponse): Check {
  const name = "integrity";
  if (info.integrity === "ok") {
    return { name, state: "ok", detail: "every page of the database is sound" };
  }
  const [first = "", ...more] = info.integrity.split("\n");
  return {
    name,
    state: "problem",
    detail: `the database is damaged: ${first}` +
      (more.length === 0 ? "" : ` and ${more.length} more`),
    fix: `Put a copy back in its place, or save what can be saved: ` +
      `sqlite3 "${info.location}" .recover`,
  };
}

function checkDatabaseMode(host: Host, path: string): Check {
  const name = "permissions";
  if (!isOpenToOthers(host, host.files.stat(path)?.mode)) {
    return { name, state: "ok", detail: "the database is yours alone" };
  }
  return {
    name,
    state: "problem",
    detail: `"${path}" can be read by others`,
    fix: `Close it with: chmod 600 "${path}"`,
  };
}

/** Whether secrets can be opened. */
async function checkVault(
  context: Context,
  backend: Backend,
): Promise<readonly Check[]> {
  const name = "secrets";
  const call = { signal: context.signal };
  const status = statusIn(await backend.client.getVaultStatus({}, call));
  const warnings = backend.type === "local" ? keyWarnings(context, status) : [];
  return [
    vaultCheck(status),
    ...warnings.map((detail): Check => ({ name, state: "note", detail })),
  ];
}

function vaultCheck(status: VaultStatus): Check {
  const name = "secrets";
  const { keyId, problem, hints } = status;
  if (problem !== "") {
    const fix = keyId === ""
      ? "Mend that, or choose another place with: stigmer init --key-source"
      : hints[0] ?? "See: stigmer secrets status";
    return { name, state: "problem", detail: problem, fix };
  }
  const detail = keyId === ""
    ? `no master key yet, the first will be in ${placeText(status)}`
    : `master key ${keyId} is in ${placeText(status)}`;
  return { name, state: "ok", detail };
}

async function checkModels(context: Context): Promise<readonly Check[]> {
  const { host } = context;
  const keys = [
    ["anthropic", "ANTHROPIC_API_KEY"],
    ["openai", "OPENAI_API_KEY"],
  ] as const;
  const checks: Check[] = keys.map(([name, variable]) =>
    isGiven(host, variable)
      ? { name, state: "ok", detail: `${variable} is set` }
      : {
        name,
        state: "note",
        detail: `${variable} is not set`,
        fix: `Set it to use models as ${name}/NAME`,
      }
  );
  checks.push(await checkOllama(context));
  if (checks.some((it) => it.state === "ok")) return checks;
  return [...checks, {
    name: "models",
    state: "note",
    detail: "no model can be reached, agents need one",
    fix: "Set ANTHROPIC_API_KEY or OPENAI_API_KEY, start Ollama, or use " +
      "the scripted model script:FILE",
  }];
}

function isGiven(host: Host, variable: string): boolean {
  return (host.env.get(variable) ?? "") !== "";
}

async function checkOllama(context: Context): Promise<Check> {
  const { host } = context;
  const url = ollamaUrl(host);
  const name = "ollama";
  try {
    const signal = AbortSignal.any([
      context.signal,
      AbortSignal.timeout(PROBE_TIMEOUT_MS),
    ]);
    const request = new Request(new URL("/api/version", url), { signal });
    const response = await host.network.fetch(request);
    await response.body?.cancel();
    if (response.ok) return { name, state: "ok", detail: `answers at ${url}` };
  } catch {
    // Whatever keeps it from answering, the advice is the same.
  }
  return {
    name,
    state: "note",
    detail: `does not answer at ${url}`,
    fix: "Start it with: ollama serve, or set OLLAMA_HOST",
  };
}

function ollamaUrl(host: Host): string {
  const given = host.env.get("OLLAMA_HOST") ?? "";
  if (given === "") return OLLAMA_DEFAULT;
  const url = /^https?:\/\//.test(given) ? given : `http://${given}`;
  return URL.canParse(url) ? url : OLLAMA_DEFAULT;
}

/** A program that some tasks need: any of its names will do. */
interface NeededProgram {
  readonly name: string;
  readonly programs: readonly [string, string];
  /** Which tasks need it. */
  readonly use: string;
}

const PROGRAMS: readonly NeededProgram[] = [
  {
    name: "containers",
    programs: ["docker", "podman"],
    use: '"run: container"',
  },
  {
    name: "python",
    programs: ["python3", "python"],
    use: '"run: script" in Python',
  },
];

function checkProgram(host: Host, needed: NeededProgram): Check {
  const { name, programs, use } = needed;
  const found = programs.map((it) => host.processes.find(it))
    .find((it) => it !== undefined);
  if (found !== undefined) {
    return { name, state: "ok", detail: `run by ${found}` };
  }
  return {
    name,
    state: "note",
    detail: `neither ${programs.join(" nor ")} is on PATH`,
    fix: `Install one of them to use ${use}`,
  };
}

/** Tool servers from the catalog are npm packages: something must run them. */
function checkTools(host: Host): readonly Check[] {
  const name = "tool servers";
  const deno = host.platform.standalone
    ? host.processes.find("deno")
    : host.platform.executable;
  const npx = host.processes.find("npx");
  const found = [deno, npx].filter((it) => it !== undefined);
  if (found.length > 0) {
    return [{ name, state: "ok", detail: `run by ${found.join(" or ")}` }];
  }
  return [{
    name,
    state: "note",
    detail: "neither deno nor npx is on PATH",
    fix: "Install one of them to use tool servers of the catalog",
  }];
}
