/**
 * Which events are taken, and when they are enough: `one`, `all`, `any` with
 * or without `until`.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import { isJsonObject, type Json, member } from "../../model/json.ts";
import type { Place } from "../context.ts";
import { readTransform } from "../data_flow.ts";
import {
  checkKeys,
  placeOf,
  readArray,
  readChoice,
  readObject,
  reportError,
  reportType,
} from "../fields.ts";
import type { Consumption, EventFilter, EventReading } from "../tree_events.ts";
import { readEventFilter } from "./event_filter.ts";

/** Filters of one consumption at the most. */
const FILTERS_MAX = 100;
/** The strategies, by the key that names each. */
const STRATEGIES = ["one", "all", "any"] as const;

/** Reads how events are consumed. */
export function readConsumption(
  value: Json | undefined,
  place: Place,
): Consumption | undefined {
  const object = readObject(value, place);
  if (object === undefined) return undefined;
  checkKeys(object, place, {
    known: [...STRATEGIES, "until"],
    what: "what to listen to",
    instead: { event: "one", events: "all", with: "one", while: "until" },
  });
  const given = STRATEGIES.filter((key) => member(object, key) !== undefined);
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    reportError(place, {
      message: kind === undefined
        ? "This does not say which events are meant"
        : `"${given.join('" and "')}" exclude each other`,
      hint: 'Give one of "one", "all" and "any"',
    });
    return undefined;
  }
  const strategy = member(object, kind);
  const at = placeOf(place, kind);
  if (kind === "any") return readAny(strategy, until(object, place), at);
  refuseUntil(member(object, "until"), placeOf(place, "until"));
  if (kind === "all") {
    const filters = readFilters(strategy, at);
    if (filters?.length === 0) {
      reportError(at, { message: '"all" needs at least one filter' });
    }
    return filters && { kind, filters };
  }
  const filter = readEventFilter(strategy, at);
  return filter && { kind, filter };
}

/** Reads how much of an event is seen. */
export function readEventReading(
  value: Json | undefined,
  place: Place,
): EventReading {
  return readChoice(value, place, ["data", "envelope", "raw"]) ?? "data";
}

function until(
  object: Parameters<typeof member>[0],
  place: Place,
): { readonly value: Json | undefined; readonly place: Place } {
  return { value: member(object, "until"), place: placeOf(place, "until") };
}

function readAny(
  value: Json | undefined,
  end: { readonly value: Json | undefined; readonly place: Place },
  place: Place,
): Consumption | undefined {
  const filters = readFilters(value, place);
  if (filters === undefined) return undefined;
  const read = end.value === undefined
    ? undefined
    : readUntil(end.value, end.place);
  return {
    kind: "any",
    filters,
    ...(read === undefined ? {} : { until: read }),
  };
}

function readUntil(
  value: Json,
  place: Place,
): Extract<Consumption, { kind: "any" }>["until"] {
  if (isJsonObject(value)) {
    refuseUntil(member(value, "until"), placeOf(place, "until"));
    const to = readConsumption(value, place);
    return to && { kind: "events", to };
  }
  const condition = readUntilCondition(value, place);
  return condition && { kind: "condition", condition };
}

function readUntilCondition(value: Json, place: Place): Template | undefined {
  if (typeof value === "boolean") return { kind: "literal", value };
  if (typeof value === "string") return readTransform(value, place);
  reportType(
    place,
    'an expression, or an object with "one", "all" or "any"',
    value,
  );
  return undefined;
}

/** Notes an `until` where it has no meaning. */
function refuseUntil(value: Json | undefined, place: Place): void {
  if (value === undefined) return;
  reportError(place, {
    atKey: true,
    message: '"until" goes with "any" only, and not inside another "until"',
  });
}

function readFilters(
  value: Json | undefined,
  place: Place,
): readonly EventFilter[] | undefined {
  const items = readArray(value, place);
  if (items === undefined) return undefined;
  if (items.length > FILTERS_MAX) {
    reportError(place, {
      message: `${items.length} filters are too many, at most ${FILTERS_MAX} ` +
        "are taken",
    });
    return undefined;
  }
  return items.flatMap((item, i) =>
    readEventFilter(item, placeOf(place, i)) ?? []
  );
}
