/**
 * The consumption of events: which event is taken, and when it is enough.
 *
 * Pure, and apart from the task that listens, because a schedule on events
 * consumes in the same way.
 *
 * @module
 */

import { evaluateTemplate, isTruthy } from "../expr/evaluate.ts";
import type { Scope, Template } from "../expr/expression.ts";
import { ExpressionError } from "../expr/failure.ts";
import { eventData, rawEventData } from "../model/cloud_event.ts";
import type { CloudEvent } from "../model/durable.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  jsonEquals,
  member,
} from "../model/json.ts";
import { fitsPattern, readPattern } from "../workflow/event_pattern.ts";
import type {
  Consumption,
  Correlation,
  EventFilter,
  EventReading,
} from "../workflow/tree_events.ts";

/** What is consumed, and how it is seen. */
export interface Consumer {
  readonly to: Consumption;
  readonly read: EventReading;
  /** What an expression sees, given its `.`. */
  readonly scope: (at: Json) => Scope;
  /** What `.` is for what a correlation expects. */
  readonly input: Json;
}

/**
 * What a consumption has taken so far. It is JSON, so that it can be kept.
 *
 * {@linkcode offer} changes it in place: a list that grows by one with each
 * event must not be copied with each.
 */
export interface Consumed {
  /** The events taken, as they are read, in the order in which they came. */
  readonly events: Json[];
  /** Of `all`: the filters that have their event. */
  readonly filled: number[];
  /** Of correlations without `expect`: the first value of each. */
  readonly keys: Record<string, Json>;
  /** What `until` has taken. */
  readonly until?: Consumed;
  /** Whether it is enough. */
  done: boolean;
}

/** Where an event belongs. */
interface Match {
  readonly kind: "until" | "filter";
  /** Of `all`: which filter. */
  readonly index: number;
  /** Correlation values that are the first of their name. */
  readonly keys: Readonly<Record<string, Json>>;
}

/** The state of a consumption that has taken nothing yet. */
export function newConsumed(to: Consumption): Consumed {
  const until = to.kind === "any" && to.until?.kind === "events"
    ? newConsumed(to.until.to)
    : undefined;
  return {
    events: [],
    filled: [],
    keys: {},
    ...(until === undefined ? {} : { until }),
    done: false,
  };
}

/** Says whether an event would be taken; changes nothing. */
export function takes(
  consumer: Consumer,
  consumed: Consumed,
  event: CloudEvent,
): boolean {
  return matchOf(consumer, consumed, event) !== undefined;
}

/**
 * Offers an event.
 *
 * @returns Whether it was taken, and whether it is among those that count: one
 * that only ends the listening does not.
 * @throws {ExpressionError} When the condition of `until` fails. A filter that
 * fails on an event does not fit it.
 */
export function offer(
  consumer: Consumer,
  consumed: Consumed,
  event: CloudEvent,
): { readonly taken: boolean; readonly counts: boolean } {
  const match = matchOf(consumer, consumed, event);
  if (match === undefined) return { taken: false, counts: false };
  Object.assign(consumed.keys, match.keys);
  if (match.kind === "until") {
    takeForUntil(consumer, consumed, { match, event });
    return { taken: true, counts: false };
  }
  consumed.events.push(readEvent(event, consumer.read));
  fill(consumer, consumed, match);
  consumed.done = isEnough(consumer, consumed);
  return { taken: true, counts: true };
}

/** Reads an event as a task sees it. */
export function readEvent(event: CloudEvent, reading: EventReading): Json {
  switch (reading) {
    case "data":
      return eventData(event);
    case "envelope":
      return event;
    case "raw":
      return rawEventData(event);
  }
}

/**
 * The types of the events that can be meant, or `undefined` when that cannot
 * be known before an event is there.
 */
export function typesOf(to: Consumption): readonly string[] | undefined {
  const filters = filtersOf(to);
  if (filters.length === 0) return undefined;
  const ends = to.kind === "any" && to.until?.kind === "events"
    ? typesOf(to.until.to)
    : [];
  const types = filters.map(typeOf);
  if (ends === undefined || types.includes(undefined)) return undefined;
  const known = types.filter((it) => it !== undefined);
  return [...new Set([...known, ...ends])];
}

