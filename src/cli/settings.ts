/**
 * What a command runs with: flag before environment before `config.yaml`.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import {
  CONFIG_KEYS,
  type ConfigFile,
  type ConfigValues,
  contextNames,
  readConfigFile,
} from "./config_file.ts";
import { parseDurationMs } from "./duration.ts";
import {
  BACKEND_TYPES,
  COLOR_MODES,
  type ColorMode,
  type GlobalValues,
  OUTPUT_FORMATS,
  type OutputFormat,
} from "./globals.ts";
import { suggestion } from "./parse.ts";
import { isAbsolutePath } from "../host/os.ts";
import { absolutePath, joinPath, userVariable } from "./path.ts";

/** Where a setting was found. */
export type Origin = "flag" | "environment" | "config" | "default";

/** One setting and where it was found. */
export interface Setting {
  readonly value: string;
  readonly origin: Origin;
}

/** What a command runs with. */
export interface Settings {
  readonly configPath: string;
  readonly home: string;
  readonly databasePath: string | undefined;
  /** What SQLite opens it, where that is said. */
  readonly sqlite: SqliteChoice;
  /** Whether something names a server, so that it may be used. */
  readonly mayBeCloud: boolean;
  readonly output: OutputFormat;
  readonly color: {
    readonly flag: ColorMode | undefined;
    readonly configured: ColorMode | undefined;
  };
  readonly model: string | undefined;
  readonly timeoutMs: number | undefined;
  readonly quiet: boolean;
  readonly debug: boolean;
  readonly noInput: boolean;
  readonly noTty: boolean;
  /** What the configuration itself holds, whatever comes before it. */
  readonly values: ConfigValues;
  /** Every key of the configuration with its value in force. */
  readonly byKey: ReadonlyMap<string, Setting>;
  readonly warnings: readonly string[];
  /** What could not be had, for a command that does not demand it. */
  readonly faults: readonly StigmerError[];
}

/** What SQLite opens a database, as `openBackend` takes it. */
export interface SqliteChoice {
  readonly driver?: "node" | "ffi";
  readonly library?: string;
}

/** How settings are found. */
export interface SettingsOptions {
  /** Whether what cannot be had is a fault and not an error; default no. */
  readonly undemanding?: boolean;
}

/**
 * Finds the settings.
 *
 * @throws {StigmerError} When one breaks its rule.
 */
export async function resolveSettings(
  host: Host,
  flags: GlobalValues,
  options: SettingsOptions = {},
): Promise<Settings> {
  const faults: StigmerError[] = [];
  const forgive = (error: unknown): void => {
    if (options.undemanding !== true) throw error;
    if (error instanceof StigmerError) return void faults.push(error);
    const missing = missingVariables(error);
    if (missing === undefined) throw error;
    // One is told for all that may not be read.
    if (!faults.some((it) => it.code === missing.code)) faults.push(missing);
  };
  const forgiving = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      forgive(error);
      return undefined;
    }
  };
  const home = forgiving(() => homeBefore(host, flags)) ??
    { value: "", origin: "default" };
  const named = flags.config ??
    forgiving(() => variable(host, "STIGMER_CONFIG"));
  const configPath = named === undefined
    ? joinPath(host, home.value, "config.yaml")
    : absolutePath(host, named);
  let file: ConfigFile = { values: new Map(), warnings: [] };
  try {
    // Without a home, its configuration would be one of the root folder.
    if (named !== undefined || home.value !== "") {
      file = await readConfigFile(host, configPath, named !== undefined);
    }
  } catch (error) {
    forgive(error);
  }
  return settingsOf({ host, flags, home, configPath, file, faults, forgiving });
}

/** Makes the error for variables that this process may not read. */
function missingVariables(thrown: unknown): StigmerError | undefined {
  if (!(thrown instanceof Error) || thrown.name !== "NotCapable") {
    return undefined;
  }
  return new StigmerError(
    "PERMISSION_DENIED",
    "Cannot read the environment: this program was started without the permission for it",
    { hints: ["Start it with --allow-env"], cause: thrown },
  );
}

/** The home folder as it stands before a configuration is read. */
function homeBefore(host: Host, flags: GlobalValues): Setting {
  if (flags.home === "") {
    throw invalidArgument('Option "--home" cannot be empty', {
      hints: ["Name a folder, or leave it out"],
    });
  }
  if (flags.home !== undefined) {
    return { value: absolutePath(host, flags.home), origin: "flag" };
  }
  const given = variable(host, "STIGMER_HOME");
  if (given !== undefined) {
    return { value: absolutePath(host, given), origin: "environment" };
  }
  const user = host.platform.homeDirectory;
  const name = userVariable(host);
  const hints = ["Give one with --home, or set STIGMER_HOME"];
  if (user === undefined) {
    throw invalidArgument(
      `Cannot find a home folder: neither STIGMER_HOME nor ${name} is set`,
      { hints },
    );
  }
  // It would be another folder wherever the program is started.
  if (!isAbsolutePath(host.platform.os, user)) {
    throw invalidArgument(
      `Cannot find a home folder: ${name} is "${user}", which is no absolute path`,
      { hints },
    );
  }
  return { value: joinPath(host, user, ".stigmer"), origin: "default" };
}

