/**
 * `call: http`: resolves the request, and leaves the sending to the activity.
 *
 * @module
 */

import type { JournalEvent } from "../model/durable.ts";
import { failureFromJson } from "../model/failure.ts";
import type { Task } from "../workflow/tree.ts";
import type { HttpTask } from "../workflow/tree_calls.ts";
import { runActivity } from "./_commands.ts";
import { effectInput } from "./_effect_input.ts";
import { addressOf, authenticationInput } from "./_endpoint.ts";
import { giveDuration } from "./_evaluate.ts";
import type { End, Place, Walk } from "./_walk.ts";

/** Sends the request that the task describes. */
export function runHttp(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: HttpTask; readonly end: End },
): void {
  const input = effectInput(walk, place, (eyes) => ({
    method: eyes.giveText(task.method, "with.method").toUpperCase(),
    url: addressOf(eyes, task.endpoint.uri, "with.endpoint"),
    headers: eyes.optional(task.headers, "with.headers"),
    query: eyes.optional(task.query, "with.query"),
    body: eyes.optional(task.body, "with.body"),
    result: task.result,
    redirect: task.redirect,
    authentication: authenticationInput(
      eyes,
      task.endpoint.authentication,
      "with.endpoint",
    ),
  }));
  runActivity(walk, place, {
    request: {
      activity: "http",
      ...input,
      announced: true,
      ...timeoutOption(walk, place),
    },
    listener: (event) => settle(event, { task, end }),
  });
}

/** Takes the result of an effect. */
export function settle(
  event: JournalEvent,
  { task, end }: { readonly task: Task; readonly end: End },
): void {
  if (event.type === "TASK_COMPLETED") return end.done(event.data, task.then);
  const failure = failureFromJson(event.data);
  end.failed({ ...failure, instance: task.pointer });
}

/** The time limit of an effect, from its task. */
export function timeoutOption(
  walk: Walk,
  place: Place,
): { readonly timeoutMs?: number } {
  const duration = place.task.timeout;
  if (duration === undefined) return {};
  return {
    timeoutMs: giveDuration(walk, place, { duration, what: "timeout" }),
  };
}
