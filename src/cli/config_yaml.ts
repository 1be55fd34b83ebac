/**
 * Reads a `config.yaml` that goes beyond the plain form.
 *
 * @module
 */

import { invalidArgument, messageOf } from "../model/error.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
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
