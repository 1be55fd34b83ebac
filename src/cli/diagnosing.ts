/**
 * Checks this machine, the server where one is used, and the machine on which
 * executions run.
 *
 * @module
 */

import { toStigmerError } from "../backend/errors.ts";
import type { Host } from "../host/host.ts";
import { importUnseen } from "../model/unseen.ts";
import { type Check, checkOf, problemOf } from "./check.ts";
import type { Ending } from "./command.ts";
import { type Context, openFor, serverOf } from "./context.ts";
import { checkServer } from "./diagnosing_server.ts";
import { fileErrorOf, withoutRawWords } from "./file_error.ts";
import { folderOf, joinPath } from "./path.ts";
import { inheritedRights } from "./inherited_rights.ts";
import { keyWarnings, statusIn } from "./secrets/key.ts";
import type { Style } from "./style.ts";
import { showJson } from "./view.ts";

const PROBE_NAME_BYTES = 8;
const PROBE_MODE = 0o600;
/** What the home folder holds that is its owner's alone. */
const PRIVATE_FILES = ["credentials.yaml", "config.yaml"] as const;

/** Checks this machine and shows what was found. */
export async function diagnose(context: Context): Promise<Ending> {
  const { io } = context;
  const checks = [
    ...checkSettings(context),
    await checkHome(context),
    ...checkPrivate(context),
    ...await checkBackend(context),
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
    if (info === undefined) return await checkMissing(context, home);
    if (info.kind !== "directory") {
      return {
        name,
        state: "problem",
        detail: `"${home}" is no folder`,
        fix: "Move it away, or name another with --home or STIGMER_HOME",
      };
    }
    await tryWriting(host, home);
    const inherited = inheritedRights(host, home);
    if (inherited !== undefined) return inherited;
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
async function checkMissing(
  { host, settings }: Context,
  home: string,
): Promise<Check> {
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
  const detail = `"${home}" is not there yet`;
  // Who uses a server keeps at most a login there, which makes it.
  if (settings.mayBeCloud) return { name, state: "ok", detail };
  return { name, state: "note", detail, fix: "Prepare it with: stigmer init" };
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

/** What others may read of what is this user's alone. */
function checkPrivate(
  { host, settings: { home } }: Context,
): readonly Check[] {
  if (home === "" || host.platform.os === "windows") return [];
  return PRIVATE_FILES.flatMap((name): readonly Check[] => {
    const path = joinPath(host, home, name);
    if (!isOpenToOthers(host, modeOf(host, path))) return [];
    return [{
      name,
      state: name === "credentials.yaml" ? "problem" : "note",
      detail: `"${path}" can be read by others`,
      fix: `Close it with: chmod 600 "${path}"`,
    }];
  });
}

function modeOf(host: Host, path: string): number | undefined {
  try {
    return host.files.stat(path)?.mode;
  } catch {
    // The check of the home says what is wrong with it.
    return undefined;
  }
}

/** Checks the backend that is used. */
async function checkBackend(context: Context): Promise<readonly Check[]> {
  try {
    const choice = await serverOf(context);
    if (choice !== undefined) return await checkServer(context, choice);
  } catch (thrown) {
    return [
      problemOf("backend", toStigmerError(thrown)),
      ...await checkMachine(context),
    ];
  }
  return await checkLocal(context);
}

async function checkLocal(context: Context): Promise<readonly Check[]> {
  const { host, settings: { home } } = context;
  // What is wrong with the folder itself is said by its own check.
  if (home === "" || !isFolder(host, home)) return await checkMachine(context);
  try {
    await using backend = await openFor(context);
    const call = { signal: context.signal };
    const { findings } = await backend.client.diagnoseBackend({}, call);
    const status = statusIn(await backend.client.getVaultStatus({}, call));
    return [
      ...findings.map(checkOf),
      ...keyWarnings(context, status).map((detail): Check => ({
        name: "secrets",
        group: "key",
        state: "note",
        detail,
      })),
    ];
  } catch (thrown) {
    const error = fileErrorOf(thrown) ??
      withoutRawWords(toStigmerError(thrown));
    return [problemOf("database", error), ...await checkMachine(context)];
  }
}

function isFolder(host: Host, path: string): boolean {
  try {
    return host.files.stat(path)?.kind === "directory";
  } catch {
    return false;
  }
}

/** What can be said of this machine without a database. */
async function checkMachine(
  { host, signal }: Context,
): Promise<readonly Check[]> {
  const { modelFindings, programFindings } = await importUnseen<
    typeof import("../backend/machine_findings.ts")
  >("../backend/machine_findings.ts", import.meta.url);
  try {
    const models = await modelFindings(host, signal);
    return [...models, ...programFindings(host, { places: true })].map(checkOf);
  } catch (thrown) {
    const error = fileErrorOf(thrown);
    if (error === undefined) throw thrown;
    return [problemOf("machine", error)];
  }
}
