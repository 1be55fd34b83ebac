/**
 * Which events are meant: `with` and `correlate`.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import { isAttribute } from "../../model/cloud_event.ts";
import { type Json, type JsonObject, member } from "../../model/json.ts";
import { nearestName } from "../../model/near.ts";
import type { Place } from "../context.ts";
import { readTemplate, readTransform } from "../data_flow.ts";
import { readPattern } from "../event_pattern.ts";
import {
  checkKeys,
  placeOf,
  readObject,
  readString,
  reportError,
  reportType,
  reportWarning,
} from "../fields.ts";
import type { Correlation, EventFilter } from "../tree_events.ts";

/** Attributes that stand one level too high. */
export const ATTRIBUTES_INSTEAD: Readonly<Record<string, string>> = {
  type: "with.type",
  source: "with.source",
  subject: "with.subject",
  data: "with.data",
};

/** `with` is needed; where its attributes stand beside it, that is all said. */
export function requiredWith(object: JsonObject): readonly string[] {
  const isFlat = Object.keys(ATTRIBUTES_INSTEAD)
    .some((key) => member(object, key) !== undefined);
  return isFlat ? [] : ["with"];
}

/** Reads a filter. */
export function readEventFilter(
  value: Json | undefined,
  place: Place,
): EventFilter | undefined {
  const object = readObject(value, place);
  if (object === undefined) return undefined;
  checkKeys(object, place, {
    known: ["with", "correlate"],
    required: requiredWith(object),
    what: "an event filter",
    instead: { correlation: "correlate", ...ATTRIBUTES_INSTEAD },
  });
  return {
    with: readAttributes(member(object, "with"), placeOf(place, "with")),
    correlate: readCorrelations(
      member(object, "correlate"),
      placeOf(place, "correlate"),
    ),
  };
}

function readAttributes(
  value: Json | undefined,
  place: Place,
): EventFilter["with"] {
  const object = readObject(value, place);
  if (object === undefined) return [];
  if (Object.keys(object).length === 0) {
    reportError(place, {
      message: "A filter needs at least one attribute",
      hint: 'Name one, as "type", or listen to every event with "any: []"',
    });
  }
  return attributesOf(object, place);
}

/** Attributes that are texts in every event. */
const TEXT_ATTRIBUTES: readonly string[] = [
  "id",
  "source",
  "specversion",
  "type",
  "subject",
  "datacontenttype",
  "dataschema",
  "time",
];

/** Reads attributes as pairs; what stands for a text is checked as a pattern. */
function attributesOf(
  object: JsonObject,
  place: Place,
): readonly (readonly [string, Template])[] {
  return Object.entries(object).flatMap(([name, value]) => {
    const at = placeOf(place, name);
    checkAttributeName(name, at);
    if (TEXT_ATTRIBUTES.includes(name) && typeof value !== "string") {
      reportType(at, "a string", value);
    }
    const template = readTemplate(value, at);
    if (template === undefined) return [];
    noteMistaken(name, template, at);
    checkPattern(template, at);
    return [[name, template] as const];
  });
}

/** Notes a name that no event can have. */
export function checkAttributeName(name: string, place: Place): void {
  if (!isAttribute(name) || /^[a-z0-9]+$/.test(name)) return;
  const lower = name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  reportError(place, {
    atKey: true,
    message: `"${name}" is no name of an event's attribute: use lower-case ` +
      "letters and digits",
    ...(lower === "" ? {} : { hint: `Did you mean "${lower}"?` }),
  });
}

/** A path, alone or compared: what people write where a condition is meant. */
const CONDITION_REGEXP =
  /^\s*\.[A-Za-z_][\w.[\]]*\s*(?:$|[=!<>]=|[<>|]|and\b|or\b)/;

/** Warns of what is allowed, and hardly ever meant. */
function noteMistaken(name: string, template: Template, place: Place): void {
  const known = [...TEXT_ATTRIBUTES, "data"];
  const isOwn = /^[a-z0-9]+$/.test(name) && !known.includes(name);
  const near = isOwn ? nearestName(name, known) : undefined;
  if (near !== undefined) {
    reportWarning(place, {
      atKey: true,
      message: `"${name}" is taken for an attribute of the event's own`,
      hint: `Did you mean "${near}"?`,
    });
  }
  if (name !== "data" || template.kind !== "literal") return;
  const { value } = template;
  if (typeof value !== "string" || !CONDITION_REGEXP.test(value)) return;
  reportWarning(place, {
    message: "This is compared with the data as a text",
    hint: `Write a condition as "\${ ${value.trim()} }"`,
  });
}

function checkPattern(template: Template, place: Place): void {
  const text = literalText(template);
  if (text === undefined) return;
  const pattern = readPattern(text);
  if (pattern.kind === "refused") {
    reportError(place, {
      message: `This regular expression may take too long: ${pattern.reason}`,
      hint: "Write it as several filters, or compare in an expression",
    });
  } else if (pattern.kind === "broken") {
    reportWarning(place, {
      message: "This is taken as it stands, because it is no regular " +
        `expression: ${pattern.reason}`,
    });
  }
}

/** The text that a template is, when it is one; also where it may be one. */
function literalText(template: Template): string | undefined {
  if (template.kind === "loose") return template.text;
  return template.kind === "literal" && typeof template.value === "string"
    ? template.value
    : undefined;
}

function readCorrelations(
  value: Json | undefined,
  place: Place,
): readonly Correlation[] {
  const object = readObject(value, place);
  return Object.entries(object ?? {}).flatMap(([name, entry]) =>
    readCorrelation(name, entry, placeOf(place, name)) ?? []
  );
}

function readCorrelation(
  name: string,
  value: Json,
  place: Place,
): Correlation | undefined {
  const object = readObject(value, place);
  if (object === undefined) return undefined;
  checkKeys(object, place, {
    known: ["from", "expect"],
    required: ["from"],
    what: "a correlation",
    instead: { to: "expect", with: "from", equals: "expect" },
  });
  const at = placeOf(place, "from");
  const from = readTransform(readString(member(object, "from"), at), at);
  const expect = readTemplate(
    member(object, "expect"),
    placeOf(place, "expect"),
  );
  if (from === undefined) return undefined;
  return { name, from, ...(expect === undefined ? {} : { expect }) };
}