/** What decides which events are taken, and when they are enough. */
export function templatesOf(to: Consumption): readonly Template[] {
  const until = to.kind !== "any" || to.until === undefined
    ? []
    : to.until.kind === "condition"
    ? [to.until.condition]
    : templatesOf(to.until.to);
  const filters = filtersOf(to).flatMap((it) => [
    ...it.with.map(([, template]) => template),
    ...it.correlate.flatMap(({ from, expect }) =>
      expect === undefined ? [from] : [from, expect]
    ),
  ]);
  return [...filters, ...until];
}

function filtersOf(to: Consumption): readonly EventFilter[] {
  return to.kind === "one" ? [to.filter] : to.filters;
}

function typeOf(filter: EventFilter): string | undefined {
  for (const [name, template] of filter.with) {
    if (name !== "type" || template.kind !== "literal") continue;
    const { value } = template;
    const isText = typeof value === "string" &&
      readPattern(value).kind !== "pattern";
    if (isText) return value;
  }
  return undefined;
}

function isEnough({ to, scope }: Consumer, consumed: Consumed): boolean {
  switch (to.kind) {
    case "one":
      return true;
    case "all":
      return consumed.filled.length >= to.filters.length;
    case "any":
      if (to.until === undefined) return true;
      return to.until.kind === "condition" &&
        isTruthy(evaluateTemplate(to.until.condition, scope(consumed.events)));
  }
}

function takeForUntil(
  consumer: Consumer,
  consumed: Consumed,
  { match, event }: { readonly match: Match; readonly event: CloudEvent },
): void {
  const { until } = consumed;
  if (until === undefined) return;
  const inner = innerOf(consumer);
  if (inner === undefined) return;
  until.events.push(event.id ?? null);
  fill(inner, until, match);
  consumed.done = isEnough(inner, until);
}

/** Notes which filter has its event, where that counts. */
function fill({ to }: Consumer, consumed: Consumed, { index }: Match): void {
  if (to.kind === "all") consumed.filled.push(index);
}

/** The consumption that ends this one. */
function innerOf(consumer: Consumer): Consumer | undefined {
  const { to } = consumer;
  return to.kind === "any" && to.until?.kind === "events"
    ? { ...consumer, to: to.until.to }
    : undefined;
}

/** Where an event belongs; what ends the listening comes first. */
function matchOf(
  consumer: Consumer,
  consumed: Consumed,
  event: CloudEvent,
): Match | undefined {
  if (consumed.done) return undefined;
  const inner = innerOf(consumer);
  const ends = inner && consumed.until &&
    fillOf(inner, {
      event,
      filled: consumed.until.filled,
      keys: consumed.keys,
    });
  if (ends !== undefined) return { kind: "until", ...ends };
  const { filled, keys } = consumed;
  const fill = fillOf(consumer, { event, filled, keys });
  return fill && { kind: "filter", ...fill };
}

/** The first open filter that an event fits. */
function fillOf(
  consumer: Consumer,
  options: {
    readonly event: CloudEvent;
    readonly filled: readonly number[];
    readonly keys: Readonly<Record<string, Json>>;
  },
): Pick<Match, "index" | "keys"> | undefined {
  const { to } = consumer;
  const { event, filled, keys } = options;
  const filters = filtersOf(to);
  if (to.kind === "any" && filters.length === 0) return { index: 0, keys: {} };
  for (const [index, filter] of filters.entries()) {
    if (to.kind === "all" && filled.includes(index)) continue;
    const found = fits(consumer, filter, { event, keys });
    if (found !== undefined) return { index, keys: found };
  }
  return undefined;
}

