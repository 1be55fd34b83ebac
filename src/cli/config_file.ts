/**
 * `config.yaml`: which keys it may hold, and reading it.
 *
 * Every command reads it, so the plain form that `stigmer config set` writes
 * is read here in a few lines; the YAML library, which costs as much as the
 * rest of a command, is loaded for what goes beyond that.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { BACKEND_TYPES, COLOR_MODES, OUTPUT_FORMATS } from "./globals.ts";
import { suggestion } from "./parse.ts";

/** What is to know of a key. */
export interface ConfigKey {
  readonly summary: string;
  readonly choices?: readonly string[];
  /** The environment variable that comes before it. */
  readonly variable?: string;
  /** Whether its value is never shown. */
  readonly secret?: boolean;
}

/** Every key, with dots between its levels. */
export const CONFIG_KEYS: Readonly<Record<string, ConfigKey>> = {
  "home": {
    summary: "Folder that holds everything",
    variable: "STIGMER_HOME",
  },
  "output": {
    summary: "How results are printed",
    choices: OUTPUT_FORMATS,
    variable: "STIGMER_OUTPUT",
  },
  "color": { summary: "When output is coloured", choices: COLOR_MODES },
  "model": {
    summary: "Model of every run, over that of the agent",
    variable: "STIGMER_MODEL",
  },
  "backend.type": {
    summary: "Which type of backend is used",
    choices: BACKEND_TYPES,
    variable: "STIGMER_BACKEND",
  },
  "backend.local.db_path": {
    summary: "Database file of the local backend",
  },
  "backend.local.driver": {
    summary: "What SQLite the local backend uses: Deno's own, or a library",
    choices: ["node", "ffi"],
    variable: "STIGMER_SQLITE_DRIVER",
  },
  "backend.local.library": {
    summary: "SQLite library of the driver ffi",
    variable: "STIGMER_SQLITE_LIBRARY",
  },
  "backend.context": {
    summary: "Which context is used when the type is cloud",
  },
  "backend.cloud.endpoint": {
    summary: "Address of the server",
    variable: "STIGMER_ENDPOINT",
  },
  "backend.cloud.token": {
    summary: "Access token; better kept by stigmer login",
    variable: "STIGMER_TOKEN",
    secret: true,
  },
  "backend.cloud.ca_file": {
    summary: "Certificates that are trusted besides those of the system",
    variable: "STIGMER_CA_FILE",
  },
  "backend.cloud.insecure": {
    summary: "Whether the token may go unencrypted to another machine",
    choices: ["true", "false"],
    variable: "STIGMER_INSECURE",
  },
};

/** What is to know of each key of a context, as `contexts.NAME.endpoint`. */
const CONTEXT_KEYS: Readonly<Record<string, ConfigKey>> = {
  endpoint: { summary: "Address of the server of this context" },
  ca_file: {
    summary: "Certificates that this context trusts besides the system's",
  },
  insecure: {
    summary: "Whether its token may go unencrypted to another machine",
    choices: ["true", "false"],
  },
};

/** Earlier spellings, which mean the same. */
const FORMER_KEYS: Readonly<Record<string, string>> = {
  "local.db_path": "backend.local.db_path",
  "cloud.endpoint": "backend.cloud.endpoint",
  "cloud.token": "backend.cloud.token",
  "cloud.organization": "backend.cloud.organization",
};
/** Taken so that a file of before is none that cannot be read. */
const IGNORED_KEY = "backend.cloud.organization";
const CONTEXT_KEY_REGEXP = /^contexts\.(.+)\.([a-z_]+)$/;
const CONTEXT_NAME_REGEXP = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
/** Stands where a secret is not shown. */
const HIDDEN = "***";
/** Bits of a mode that let others in. */
const OTHERS = 0o077;

/** What to do about a file that means nothing. */
export const MEND_HINTS: readonly string[] = [
  "Mend the file, or read another with --config",
];

/** Values by key. */
export type ConfigValues = ReadonlyMap<string, string>;

/** What a configuration file holds. */
export interface ConfigFile {
  readonly values: ConfigValues;
  /** What is odd about it, for people. */
  readonly warnings: readonly string[];
}

/**
 * Reads a configuration file; one that is not there is empty.
 *
 * @param required Whether it is an error when it is not there.
 * @throws {StigmerError} When it is no YAML or a value breaks its rule.
 */
