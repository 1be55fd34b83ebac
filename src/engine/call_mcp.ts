/**
 * `call: mcp`: resolves the request to a tool server, and leaves the asking to
 * the activity.
 *
 * @module
 */

import type { Template } from "../expr/expression.ts";
import {
  isJsonArray,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import type { McpTask } from "../workflow/tree_calls.ts";
import { runActivity } from "./_commands.ts";
import { effectInput, type Eyes } from "./_effect_input.ts";
import { endpointInput } from "./_endpoint.ts";
import { fault, giveDuration } from "./_evaluate.ts";
import type { End, Place, Walk } from "./_walk.ts";
import { settle } from "./call_http.ts";

type Transport<Kind> = Extract<McpTask["transport"], { readonly kind: Kind }>;

/** Sends the request that the task describes. */
export function runMcp(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: McpTask; readonly end: End },
): void {
  const timeoutMs = timeoutOf(walk, place, task);
  const input = effectInput(walk, place, (eyes) => ({
    method: task.method,
    parameters: eyes.optional(task.parameters, "with.parameters"),
    protocolVersion: task.protocolVersion ?? null,
    client: task.client === undefined ? null : { ...task.client },
    timeoutMs,
    transport: transportInput(walk, { place, eyes, transport: task.transport }),
  }));
  runActivity(walk, place, {
    request: { activity: "mcp", ...input, announced: true },
    listener: (event) => settle(event, { task, end }),
  });
}

/** How long the server may take: what the call says, else what the task says. */
function timeoutOf(walk: Walk, place: Place, task: McpTask): number | null {
  if (task.callTimeout !== undefined) {
    const duration = task.callTimeout;
    return giveDuration(walk, place, { duration, what: "with.timeout" });
  }
  if (task.timeout === undefined) return null;
  return giveDuration(walk, place, { duration: task.timeout, what: "timeout" });
}

function transportInput(
  walk: Walk,
  { place, eyes, transport }: {
    readonly place: Place;
    readonly eyes: Eyes;
    readonly transport: McpTask["transport"];
  },
): JsonObject {
  switch (transport.kind) {
    case "applied":
      return { applied: appliedServer(walk, place, transport.server) };
    case "http":
      return httpInput(eyes, transport);
    case "stdio":
      return stdioInput(eyes, transport);
  }
}

/** The version of it that the run has pinned. */
function appliedServer(walk: Walk, place: Place, name: string): Json {
  const server = member(walk.servers, name);
  if (server !== undefined) return server;
  throw fault(
    place,
    "configuration",
    `Task "${place.task.name}" names MCP server "${name}", of which its run ` +
      "has no version",
  );
}

function httpInput(eyes: Eyes, { endpoint, headers }: Transport<"http">) {
  const what = "with.transport.http";
  return {
    http: {
      endpoint: endpointInput(eyes, endpoint, `${what}.endpoint`),
      headers: eyes.optional(headers, `${what}.headers`),
      written: writtenText(endpoint.uri),
    },
  };
}

function stdioInput(eyes: Eyes, transport: Transport<"stdio">) {
  const what = "with.transport.stdio";
  const { command, environment } = transport;
  return {
    stdio: {
      command: eyes.giveText(command, `${what}.command`),
      arguments: eyes.optional(transport.arguments, `${what}.arguments`),
      environment: eyes.optional(environment, `${what}.environment`),
      written: [
        writtenText(command),
        ...writtenTexts(transport.arguments ?? { kind: "array", items: [] }),
      ],
    },
  };
}

/** The items of a list as they are written, or what computes them. */
function writtenTexts(template: Template): readonly string[] {
  if (template.kind === "array") return template.items.map(writtenText);
  if (template.kind !== "literal") return [writtenText(template)];
  return isJsonArray(template.value)
    ? template.value.map((value) => writtenText({ kind: "literal", value }))
    : [];
}

/** A field as it is written: what is kept of a server has no data in it. */
function writtenText(template: Template): string {
  switch (template.kind) {
    case "literal":
      return typeof template.value === "string"
        ? template.value
        : JSON.stringify(template.value);
    case "expression":
      return `\${ ${template.expression.source} }`;
    case "text":
      return template.parts.map((it) =>
        typeof it === "string" ? it : `\${ ${it.source} }`
      ).join("");
    case "loose":
      return template.text;
    case "array":
    case "object":
      return "${ … }";
  }
}
