/**
 * `call: grpc`: resolves what the method is called with; the activity reads
 * the description of the service and calls it.
 *
 * @module
 */

import type { GrpcTask } from "../workflow/tree_calls.ts";
import { runActivity } from "./_commands.ts";
import { effectInput } from "./_effect_input.ts";
import { authenticationInput, resourceInput } from "./_endpoint.ts";
import type { End, Place, Walk } from "./_walk.ts";
import { settle } from "./call_http.ts";

/** Calls the method that the task names. */
export function runGrpc(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: GrpcTask; readonly end: End },
): void {
  const { service } = task;
  runActivity(walk, place, {
    request: {
      activity: "grpc",
      ...effectInput(walk, place, (eyes) => ({
        proto: resourceInput(eyes, task.proto, "with.proto"),
        service: eyes.giveText(service.name, "with.service.name"),
        host: eyes.giveText(service.host, "with.service.host"),
        port: eyes.optional(service.port, "with.service.port"),
        authentication: authenticationInput(
          eyes,
          service.authentication,
          "with.service",
        ),
        method: eyes.giveText(task.method, "with.method"),
        arguments: eyes.optional(task.arguments, "with.arguments"),
      })),
      announced: true,
    },
    listener: (event) => settle(event, { task, end }),
  });
}
