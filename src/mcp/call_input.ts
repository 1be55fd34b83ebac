/**
 * What a task asks of a tool server, as the machine resolved it.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";

/** What can be asked. */
export const MCP_METHODS = [
  "tools/list",
  "tools/call",
  "prompts/list",
  "prompts/get",
  "resources/list",
  "resources/read",
  "resources/templates/list",
] as const;

/** A request to a tool server. */
export interface CallInput {
  readonly method: (typeof MCP_METHODS)[number];
  readonly parameters: JsonObject;
  /** Absent means any that both know. */
  readonly protocolVersion: string | undefined;
  readonly client:
    | { readonly name: string; readonly version: string }
    | undefined;
  readonly timeoutMs: number | undefined;
  readonly transport:
    | {
      readonly kind: "http";
      readonly uri: string;
      readonly authentication: Json;
      readonly headers: Readonly<Record<string, string>>;
    }
    | {
      readonly kind: "stdio";
      readonly command: string;
      readonly args: readonly string[];
      readonly environment: Readonly<Record<string, string>>;
    };
}

/**
 * Reads the input of the activity.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for parameters that are no object,
 * which an expression may give.
 */
export function parseCallInput(json: Json): CallInput {
  const input = isJsonObject(json) ? json : {};
  const parameters = member(input, "parameters") ?? null;
  if (parameters !== null && !isJsonObject(parameters)) {
    throw invalidArgument(
      "Cannot call a tool server: its parameters must be an object",
    );
  }
  const method = member(input, "method");
  const timeoutMs = member(input, "timeoutMs");
  return {
    method: MCP_METHODS.find((it) => it === method) ?? "tools/list",
    parameters: parameters ?? {},
    protocolVersion: textOf(input, "protocolVersion"),
    client: parseClient(member(input, "client")),
    timeoutMs: typeof timeoutMs === "number" ? timeoutMs : undefined,
    transport: parseTransport(member(input, "transport")),
  };
}

function parseClient(json: Json | undefined): CallInput["client"] {
  if (!isJsonObject(json)) return undefined;
  return {
    name: textOf(json, "name") ?? "",
    version: textOf(json, "version") ?? "",
  };
}

function parseTransport(json: Json | undefined): CallInput["transport"] {
  const object = isJsonObject(json) ? json : {};
  const http = member(object, "http");
  if (isJsonObject(http)) {
    const endpoint = member(http, "endpoint");
    const at = isJsonObject(endpoint) ? endpoint : {};
    return {
      kind: "http",
      uri: textOf(at, "uri") ?? "",
      authentication: member(at, "authentication") ?? null,
      headers: textsOf(member(http, "headers")),
    };
  }
  const stdio = member(object, "stdio");
  const process = isJsonObject(stdio) ? stdio : {};
  const args = member(process, "arguments");
  return {
    kind: "stdio",
    command: textOf(process, "command") ?? "",
    args: isJsonArray(args) ? args.map(asText) : [],
    environment: textsOf(member(process, "environment")),
  };
}

function textOf(object: JsonObject, key: string): string | undefined {
  const value = member(object, key);
  return value === undefined || value === null ? undefined : asText(value);
}

function textsOf(json: Json | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(isJsonObject(json) ? json : {})
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [key, asText(value)]),
  );
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
