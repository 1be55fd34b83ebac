/**
 * Reads a `config.yaml` that goes beyond the plain form.
 *
 * @module
 */

import {
  invalidArgument,
  messageOf,
  type StigmerError,
} from "../model/error.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { importUnseen } from "../model/unseen.ts";
import { MEND_HINTS } from "./config_file.ts";

/**
 * Reads a configuration by the YAML library.
 *
 * @throws {StigmerError} When it is no YAML, or no mapping.
 */
export async function readConfigYaml(
  text: string,
  path: string,
): Promise<Map<string, string>> {
  const { parse } = await import("yaml");
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (error) {
    const act = `Cannot read the configuration "${path}"`;
    throw await noYaml(text, act) ??
      invalidArgument(`${act}: ${messageOf(error).split("\n")[0]}`, {
        hints: MEND_HINTS,
        cause: error,
      });
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

/**
 * Makes the error for a file that is no YAML, with the place in it.
 *
 * @param act What cannot be done, as `Cannot change "config.yaml"`.
 */
export async function noYaml(
  text: string,
  act: string,
): Promise<StigmerError | undefined> {
  const { yamlFault } = await importUnseen<
    typeof import("../manifest/yaml_fault.ts")
  >("../manifest/yaml_fault.ts", import.meta.url);
  const fault = await yamlFault(text);
  if (fault === undefined) return undefined;
  const { line, column, message, hint } = fault;
  return invalidArgument(
    `${act}, line ${line}, column ${column}: ${lowerFirst(message)}`,
    { hints: hint === undefined ? MEND_HINTS : [hint, ...MEND_HINTS] },
  );
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
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
