/**
 * What a tool server is: how it is reached and which of its tools count.
 *
 * It is plain data, because it travels in the request of a tool call: after a
 * crash the call is made from the journal and this alone.
 *
 * @module
 */

import type { Json, JsonObject } from "../model/json.ts";
import { isJsonArray, isJsonObject, member } from "../model/json.ts";
import {
  type OAuthSettings,
  settingsFromJson,
  settingsToJson,
} from "./oauth_settings.ts";

/** A tool server of an agent. */
export interface ToolServer {
  /** What its tools are grouped under. */
  readonly name: string;
  /** The tools that the agent may see, by their own names; empty means all. */
  readonly enabledTools: readonly string[];
  /** How it is reached. */
  readonly transport: ToolTransport;
}

/** How a tool server is reached. */
export type ToolTransport =
  | {
    /** A name of the catalog, with further arguments. */
    readonly kind: "catalog";
    /** That name, where the server is called otherwise. */
    readonly entry?: string;
    readonly args: readonly string[];
  }
  | {
    /** A child process that speaks over its standard streams. */
    readonly kind: "stdio";
    readonly command: string;
    readonly args: readonly string[];
    /** `${NAME}` in a value is replaced by the execution's variable or secret. */
    readonly env: Readonly<Record<string, string>>;
    /** Its folder; empty means the execution's. */
    readonly cwd: string;
  }
  | {
    /** A server reached by streamable HTTP. */
    readonly kind: "http";
    readonly url: string;
    /** `${NAME}` in a value is replaced by the execution's variable or secret. */
    readonly headers: Readonly<Record<string, string>>;
    /** How access is asked for; absent means as the server says itself. */
    readonly oauth?: OAuthSettings;
  };

/** The name under which the catalog has a server. */
export function catalogName(
  { name, transport }: Pick<ToolServer, "name" | "transport">,
): string {
  return transport.kind === "catalog" ? transport.entry ?? name : "";
}

/** Writes a tool server as JSON, for the request of an activity. */
export function toolServerToJson(server: ToolServer): JsonObject {
  return { ...server, transport: transportToJson(server.transport) };
}

/** Reads what {@linkcode toolServerToJson} wrote. */
export function toolServerFromJson(json: Json | undefined): ToolServer {
  const object = isJsonObject(json) ? json : {};
  return {
    name: text(object, "name"),
    enabledTools: texts(object, "enabledTools"),
    transport: transportFromJson(member(object, "transport")),
  };
}

function transportToJson(transport: ToolTransport): JsonObject {
  if (transport.kind !== "http") return { ...transport };
  const { oauth, ...rest } = transport;
  return oauth === undefined ? rest : { ...rest, oauth: settingsToJson(oauth) };
}

function transportFromJson(json: Json | undefined): ToolTransport {
  const object = isJsonObject(json) ? json : {};
  switch (text(object, "kind")) {
    case "stdio":
      return {
        kind: "stdio",
        command: text(object, "command"),
        args: texts(object, "args"),
        env: textMap(object, "env"),
        cwd: text(object, "cwd"),
      };
    case "http": {
      const oauth = settingsFromJson(member(object, "oauth"));
      return {
        kind: "http",
        url: text(object, "url"),
        headers: textMap(object, "headers"),
        ...(oauth === undefined ? {} : { oauth }),
      };
    }
    default:
      return {
        kind: "catalog",
        ...(text(object, "entry") === ""
          ? {}
          : { entry: text(object, "entry") }),
        args: texts(object, "args"),
      };
  }
}

function text(object: JsonObject, key: string): string {
  const value = member(object, key);
  return typeof value === "string" ? value : "";
}

function texts(object: JsonObject, key: string): string[] {
  const value = member(object, key);
  if (!isJsonArray(value)) return [];
  return value.filter((item) => typeof item === "string");
}

function textMap(object: JsonObject, key: string): Record<string, string> {
  const value = member(object, key);
  if (!isJsonObject(value)) return {};
  const map: Record<string, string> = {};
  for (const [name, item] of Object.entries(value)) {
    if (typeof item === "string") map[name] = item;
  }
  return map;
}
