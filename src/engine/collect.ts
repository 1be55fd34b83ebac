/**
 * Collects the events that start a workflow.
 *
 * Pure. Several collections can be open at once: an event that none of them
 * takes begins another one, so that the orders of two customers do not get
 * into each other's way, and nothing is lost while one is incomplete.
 *
 * @module
 */

import type { CloudEvent } from "../model/durable.ts";
import { isJsonArray, isJsonObject, type Json, member } from "../model/json.ts";
import { type Consumed, type Consumer, newConsumed, offer } from "./consume.ts";

/** Collections open at once at the most; past them the oldest is given up. */
export const COLLECTIONS_MAX = 1000;
/** Events of one collection at the most. */
export const COLLECTED_MAX = 10_000;

/** What became of an event. */
export type Collected =
  /** Nothing took it, or it would only end what has not begun. */
  | { readonly kind: "passed" }
  /** `lost` says what was given up for it. */
  | { readonly kind: "kept"; readonly lost?: string }
  /** It was the last one: the events as they are read. */
  | { readonly kind: "complete"; readonly events: readonly Json[] };

/**
 * Offers an event to what is open; `open` is changed in place.
 *
 * @throws {ExpressionError} When the condition of `until` fails; that
 * collection is given up.
 */
export function collect(
  consumer: Consumer,
  open: Consumed[],
  event: CloudEvent,
): Collected {
  for (const consumed of open) {
    const { taken } = offered(consumer, { consumed, open, event });
    if (taken) return after(consumed, open);
  }
  const fresh = newConsumed(consumer.to);
  open.push(fresh);
  const { counts } = offered(consumer, { consumed: fresh, open, event });
  if (counts) return after(fresh, open);
  open.pop();
  return { kind: "passed" };
}

function offered(
  consumer: Consumer,
  { consumed, open, event }: {
    readonly consumed: Consumed;
    readonly open: Consumed[];
    readonly event: CloudEvent;
  },
): ReturnType<typeof offer> {
  try {
    return offer(consumer, consumed, event);
  } catch (error) {
    remove(open, consumed);
    throw error;
  }
}

function after(consumed: Consumed, open: Consumed[]): Collected {
  if (consumed.done) {
    remove(open, consumed);
    return { kind: "complete", events: consumed.events };
  }
  if (consumed.events.length > COLLECTED_MAX) {
    remove(open, consumed);
    return {
      kind: "kept",
      lost: `A collection of more than ${COLLECTED_MAX} events was given up`,
    };
  }
  if (open.length > COLLECTIONS_MAX) {
    open.shift();
    return {
      kind: "kept",
      lost:
        `The oldest collection was given up: ${COLLECTIONS_MAX} are open, ` +
        "and wait for their other events",
    };
  }
  return { kind: "kept" };
}

function remove(open: Consumed[], consumed: Consumed): void {
  open.splice(open.indexOf(consumed), 1);
}

/** Reads collections from the JSON that they were kept as. */
export function collectionsFromJson(json: Json): Consumed[] {
  const open = isJsonObject(json) ? member(json, "open") : undefined;
  return isJsonArray(open) ? open.map(consumedFromJson) : [];
}

/** Writes collections as JSON. */
export function collectionsToJson(open: readonly Consumed[]): Json {
  return open.length === 0 ? {} : { open: open.map(consumedToJson) };
}

function consumedToJson(consumed: Consumed): Json {
  const { events, filled, keys, until, done } = consumed;
  return {
    events,
    filled,
    keys,
    done,
    ...(until === undefined ? {} : { until: consumedToJson(until) }),
  };
}

function consumedFromJson(json: Json): Consumed {
  const object = isJsonObject(json) ? json : {};
  const events = member(object, "events");
  const filled = member(object, "filled");
  const keys = member(object, "keys");
  const until = member(object, "until");
  return {
    events: isJsonArray(events) ? [...events] : [],
    filled: isJsonArray(filled) ? filled.map(Number) : [],
    keys: isJsonObject(keys) ? { ...keys } : {},
    done: member(object, "done") === true,
    ...(until === undefined ? {} : { until: consumedFromJson(until) }),
  };
}
