/**
 * `call: mcp`: asks a tool server.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import { type JsonObject, member } from "../../model/json.ts";
import type { Place, TaskPlace } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import {
  checkKeys,
  placeOf,
  readChoice,
  readObject,
  readString,
  reportError,
} from "../fields.ts";
import { readDuration } from "../times.ts";
import type { McpTask } from "../tree_calls.ts";
import { readBase } from "./_base.ts";
import { readArguments, readTexts } from "./_process.ts";
import { readEndpoint } from "./endpoint.ts";

const METHODS: readonly string[] = [
  "tools/list",
  "tools/call",
  "prompts/list",
  "prompts/get",
  "resources/list",
  "resources/read",
  "resources/templates/list",
];
/** What a method cannot do without. */
const NEEDS: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
};
const VERSION = /^\d{4}-\d{2}-\d{2}$/;

/** Reads a `call: mcp` task. */
export function readMcp(place: TaskPlace): McpTask {
  const base = readBase(place, {
    kind: "call: mcp",
    known: ["call", "with"],
    required: ["with"],
    instead: {
      method: "with.method",
      server: "with.server",
      transport: "with.transport",
    },
  });
  const at = placeOf(place, "with");
  const args = readObject(member(place.object, "with"), at) ?? {};
  if (member(place.object, "with") !== undefined) checkArguments(args, at);
  const method = readChoice(
    member(args, "method"),
    placeOf(at, "method"),
    METHODS,
  ) ?? "tools/list";
  const parameters = readParameters(args, at, method);
  const callTimeout = readDuration(
    member(args, "timeout"),
    placeOf(at, "timeout"),
  );
  return {
    ...base,
    kind: "mcp",
    method,
    ...(parameters === undefined ? {} : { parameters }),
    ...readVersion(args, placeOf(at, "protocolVersion")),
    ...readClient(args, placeOf(at, "client")),
    ...(callTimeout === undefined ? {} : { callTimeout }),
    transport: readServer(args, at) ??
      readTransport(args, placeOf(at, "transport")),
  };
}

function checkArguments(args: JsonObject, place: Place): void {
  checkKeys(args, place, {
    known: [
      "protocolVersion",
      "method",
      "parameters",
      "timeout",
      "server",
      "transport",
      "client",
    ],
    required: ["method"],
    holds: { method: 'as "tools/call"' },
    what: "a call of a tool server",
    instead: {
      params: "parameters",
      version: "protocolVersion",
      mcpServer: "server",
      tool: "parameters.name",
      arguments: "parameters.arguments",
      http: "transport.http",
      stdio: "transport.stdio",
    },
  });
  checkReach(args, place);
}

/** Says that a call does not say what it calls, or says so twice. */
function checkReach(args: JsonObject, place: Place): void {
  const hasServer = member(args, "server") !== undefined;
  const hasTransport = member(args, "transport") !== undefined;
  if (hasServer && hasTransport) {
    reportError(placeOf(place, "transport"), {
      atKey: true,
      message: 'A call has either "server" or "transport", not both',
      hint:
        'An applied MCP server says itself how it is reached: remove "transport"',
    });
  }
  const isMisnamed = ["http", "stdio", "mcpServer"]
    .some((key) => member(args, key) !== undefined);
  if (hasServer || hasTransport || isMisnamed) return;
  reportError(place, {
    message: 'A call of a tool server needs "transport"',
    hint: 'Or "server", with the name of an MCP server that is applied',
  });
}

/** Reads the name of an applied server. */
function readServer(
  args: JsonObject,
  place: Place,
): McpTask["transport"] | undefined {
  const value = member(args, "server");
  if (value === undefined) return undefined;
  const at = placeOf(place, "server");
  const server = readString(value, at, "tickets") ?? "";
  if (server.includes("${")) {
    reportError(at, {
      message:
        `The name of an MCP server cannot be computed, as "${server}" is`,
      hint: "A run pins its servers before its first task: write the name, " +
        'and a task for each where there are several, behind a "switch"',
    });
  } else if (place.context.isFetched === true) {
    reportError(at, {
      message: `A function that is fetched cannot name MCP server "${server}"`,
      hint: 'Give its "transport", or define the function in the workflow',
    });
  }
  return { kind: "applied", server };
}

