/**
 * `emit`: emits an event.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import { attributeProblem } from "../../model/cloud_event.ts";
import { type Json, member } from "../../model/json.ts";
import type { Place, TaskPlace } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import { checkKeys, placeOf, readObject, reportError } from "../fields.ts";
import type { EmitTask } from "../tree_events.ts";
import { uriTemplateProblem } from "../uri_template.ts";
import { readBase } from "./_base.ts";
import {
  ATTRIBUTES_INSTEAD,
  checkAttributeName,
  requiredWith,
} from "./event_filter.ts";

/** Attributes that may be URI templates. */
export const TEMPLATED_ATTRIBUTES: readonly string[] = ["source", "dataschema"];

/** Reads an `emit` task. */
export function readEmit(place: TaskPlace): EmitTask {
  const base = readBase(place, { kind: "emit", known: ["emit"] });
  const at = placeOf(place, "emit");
  const emit = readObject(member(place.object, "emit"), at) ?? {};
  checkKeys(emit, at, {
    known: ["event"],
    required: ["event"],
    what: 'the "emit" of a task',
    instead: { with: "event" },
  });
  const eventAt = placeOf(at, "event");
  const event = readObject(member(emit, "event"), eventAt) ?? {};
  checkKeys(event, eventAt, {
    known: ["with"],
    required: member(emit, "event") === undefined ? [] : requiredWith(event),
    what: "an event to emit",
    instead: ATTRIBUTES_INSTEAD,
  });
  return {
    ...base,
    kind: "emit",
    event: readAttributes(member(event, "with"), placeOf(eventAt, "with")),
  };
}

function readAttributes(value: Json | undefined, place: Place): Template {
  const object = readObject(value, place) ?? {};
  if (value !== undefined && member(object, "type") === undefined) {
    reportError(place, { message: 'An event needs "type"' });
  }
  return {
    kind: "object",
    entries: Object.entries(object).flatMap(([name, given]) => {
      const at = placeOf(place, name);
      checkAttributeName(name, at);
      const template = readTemplate(given, at);
      if (template === undefined) return [];
      checkLiteral(name, template, at);
      return [[name, template] as const];
    }),
  };
}

/** Notes what no event can have there. */
function checkLiteral(name: string, template: Template, place: Place): void {
  if (template.kind !== "literal") return;
  const { value } = template;
  // No data is no fault; an attribute that is there has a value.
  if (value === null && name.startsWith("data")) return;
  const isTemplate = TEMPLATED_ATTRIBUTES.includes(name) &&
    typeof value === "string" && value.includes("{");
  if (isTemplate) {
    const broken = uriTemplateProblem(value);
    if (broken !== undefined) reportError(place, broken);
    return;
  }
  if (!/^[a-z0-9]+$/.test(name)) return;
  const problem = attributeProblem(name, value);
  if (problem === undefined) return;
  reportError(place, { message: `"${name}" ${problem}` });
}
