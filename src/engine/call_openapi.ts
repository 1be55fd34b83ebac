/**
 * `call: openapi`: resolves what the operation is called with; the activity
 * reads the document and sends the request.
 *
 * @module
 */

import type { OpenApiTask } from "../workflow/tree_calls.ts";
import { runActivity } from "./_commands.ts";
import { effectInput } from "./_effect_input.ts";
import { authenticationInput, resourceInput } from "./_endpoint.ts";
import type { End, Place, Walk } from "./_walk.ts";
import { settle } from "./call_http.ts";

/** Calls the operation that the task names. */
export function runOpenApi(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: OpenApiTask; readonly end: End },
): void {
  runActivity(walk, place, {
    request: {
      activity: "openapi",
      ...effectInput(walk, place, (eyes) => ({
        document: resourceInput(eyes, task.document, "with.document"),
        operationId: eyes.giveText(task.operationId, "with.operationId"),
        parameters: eyes.optional(task.parameters, "with.parameters"),
        authentication: authenticationInput(eyes, task.authentication, "with"),
        result: task.result,
        redirect: task.redirect,
      })),
      announced: true,
    },
    listener: (event) => settle(event, { task, end }),
  });
}
