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
import { invalidArgument, messageOf, StigmerError } from "../model/error.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { BACKEND_TYPES, COLOR_MODES, OUTPUT_FORMATS } from "./globals.ts";
import { suggestion } from "./parse.ts";

/** What is to know of a key. */
export interface ConfigKey {
  readonly summary: string;
  readonly choices?: readonly string[];
  /** The environment variable that comes before it. */
  readonly variable?: string;
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
    summary: "Which backend is used",
    choices: BACKEND_TYPES,
    variable: "STIGMER_BACKEND",
  },
  "backend.local.db_path": {
    summary: "Database file of the local backend",
  },
};

const MEND_HINTS: readonly string[] = [
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
  const values = readPlain(text) ?? await readAny(text, path);
  const warnings: string[] = [];
  for (const [key, value] of values) {
    if (Object.hasOwn(CONFIG_KEYS, key)) {
      checkConfigValue(key, value, ` in "${path}"`);
    } else warnings.push(unknownKeyWarning(key, path));
  }
  return { values, warnings };
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
  if (Object.hasOwn(CONFIG_KEYS, key)) return;
  const known = Object.keys(CONFIG_KEYS);
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
  const choices = CONFIG_KEYS[key]?.choices;
  if (choices === undefined || choices.includes(value)) return;
  throw invalidArgument(
    `Key "${key}"${where} cannot be "${value}", choose one of ${
      choices.join(", ")
    }`,
    suggestion(value, choices),
  );
}

function unknownKeyWarning(key: string, path: string): string {
  const hint = suggestion(key, Object.keys(CONFIG_KEYS)).hints?.[0];
  return `Unknown key "${key}" in "${path}"${
    hint === undefined ? "" : `. ${hint}`
  }`;
}

const PLAIN_LINE_REGEXP = /^( *)([A-Za-z_][\w]*):(?: +(.*?))?\s*$/;
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

async function readAny(
  text: string,
  path: string,
): Promise<Map<string, string>> {
  const { parse } = await import("yaml");
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (error) {
    throw invalidArgument(
      `Cannot read the configuration "${path}": ${
        messageOf(error).split("\n")[0]
      }`,
      { hints: MEND_HINTS, cause: error },
    );
  }
  const values = new Map<string, string>();
  if (parsed === null || parsed === undefined) return values;
  const json = toJsonObject(parsed);
  if (json === undefined) {
    throw invalidArgument(
      `Cannot read the configuration "${path}": it is no mapping of keys`,
      { hints: MEND_HINTS },
    );
  }
  flatten(json, "", values);
  return values;
}

/** Takes what the YAML library gives for the JSON that it is. */
function toJsonObject(parsed: unknown): JsonObject | undefined {
  const json: Json = JSON.parse(JSON.stringify(parsed));
  return isJsonObject(json) ? json : undefined;
}

function flatten(
  object: JsonObject,
  prefix: string,
  into: Map<string, string>,
): void {
  for (const [key, value] of Object.entries(object)) {
    if (isJsonObject(value)) flatten(value, `${prefix}${key}.`, into);
    else if (value !== null) {
      into.set(
        prefix + key,
        typeof value === "string" ? value : JSON.stringify(value),
      );
    }
  }
}
