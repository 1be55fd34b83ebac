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
import { type ToolServer, toolServerFromJson } from "./server.ts";

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
      /** One that was applied, at the version that the run has pinned. */
      readonly kind: "applied";
      readonly server: ToolServer;
    }
    | {
      readonly kind: "http";
      readonly uri: string;
      /** Its address as the definition writes it. */
      readonly written: string;
      readonly authentication: Json;
      readonly headers: Readonly<Record<string, string>>;
    }
    | {
      readonly kind: "stdio";
      readonly command: string;
      readonly args: readonly string[];
      /** Command and arguments as the definition writes them. */
      readonly written: readonly string[];
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
  const applied = member(object, "applied");
  if (applied !== undefined) {
    return { kind: "applied", server: toolServerFromJson(applied) };
  }
  const http = member(object, "http");
  if (isJsonObject(http)) {
    const endpoint = member(http, "endpoint");
    const at = isJsonObject(endpoint) ? endpoint : {};
    const uri = textOf(at, "uri") ?? "";
    return {
      kind: "http",
      uri,
      written: textOf(http, "written") ?? uri,
      authentication: member(at, "authentication") ?? null,
      headers: textsOf(member(http, "headers")),
    };
  }
  const stdio = member(object, "stdio");
  const process = isJsonObject(stdio) ? stdio : {};
  const given = member(process, "arguments");
  const written = member(process, "written");
  const command = textOf(process, "command") ?? "";
  const args = isJsonArray(given) ? given.map(asText) : [];
  return {
    kind: "stdio",
    command,
    args,
    written: isJsonArray(written) ? written.map(asText) : [command, ...args],
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