/** The new correlation values of an event that fits; `undefined` if it does not. */
function fits(
  consumer: Consumer,
  filter: EventFilter,
  { event, keys }: {
    readonly event: CloudEvent;
    readonly keys: Readonly<Record<string, Json>>;
  },
): Readonly<Record<string, Json>> | undefined {
  try {
    // What costs nothing to compare comes first.
    const late = filter.with.filter(([, it]) => it.kind !== "literal");
    const early = filter.with.filter(([, it]) => it.kind === "literal");
    for (const [name, template] of [...early, ...late]) {
      if (!fitsAttribute(consumer, { name, template, event })) return undefined;
    }
    return correlate(consumer, filter.correlate, { event, keys });
  } catch (error) {
    // Anyone may send anything: what a filter cannot look at, it does not mean.
    const isOfFilter = error instanceof ExpressionError &&
      error.limit !== "time";
    if (isOfFilter) return undefined;
    throw error;
  }
}

function fitsAttribute(
  { scope }: Consumer,
  { name, template, event }: {
    readonly name: string;
    readonly template: Template;
    readonly event: CloudEvent;
  },
): boolean {
  const isData = name === "data";
  const value = isData ? eventData(event) : member(event, name);
  if (value === undefined) return false;
  return fitsTemplate(template, {
    value,
    scope: () => scope(isData ? value : event),
  });
}

function fitsTemplate(
  template: Template,
  seen: { readonly value: Json; readonly scope: () => Scope },
): boolean {
  const { value } = seen;
  switch (template.kind) {
    case "literal":
      return fitsConstant(template.value, value);
    case "object":
      return isJsonObject(value) && template.entries.every(([key, inner]) => {
        const part = member(value, key);
        return part !== undefined &&
          fitsTemplate(inner, { ...seen, value: part });
      });
    case "loose": {
      const result = evaluateTemplate(template, seen.scope());
      if (result === template.text) return fitsConstant(result, value);
      return fitsResult(result, value);
    }
    case "expression":
    case "text":
    case "array":
      return fitsResult(evaluateTemplate(template, seen.scope()), value);
  }
}

/** A boolean decides; what else an expression gives is compared as it is. */
function fitsResult(result: Json, value: Json): boolean {
  return typeof result === "boolean" ? result : contains(value, result);
}

function fitsConstant(wanted: Json, value: Json): boolean {
  if (typeof wanted === "string" && typeof value === "string") {
    return fitsPattern(wanted, value);
  }
  if (isJsonObject(wanted)) {
    return isJsonObject(value) &&
      Object.entries(wanted).every(([key, inner]) => {
        const part = member(value, key);
        return part !== undefined && fitsConstant(inner, part);
      });
  }
  return contains(value, wanted);
}

/** Whether a value is another one, or an object with at least its members. */
function contains(value: Json, wanted: Json): boolean {
  if (!isJsonObject(wanted) || isJsonArray(value) || !isJsonObject(value)) {
    return jsonEquals(value, wanted);
  }
  return Object.entries(wanted).every(([key, inner]) => {
    const part = member(value, key);
    return part !== undefined && contains(part, inner);
  });
}

function correlate(
  { scope, input }: Consumer,
  correlations: readonly Correlation[],
  { event, keys }: {
    readonly event: CloudEvent;
    readonly keys: Readonly<Record<string, Json>>;
  },
): Readonly<Record<string, Json>> | undefined {
  const found: Record<string, Json> = {};
  for (const { name, from, expect } of correlations) {
    const value = evaluateTemplate(from, scope(event));
    // What is not there is the same as nothing.
    if (value === null) return undefined;
    if (expect !== undefined) {
      const expected = evaluateTemplate(expect, scope(input));
      if (!isExpected(expected, value)) return undefined;
      continue;
    }
    const known = member(keys, name);
    if (known === undefined) found[name] = value;
    else if (!jsonEquals(known, value)) return undefined;
  }
  return found;
}

/** A constant is written as a text, whatever it stands for. */
function isExpected(expected: Json, value: Json): boolean {
  if (jsonEquals(expected, value)) return true;
  return typeof expected === "string" &&
    (typeof value === "number" || typeof value === "boolean") &&
    expected === String(value);
}
