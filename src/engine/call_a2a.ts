/**
 * `call: a2a`: resolves what the agent is asked; the activity finds the agent
 * and asks it.
 *
 * @module
 */

import type { A2aTask } from "../workflow/tree_calls.ts";
import { runActivity } from "./_commands.ts";
import { effectInput } from "./_effect_input.ts";
import { endpointInput, resourceInput } from "./_endpoint.ts";
import type { End, Place, Walk } from "./_walk.ts";
import { settle } from "./call_http.ts";

/** Calls the agent that the task names. */
export function runA2a(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: A2aTask; readonly end: End },
): void {
  runActivity(walk, place, {
    request: {
      activity: "a2a",
      ...effectInput(walk, place, (eyes) => ({
        agentCard: resourceInput(eyes, task.agentCard, "with.agentCard"),
        server: task.server === undefined
          ? null
          : endpointInput(eyes, task.server, "with.server"),
        method: task.method,
        parameters: eyes.optional(task.parameters, "with.parameters"),
      })),
      announced: true,
    },
    listener: (event) => settle(event, { task, end }),
  });
}
