/**
 * `emit`: keeps an event and hands it to whoever listens, once.
 *
 * @module
 */

import type { Template } from "../expr/expression.ts";
import { completeEvent, eventProblem } from "../model/cloud_event.ts";
import type { CloudEvent } from "../model/durable.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { sha256Hex } from "../model/sha256.ts";
import { TEMPLATED_ATTRIBUTES } from "../workflow/tasks/emit.ts";
import { expandUriTemplate } from "../workflow/uri_template.ts";
import type { EmitTask } from "../workflow/tree_events.ts";
import { emitEvent } from "./_commands.ts";
import { article, fault, give } from "./_evaluate.ts";
import { shown } from "./_seals.ts";
import type { End, Place, Walk } from "./_walk.ts";
import { settle } from "./call_http.ts";

/** Emits the event that the task describes, which is its output. */
export function runEmit(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: EmitTask; readonly end: End },
): void {
  emitEvent(walk, place, {
    event: eventOf(walk, place, task),
    listener: (event) => settle(event, { task, end }),
  });
}

function eventOf(walk: Walk, place: Place, task: EmitTask): CloudEvent {
  const what = "emit.event.with";
  // An event is for others, too: nobody can open its references.
  const template = expanded(task.event, shown(walk.seals, place.input));
  const given = shown(walk.seals, give(walk, place, { template, what }));
  if (!isJsonObject(given)) {
    throw fault(
      place,
      "validation",
      `Task "${task.name}" needs an object for "${what}", not ${
        article(given)
      }`,
    );
  }
  const event = completeEvent(given, {
    id: eventId(walk, place),
    source: `/stigmer/workflows/${encodeURIComponent(walk.plan.name)}` +
      `/executions/${walk.executionId}`,
    nowMs: walk.nowMs,
  });
  const problem = eventProblem(event);
  if (problem === undefined) return event;
  const { attribute, message } = problem;
  const subject = attribute === "" ? "it" : `its "${attribute}"`;
  throw fault(
    place,
    "validation",
    `Task "${task.name}" cannot emit its event: ${subject} ${message}`,
  );
}

/** The event with its URI templates filled in, where the definition has some. */
function expanded(template: Template, input: Json): Template {
  if (template.kind !== "object") return template;
  const values = isJsonObject(input) ? input : {};
  return {
    ...template,
    entries: template.entries.map(([name, it]) =>
      TEMPLATED_ATTRIBUTES.includes(name) && it.kind === "literal" &&
        typeof it.value === "string"
        ? [name, { ...it, value: expandUriTemplate(it.value, values) }]
        : [name, it]
    ),
  };
}

/**
 * The same for each replay, and for nothing else: a UUID of version 8, made of
 * the place in the run.
 */
function eventId(walk: Walk, place: Place): string {
  const name = `${walk.executionId}${place.path}#${place.attempt}`;
  const hex = sha256Hex(new TextEncoder().encode(name));
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
