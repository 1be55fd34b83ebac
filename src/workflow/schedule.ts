/**
 * Reads `schedule`: when a workflow starts by itself.
 *
 * @module
 */

import { type Json, type JsonObject, member } from "../model/json.ts";
import type { Place } from "./context.ts";
import { readCron } from "./cron.ts";
import {
  checkKeys,
  placeOf,
  readObject,
  readString,
  reportError,
  reportStricter,
} from "./fields.ts";
import { readConsumption, readEventReading } from "./tasks/consumption.ts";
import { readDuration } from "./times.ts";
import type { GraphInput } from "./tree.ts";
import type { Schedule } from "./tree_events.ts";

/** What a schedule may go by; exactly one of them. */
const WAYS = ["every", "cron", "after", "on"] as const;

/** What lies between two ticks at the least; cron cannot say less, either. */
const INTERVAL_MS_MIN = 1000;

/** The input of a graph that takes the events which start it. */
export const EVENTS_INPUT = "events";

/** Reads a schedule. */
export function readSchedule(
  value: Json | undefined,
  place: Place,
): Schedule | undefined {
  const object = readObject(value, place);
  if (object === undefined) return undefined;
  checkKeys(object, place, {
    known: [...WAYS, "read"],
    what: "a schedule",
    instead: { interval: "every", delay: "after", events: "on" },
  });
  const given = WAYS.filter((way) => member(object, way) !== undefined);
  const [way, other] = given;
  if (way === undefined || other !== undefined) {
    reportError(place, {
      message: way === undefined
        ? 'A schedule needs "every", "cron", "after" or "on"'
        : `A schedule has one of "every", "cron", "after" and "on", not ` +
          given.map((it) => `"${it}"`).join(" and "),
    });
    return undefined;
  }
  if (way !== "on" && member(object, "read") !== undefined) {
    reportError(placeOf(place, "read"), {
      atKey: true,
      message: 'Only a schedule with "on" has "read"',
    });
  }
  return readWay(way, object, place);
}

function readWay(
  way: typeof WAYS[number],
  object: JsonObject,
  place: Place,
): Schedule | undefined {
  const at = placeOf(place, way);
  switch (way) {
    case "every": {
      const interval = readLength(member(object, way), at);
      if (interval !== undefined && interval.ms < INTERVAL_MS_MIN) {
        reportStricter(at, {
          message: "A schedule starts at most once a second",
          hint: "Let one execution do several rounds, with for and wait",
        });
      }
      return interval && { kind: "every", interval };
    }
    case "after": {
      const delay = readLength(member(object, way), at);
      return delay && { kind: "after", delay };
    }
    case "cron": {
      const text = readString(member(object, way), at, "0 0 * * *");
      return text === undefined ? undefined : readRule(text, at);
    }
    case "on": {
      const to = readConsumption(member(object, way), withoutVariables(at));
      const read = readEventReading(
        member(object, "read"),
        placeOf(place, "read"),
      );
      return to && { kind: "on", to, read };
    }
  }
}

/** Nothing runs yet, so that expressions see the event and nothing else. */
function withoutVariables({ context, pointer }: Place): Place {
  return { context: { ...context, variables: new Set() }, pointer };
}

function readRule(text: string, place: Place): Schedule | undefined {
  const rule = readCron(text);
  if (!("message" in rule)) return { kind: "cron", ...rule };
  reportError(place, rule);
  return undefined;
}

/** Reads a length that stands in the definition and is not nothing. */
function readLength(
  value: Json | undefined,
  place: Place,
): { readonly kind: "fixed"; readonly ms: number } | undefined {
  const duration = readDuration(value, place);
  if (duration === undefined) return undefined;
  if (duration.kind === "computed") {
    reportError(place, {
      message: "A schedule has no input to compute its time from",
      hint: "Write the time itself, as {minutes: 5}",
    });
    return undefined;
  }
  if (duration.ms > 0) return duration;
  reportError(place, {
    message: "The time of a schedule is more than nothing",
  });
  return undefined;
}

/** Notes inputs of a graph that its schedule does not give. */
export function checkScheduledInputs(
  schedule: Schedule,
  inputs: Readonly<Record<string, GraphInput>>,
  place: Place,
): void {
  if (schedule.kind === "on") checkEventsInput(inputs, place);
  for (const [name, input] of Object.entries(inputs)) {
    if (!input.required || input.default !== undefined) continue;
    if (schedule.kind === "on" && name === EVENTS_INPUT) continue;
    reportError(placeOf(placeOf(place, "inputs"), name), {
      atKey: true,
      message: `Nothing gives input "${name}" when the schedule starts this`,
      hint: "Give it a default, or required: false",
    });
  }
}

function checkEventsInput(
  inputs: Readonly<Record<string, GraphInput>>,
  place: Place,
): void {
  const input = inputs[EVENTS_INPUT];
  if (input?.type === "array" || input?.type === "any") return;
  reportError(placeOf(placeOf(place, "schedule"), "on"), {
    atKey: true,
    message: `A graph that events start takes them as input "${EVENTS_INPUT}"`,
    hint: `Declare it: inputs: {${EVENTS_INPUT}: array}`,
  });
}
