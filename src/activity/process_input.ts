/**
 * What tasks give to the processes that they run, as the machine resolved it.
 *
 * @module
 */

import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";

/** What of a process is the output. */
export type ProcessReturn = "stdout" | "stderr" | "code" | "all" | "none";

/** What a command, a script and a container have in common. */
export interface ProcessInput {
  readonly args: readonly string[];
  readonly stdin: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly await: boolean;
  readonly return: ProcessReturn;
}

/** Reads what every process has. */
export function parseProcessInput(input: JsonObject): ProcessInput {
  return {
    args: parseArguments(member(input, "arguments")),
    stdin: parseText(member(input, "stdin")),
    environment: parseTexts(member(input, "environment")),
    await: member(input, "await") !== false,
    return: parseReturn(member(input, "return")),
  };
}

/** A list as it is; an object as `name=value`, or `name` for null. */
function parseArguments(json: Json | undefined): string[] {
  if (isJsonArray(json)) return json.map(asText);
  if (!isJsonObject(json)) return [];
  return Object.entries(json).map(([name, value]) =>
    value === null ? name : `${name}=${asText(value)}`
  );
}

/** Reads an object of texts; what is null is left out. */
export function parseTexts(json: Json | undefined): Record<string, string> {
  const object: JsonObject = isJsonObject(json) ? json : {};
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== null)
      .map(([name, value]) => [name, asText(value)]),
  );
}

/** Reads a text that is there or not. */
export function parseText(json: Json | undefined): string | undefined {
  return json === undefined || json === null ? undefined : asText(json);
}

function parseReturn(json: Json | undefined): ProcessReturn {
  switch (json) {
    case "stderr":
    case "code":
    case "all":
    case "none":
      return json;
    default:
      return "stdout";
  }
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
