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
import { give, giveDuration, giveText } from "./_evaluate.ts";
import type { End, Place, Walk } from "./_walk.ts";

/** Sends the request that the task describes. */
export function runHttp(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: HttpTask; readonly end: End },
): void {
  const optional = (template: Template | undefined, what: string): Json =>
    template === undefined ? null : give(walk, place, { template, what });
  const input: Json = {
    method: giveText(walk, place, {
      template: task.method,
      what: "with.method",
    }).toUpperCase(),
    url: endpoint(walk, place, task.endpoint.uri),
    headers: optional(task.headers, "with.headers"),
    query: optional(task.query, "with.query"),
    body: optional(task.body, "with.body"),
    hasBody: task.body !== undefined,
    result: task.result,
    redirect: task.redirect,
  };
  runActivity(walk, place, {
    request: {
      activity: "http",
      input,
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
function endpoint(walk: Walk, place: Place, template: Template): string {
  const what = "with.endpoint";
  const values = isJsonObject(place.input) ? place.input : {};
  if (template.kind === "literal") {
    const text = giveText(walk, place, { template, what });
    return expand(text, values);
  }
  if (template.kind === "text") {
    return template.parts.map((part) =>
      typeof part === "string" ? expand(part, values) : asText(
        give(walk, place, {
          template: { kind: "expression", expression: part },
          what,
        }),
      )
    ).join("");
  }
  return giveText(walk, place, { template, what });
}

function expand(text: string, values: JsonObject): string {
  return text.includes("{") ? expandUriTemplate(text, values) : text;
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