export async function readConfigFile(
  host: Host,
  path: string,
  required: boolean,
): Promise<ConfigFile> {
  const text = await readText(host, path, required);
  if (text === undefined) return { values: new Map(), warnings: [] };
  const values = withoutFormer(
    readPlain(text) ?? await readOther(text, path),
    path,
  );
  const warnings: string[] = [];
  if (values.delete(IGNORED_KEY)) {
    warnings.push(
      `Key "${IGNORED_KEY}" in "${path}" means nothing, leave it out`,
    );
  }
  for (const [key, value] of values) {
    if (holdsKeys(key)) throw noMapping({ key, value, path });
    if (configKey(key) !== undefined) {
      checkConfigValue(key, value, ` in "${path}"`);
    } else warnings.push(unknownKeyWarning(key, path));
  }
  return {
    values,
    warnings: [...warnings, ...openWarning(host, path, values)],
  };
}

/** What is to know of a key, or `undefined` when there is none of that name. */
export function configKey(key: string): ConfigKey | undefined {
  if (Object.hasOwn(CONFIG_KEYS, key)) return CONFIG_KEYS[key];
  const [, name = "", last = ""] = CONTEXT_KEY_REGEXP.exec(key) ?? [];
  return isContextName(name) && Object.hasOwn(CONTEXT_KEYS, last)
    ? CONTEXT_KEYS[last]
    : undefined;
}

/** Says whether a context may be called so. */
export function isContextName(name: string): boolean {
  return CONTEXT_NAME_REGEXP.test(name) &&
    !BACKEND_TYPES.some((it) => it === name);
}

/** The contexts that a configuration has, in its order. */
export function contextNames(values: ConfigValues): readonly string[] {
  const names = [...values.keys()]
    .map((key) => CONTEXT_KEY_REGEXP.exec(key)?.[1] ?? "")
    .filter(isContextName);
  return [...new Set(names)];
}

/** The key of today for an earlier spelling. */
export function currentKey(key: string): string {
  return Object.hasOwn(FORMER_KEYS, key) ? FORMER_KEYS[key] ?? key : key;
}

/** The spellings of a key, and of the keys within it, its own first. */
export function spellingsOf(key: string): readonly string[] {
  const former = Object.entries(FORMER_KEYS)
    .filter(([, now]) => now === key || now.startsWith(`${key}.`))
    .map(([before]) => before);
  return [key, ...former];
}

/** Writes a value as it may be shown. */
export function shownValue(key: string, value: string): string {
  return configKey(key)?.secret === true && value !== "" ? HIDDEN : value;
}

/** Puts each value under the key of today. */
function withoutFormer(
  values: Map<string, string>,
  path: string,
): Map<string, string> {
  for (const [former, key] of Object.entries(FORMER_KEYS)) {
    const before = values.get(former);
    if (before === undefined) continue;
    const now = values.get(key);
    if (now !== undefined && now !== before) {
      throw invalidArgument(
        `Keys "${key}" and "${former}" in "${path}" mean the same and differ`,
        { hints: [`Leave "${former}" out`] },
      );
    }
    values.delete(former);
    values.set(key, before);
  }
  return values;
}

/** Says whether a key holds others, as `backend` and `contexts.a`. */
function holdsKeys(key: string): boolean {
  return /^contexts(?:\.[^.]+)?$/.test(key) ||
    [...Object.keys(CONFIG_KEYS), ...Object.keys(FORMER_KEYS)]
      .some((it) => it.startsWith(`${key}.`));
}

/** Refuses a value where further keys should be, as `backend: cloud`. */
function noMapping(
  { key, value, path }: {
    readonly key: string;
    readonly value: string;
    readonly path: string;
  },
): StigmerError {
  const isType = key === "backend" && BACKEND_TYPES.some((it) => it === value);
  const within = key.startsWith("contexts.") ? Object.keys(CONTEXT_KEYS) : [
    ...Object.keys(CONFIG_KEYS),
    ...Object.keys(FORMER_KEYS),
    "contexts.NAME",
  ]
    .filter((it) => it.startsWith(`${key}.`))
    .map((it) => it.slice(key.length + 1).split(".")[0] ?? "");
  const keys = [...new Set(within)].join(", ");
  // What was written may be a token.
  const written = key === "backend" ? `cannot be "${value}"` : "is one value";
  return invalidArgument(
    `Key "${key}" in "${path}" ${written}, it holds other keys` +
      (keys === "" ? "" : `: ${keys}`),
    {
      hints: isType ? [`Write it as: backend: {type: ${value}}`] : MEND_HINTS,
    },
  );
}