function settingsOf(found: {
  readonly host: Host;
  readonly flags: GlobalValues;
  readonly home: Setting;
  readonly configPath: string;
  readonly file: ConfigFile;
  readonly faults: readonly StigmerError[];
  readonly forgiving: <T>(work: () => T) => T | undefined;
}): Settings {
  const { host, flags, file, forgiving } = found;
  const byKey = new Map<string, Setting>();
  for (const key of Object.keys(CONFIG_KEYS)) {
    const setting = forgiving(() =>
      settingOf(host, key, { flags, values: file.values })
    );
    if (setting !== undefined) byKey.set(key, setting);
  }
  for (const [key, value] of file.values) {
    if (key.startsWith("contexts.")) {
      byKey.set(key, { value, origin: "config" });
    }
  }
  const inFile = file.values.get("home");
  const home = found.home.origin === "default" && inFile !== undefined
    ? { value: absolutePath(host, inFile), origin: "config" as const }
    : found.home;
  byKey.set("home", home);
  const database = byKey.get("backend.local.db_path")?.value;
  return {
    configPath: found.configPath,
    home: home.value,
    databasePath: database === undefined
      ? undefined
      : absolutePath(host, database),
    sqlite: sqliteOf(host, byKey),
    mayBeCloud: mayBeCloud(byKey),
    output: choiceOf(byKey.get("output")?.value ?? "table", OUTPUT_FORMATS),
    color: colorOf(flags, file.values),
    model: byKey.get("model")?.value,
    timeoutMs: flags.timeout === undefined
      ? undefined
      : parseDurationMs(flags.timeout, "--timeout"),
    quiet: flags.quiet,
    debug: flags.debug ||
      (forgiving(() => isSet(host, "STIGMER_DEBUG")) ?? false),
    noInput: flags.noInput ||
      (forgiving(() => isSet(host, "STIGMER_NO_INPUT")) ?? false),
    noTty: flags.noTty,
    values: file.values,
    byKey,
    warnings: file.warnings,
    faults: found.faults,
  };
}

/** A library without the driver that takes it waits for that. */
function sqliteOf(host: Host, byKey: Settings["byKey"]): SqliteChoice {
  const driver = byKey.get("backend.local.driver")?.value;
  if (driver === "node") return { driver };
  if (driver !== "ffi") return {};
  const library = byKey.get("backend.local.library")?.value;
  if (library === undefined) return { driver };
  // A bare name is looked up by the system, as those of its own libraries.
  const isName = !/[/\\]/.test(library);
  return { driver, library: isName ? library : absolutePath(host, library) };
}

function settingOf(
  host: Host,
  key: string,
  from: { readonly flags: GlobalValues; readonly values: ConfigValues },
): Setting | undefined {
  const flag = flagOf(key, from.flags);
  if (flag !== undefined) {
    if (key === "backend.type") checkBackend(flag, from.values);
    return { value: flag, origin: "flag" };
  }
  const info = CONFIG_KEYS[key];
  const name = info?.variable;
  const given = name === undefined ? undefined : variable(host, name);
  if (given !== undefined) {
    // The name in a variable may be that of a context that login is to make.
    if (key !== "backend.type") {
      checkVariable(name ?? "", given, info?.choices);
    }
    return { value: given, origin: "environment" };
  }
  const value = from.values.get(key);
  return value === undefined ? undefined : { value, origin: "config" };
}

function flagOf(key: string, flags: GlobalValues): string | undefined {
  switch (key) {
    case "home":
      return flags.home;
    case "output":
      return flags.output;
    case "color":
      return flags.color;
    case "backend.type":
      return flags.backend;
    case "backend.cloud.endpoint":
      return flags.endpoint;
    case "backend.cloud.ca_file":
      return flags.caFile;
    default:
      return undefined;
  }
}

/** Refuses what is neither a type of backend nor the name of a context. */
function checkBackend(value: string, values: ConfigValues): void {
  const known = [...BACKEND_TYPES, ...contextNames(values)];
  if (known.includes(value)) return;
  throw new StigmerError(
    "NOT_FOUND",
    `Option "--backend" cannot be "${value}", choose one of ${
      known.join(", ")
    }`,
    {
      hints: [
        ...suggestion(value, known).hints ?? [],
        `Make a context of that name with: stigmer login --name ${value}`,
      ],
    },
  );
}

/** Decided in more words in `backend/choice.ts`, which is seldom needed. */
function mayBeCloud(byKey: Settings["byKey"]): boolean {
  const type = byKey.get("backend.type");
  const endpoint = byKey.get("backend.cloud.endpoint");
  return (type !== undefined && type.value !== "local") ||
    (endpoint !== undefined && endpoint.origin !== "config") ||
    (type === undefined && byKey.has("backend.context"));
}

function checkVariable(
  name: string,
  value: string,
  choices: readonly string[] | undefined,
): void {
  if (choices === undefined || choices.includes(value)) return;
  throw invalidArgument(
    `Variable "${name}" cannot be "${value}", choose one of ${
      choices.join(", ")
    }`,
    suggestion(value, choices),
  );
}

function colorOf(flags: GlobalValues, values: ConfigValues): Settings["color"] {
  const configured = values.get("color");
  return {
    flag: flags.color === undefined
      ? undefined
      : choiceOf(flags.color, COLOR_MODES),
    configured: configured === undefined
      ? undefined
      : choiceOf(configured, COLOR_MODES),
  };
}

/** Narrows a text that was checked against the same choices before. */
function choiceOf<const T extends string>(
  text: string,
  choices: readonly [T, ...T[]],
): T {
  return choices.find((it) => it === text) ?? choices[0];
}

/** The value of a variable; an empty one counts as not set. */
function variable(host: Host, name: string): string | undefined {
  const value = host.env.get(name);
  return value === "" ? undefined : value;
}

function isSet(host: Host, name: string): boolean {
  const value = variable(host, name);
  return value !== undefined && value !== "0" && value !== "false";
}
