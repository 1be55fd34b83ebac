/**
 * `call: http`: resolves the request, and leaves the sending to the activity.
 *
 * @module
 */

import type { JournalEvent } from "../model/durable.ts";
import { failureFromJson } from "../model/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { Template } from "../expr/expression.ts";
import type { Task } from "../workflow/tree.ts";
import type { HttpTask } from "../workflow/tree_calls.ts";
import { expandUriTemplate } from "../workflow/uri_template.ts";
import { runActivity } from "./_commands.ts";
import { effectInput, type Eyes } from "./_effect_input.ts";
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
    url: endpoint(eyes, task.endpoint.uri),
    headers: eyes.optional(task.headers, "with.headers"),
    query: eyes.optional(task.query, "with.query"),
    body: eyes.optional(task.body, "with.body"),
    hasBody: task.body !== undefined,
    result: task.result,
    redirect: task.redirect,
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

/**
 * The address: what the definition writes is a URI template over the input;
 * what an expression gives is data, and taken as it is.
 */
function endpoint(eyes: Eyes, template: Template): string {
  const what = "with.endpoint";
  const values = isJsonObject(eyes.input) ? eyes.input : {};
  if (template.kind === "literal") {
    return expand(eyes.giveText(template, what), values);
  }
  if (template.kind === "text") {
    return template.parts.map((part) =>
      typeof part === "string" ? expand(part, values) : asText(
        eyes.give({ kind: "expression", expression: part }, what),
      )
    ).join("");
  }
  return eyes.giveText(template, what);
}

function expand(text: string, values: JsonObject): string {
  return text.includes("{") ? expandUriTemplate(text, values) : text;
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