/** Warns when others can read a token. */
function openWarning(
  host: Host,
  path: string,
  values: ConfigValues,
): readonly string[] {
  if (!values.has("backend.cloud.token") || host.platform.os === "windows") {
    return [];
  }
  const mode = host.files.stat(path)?.mode ?? 0;
  if ((mode & OTHERS) === 0) return [];
  return [
    `"${path}" holds an access token and can be read by others, ` +
    `close it with: chmod 600 "${path}"`,
  ];
}

async function readText(
  host: Host,
  path: string,
  required: boolean,
): Promise<string | undefined> {
  const act = `Cannot read the configuration "${path}"`;
  try {
    const kind = host.files.stat(path)?.kind;
    if (kind !== undefined && kind !== "directory") {
      return await host.files.readText(path);
    }
    if (!required) return undefined;
    const hints = ["Name another with --config, or leave the option out"];
    throw kind === undefined
      ? new StigmerError("NOT_FOUND", `${act}: no such file`, { hints })
      : invalidArgument(`${act}: it is a folder`, { hints });
  } catch (error) {
    if (error instanceof StigmerError) throw error;
    // Only an error needs the words for it.
    const { fileErrorOf } = await import("./file_error.ts");
    throw fileErrorOf(error, act) ?? error;
  }
}

/** Refuses a key that does not exist. */
export function checkConfigKey(key: string): void {
  if (configKey(key) !== undefined) return;
  const known = [...Object.keys(CONFIG_KEYS), "contexts.NAME.endpoint"];
  throw invalidArgument(`Unknown configuration key "${key}"`, {
    hints: suggestion(key, known).hints ?? [`Keys are ${known.join(", ")}`],
  });
}

/** Refuses a value that its key does not take. */
export function checkConfigValue(
  key: string,
  value: string,
  where = "",
): void {
  const choices = configKey(key)?.choices;
  if (choices === undefined || choices.includes(value)) return;
  throw invalidArgument(
    `Key "${key}"${where} cannot be "${value}", choose one of ${
      choices.join(", ")
    }`,
    {
      hints: [
        ...suggestion(value, choices).hints ?? [],
        ...key === "backend.type"
          ? ['A context is named by the key "backend.context"']
          : [],
      ],
    },
  );
}

function unknownKeyWarning(key: string, path: string): string {
  const hint = suggestion(key, Object.keys(CONFIG_KEYS)).hints?.[0];
  return `Unknown key "${key}" in "${path}"${
    hint === undefined ? "" : `. ${hint}`
  }`;
}

const PLAIN_LINE_REGEXP = /^( *)([A-Za-z_][\w-]*):(?: +(.*?))?\s*$/;
const PLAIN_SCALAR_REGEXP = /^[^\s"'#&*!|>%@`{}[\],?:-](?:[^#:]|:(?=\S)|\S#)*$/;

/**
 * Reads nested mappings of plain or quoted scalars; gives `undefined` for
 * whatever goes beyond.
 */
export function readPlain(text: string): Map<string, string> | undefined {
  const values = new Map<string, string>();
  const open: { readonly indent: number; readonly key: string }[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const match = PLAIN_LINE_REGEXP.exec(line);
    if (match === null) return undefined;
    const [, spaces = "", key = "", rest = ""] = match;
    while ((open.at(-1)?.indent ?? -1) >= spaces.length) open.pop();
    const path = [...open.map((it) => it.key), key].join(".");
    if (rest === "") {
      open.push({ indent: spaces.length, key });
      continue;
    }
    const value = readPlainScalar(rest);
    if (value === undefined) return undefined;
    values.set(path, value);
  }
  return values;
}

function readPlainScalar(text: string): string | undefined {
  const quoted = /^"([^"\\]*)"$/.exec(text) ?? /^'([^']*)'$/.exec(text);
  if (quoted !== null) return quoted[1];
  return PLAIN_SCALAR_REGEXP.test(text) ? text : undefined;
}

async function readOther(
  text: string,
  path: string,
): Promise<Map<string, string>> {
  const { readConfigYaml } = await import("./config_yaml.ts");
  return await readConfigYaml(text, path);
}
