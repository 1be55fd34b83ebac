/**
 * `call: mcp`: resolves the request to a tool server, and leaves the asking to
 * the activity.
 *
 * @module
 */

import type { JsonObject } from "../model/json.ts";
import type { McpTask } from "../workflow/tree_calls.ts";
import { runActivity } from "./_commands.ts";
import { effectInput, type Eyes } from "./_effect_input.ts";
import { endpointInput } from "./_endpoint.ts";
import { giveDuration } from "./_evaluate.ts";
import type { End, Place, Walk } from "./_walk.ts";
import { settle } from "./call_http.ts";

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
    transport: transportInput(eyes, task.transport),
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
  eyes: Eyes,
  transport: McpTask["transport"],
): JsonObject {
  const { optional } = eyes;
  if (transport.kind === "http") {
    const what = "with.transport.http";
    return {
      http: {
        endpoint: endpointInput(eyes, transport.endpoint, `${what}.endpoint`),
        headers: optional(transport.headers, `${what}.headers`),
      },
    };
  }
  const what = "with.transport.stdio";
  return {
    stdio: {
      command: eyes.giveText(transport.command, `${what}.command`),
      arguments: optional(transport.arguments, `${what}.arguments`),
      environment: optional(transport.environment, `${what}.environment`),
    },
  };
}