function readParameters(
  args: JsonObject,
  place: Place,
  method: string,
): Template | undefined {
  const value = member(args, "parameters");
  const at = placeOf(place, "parameters");
  const isExpression = typeof value === "string" && value.includes("${");
  const object = isExpression ? undefined : readObject(value, at);
  const need = Object.hasOwn(NEEDS, method) ? NEEDS[method] : undefined;
  const lacks = need !== undefined && !isExpression &&
    member(object ?? {}, need) === undefined;
  if (lacks && member(args, "method") !== undefined) {
    reportError(value === undefined ? place : at, {
      message: `"${method}" needs "parameters.${need}"`,
    });
  }
  return readTemplate(value, at);
}

function readVersion(
  args: JsonObject,
  place: Place,
): Pick<McpTask, "protocolVersion"> {
  const version = readString(
    member(args, "protocolVersion"),
    place,
    "2025-06-18",
  );
  if (version === undefined) return {};
  if (VERSION.test(version)) return { protocolVersion: version };
  reportError(place, {
    message: `"${version}" is not a version of the protocol`,
    hint: 'Write it as a date, as "2025-06-18"',
  });
  return {};
}

function readClient(args: JsonObject, place: Place): Pick<McpTask, "client"> {
  const client = readObject(member(args, "client"), place);
  if (client === undefined) return {};
  checkKeys(client, place, {
    known: ["name", "version"],
    required: ["name", "version"],
    what: "the client of a tool server",
  });
  const text = (key: string, example: string): string =>
    readString(member(client, key), placeOf(place, key), example) ?? "";
  return {
    client: { name: text("name", "me"), version: text("version", "1.0.0") },
  };
}

function readTransport(args: JsonObject, place: Place): McpTask["transport"] {
  const transport = readObject(member(args, "transport"), place) ?? {};
  const isGiven = member(args, "transport") !== undefined;
  const has = (key: string): boolean => member(transport, key) !== undefined;
  if (isGiven) {
    checkKeys(transport, place, {
      known: ["http", "stdio", "options"],
      what: "the transport of a tool server",
      instead: {
        sse: "http",
        streamableHttp: "http",
        command: "stdio.command",
      },
    });
    readTexts(transport, place, {
      key: "options",
      isName: () => true,
      wrong: (name) => `Option "${name}" must be text`,
    });
  }
  if (isGiven && has("http") === has("stdio")) {
    reportError(place, {
      message: has("http")
        ? 'A transport is either "http" or "stdio", not both'
        : 'A transport needs "http", or "stdio"',
    });
  }
  return has("stdio")
    ? readStdio(transport, placeOf(place, "stdio"))
    : readHttp(transport, placeOf(place, "http"), isGiven && has("http"));
}

function readStdio(transport: JsonObject, place: Place): McpTask["transport"] {
  const stdio = readObject(member(transport, "stdio"), place) ?? {};
  checkKeys(stdio, place, {
    known: ["command", "arguments", "environment"],
    required: ["command"],
    what: "a stdio transport",
    instead: { args: "arguments", env: "environment", cmd: "command" },
  });
  const at = placeOf(place, "command");
  const command = readTemplate(readString(member(stdio, "command"), at), at);
  const args = readArguments(member(stdio, "arguments"), {
    ...placeOf(place, "arguments"),
    isNamed: false,
  });
  const environment = readTexts(stdio, place, {
    key: "environment",
    isName: (name) => name !== "" && !/[=\0]/.test(name),
    wrong: (name) => `Variable "${name}" must be text with a name without "="`,
  });
  return {
    kind: "stdio",
    command: command ?? { kind: "literal", value: "" },
    ...(args === undefined ? {} : { arguments: args }),
    ...(environment === undefined ? {} : { environment }),
  };
}

function readHttp(
  transport: JsonObject,
  place: Place,
  isGiven: boolean,
): McpTask["transport"] {
  const http = readObject(member(transport, "http"), place) ?? {};
  if (isGiven) {
    checkKeys(http, place, {
      known: ["endpoint", "headers"],
      required: ["endpoint"],
      what: "an HTTP transport",
      instead: { url: "endpoint", uri: "endpoint" },
    });
  }
  const headers = readTexts(http, place, {
    key: "headers",
    isName: (name) => /^[!#$%&'*+.^_`|~\w-]+$/.test(name),
    wrong: (name) =>
      `Header "${name}" must be text with a name that HTTP takes`,
  });
  return {
    kind: "http",
    endpoint: readEndpoint(
      member(http, "endpoint"),
      placeOf(place, "endpoint"),
    ),
    ...(headers === undefined ? {} : { headers }),
  };
}
