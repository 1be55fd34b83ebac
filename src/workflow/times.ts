/**
 * Reads durations, timeouts and retry policies of a definition.
 *
 * @module
 */

import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import type { Place } from "./context.ts";
import { readCondition, readTemplate } from "./data_flow.ts";
import {
  checkKeys,
  placeOf,
  readInteger,
  readNamed,
  readObject,
  reportError,
  reportType,
} from "./fields.ts";
import {
  DURATION_UNITS_MS,
  durationMeant,
  isDurationTooLong,
  parseDuration,
  unitMeant,
} from "./duration.ts";
import type { Duration, RetryPolicy } from "./tree.ts";

const TOO_LONG = "A duration is at most 100 years long";
/** Attempts that a definition may ask for. */
const ATTEMPTS_MAX = 1_000_000;

/** Reads a duration: ISO 8601, an object of units, or an expression. */
export function readDuration(
  value: Json | undefined,
  place: Place,
): Duration | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return readDurationText(value, place);
  if (typeof value === "number") {
    const hint = `Write it with its unit, as ${durationMeant(value)}`;
    reportError(place, { message: `${value} is not a duration`, hint });
    return undefined;
  }
  const object = readObject(value, place);
  if (object === undefined) return undefined;
  checkKeys(object, place, {
    known: Object.keys(DURATION_UNITS_MS),
    what: "a duration",
    otherwise: (key) => {
      const unit = unitMeant(key);
      return unit && `Did you mean "${unit}"?`;
    },
  });
  if (Object.keys(object).length === 0) {
    reportError(place, { message: "A duration must not be empty" });
    return undefined;
  }
  const template = readTemplate(object, place);
  const { typeReader } = place.context;
  if (template?.kind === "object") {
    for (const [key, amount] of template.entries) {
      typeReader?.checkWanted(amount, placeOf(place, key), "number");
    }
  }
  if (template !== undefined && template.kind !== "literal") {
    return { kind: "computed", template };
  }
  const amounts = Object.entries(object).filter(([key]) =>
    Object.hasOwn(DURATION_UNITS_MS, key)
  ).map(([key, amount]) =>
    readInteger(amount, placeOf(place, key), {
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      what: "A duration",
    })
  );
  if (amounts.includes(undefined)) return undefined;
  const ms = parseDuration(object);
  if (ms !== undefined) return { kind: "fixed", ms };
  if (isDurationTooLong(object)) reportError(place, { message: TOO_LONG });
  return undefined;
}

function readDurationText(text: string, place: Place): Duration | undefined {
  if (text.includes("${")) {
    const template = readTemplate(text, place);
    place.context.typeReader?.checkWanted(template, place, "duration");
    return template === undefined ? undefined : { kind: "computed", template };
  }
  const ms = parseDuration(text);
  if (ms !== undefined) return { kind: "fixed", ms };
  if (isDurationTooLong(text)) {
    reportError(place, { message: TOO_LONG });
    return undefined;
  }
  reportError(place, {
    message: /^P[^T]*[YM]/.test(text)
      ? `Duration "${text}" has years or months, which have no fixed length`
      : `"${text}" is not a duration`,
    hint: `Write it as ${
      durationMeant(text) ?? '"PT1M30S" or as {minutes: 1, seconds: 30}'
    }`,
  });
  return undefined;
}

/** Reads `timeout`: `{after}`, or the name of one under `use.timeouts`. */
export function readTimeout(
  value: Json | undefined,
  place: Place,
): Duration | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") {
    const { timeouts } = place.context.use;
    const isNamed = member(timeouts, value) !== undefined;
    const meant = isNamed
      ? undefined
      : parseDuration(value) === undefined
      ? durationMeant(value)
      : value;
    if (meant !== undefined) {
      reportError(place, {
        message: `"${value}" would be the name of a timeout`,
        hint: `Write { after: ${meant} }`,
      });
      return undefined;
    }
    const named = readNamed(value, place, {
      entries: timeouts,
      what: "timeout",
    });
    return isJsonObject(named)
      ? readDuration(member(named, "after"), silent(place))
      : undefined;
  }
  const object = readObject(value, place);
  if (object === undefined) return undefined;
  checkKeys(object, place, {
    known: ["after"],
    required: ["after"],
    what: "a timeout",
    instead: { duration: "after", seconds: "after: {seconds}" },
  });
  return readDuration(member(object, "after"), placeOf(place, "after"));
}

/** Reads a retry policy, or the name of one under `use.retries`. */
export function readRetry(
  value: Json | undefined,
  place: Place,
): RetryPolicy | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") return readRetryPolicy(value, place);
  const named = readNamed(value, place, {
    entries: place.context.use.retries,
    what: "retry",
  });
  // Its own problems were noted where it is defined; here it is only read.
  return named === undefined
    ? undefined
    : readRetryPolicy(named, silent(place));
}

function readRetryPolicy(value: Json, place: Place): RetryPolicy | undefined {
  const object = readObject(value, place);
  if (object === undefined) return undefined;
  checkKeys(object, place, {
    known: ["when", "exceptWhen", "delay", "backoff", "limit", "jitter"],
    what: "a retry policy",
    instead: { count: "limit.attempt.count", attempts: "limit.attempt.count" },
  });
  const when = readCondition(member(object, "when"), placeOf(place, "when"));
  const exceptWhen = readCondition(
    member(object, "exceptWhen"),
    placeOf(place, "exceptWhen"),
  );
  const delay = readDuration(member(object, "delay"), placeOf(place, "delay"));
  const jitter = readJitter(member(object, "jitter"), placeOf(place, "jitter"));
  return {
    ...(when === undefined ? {} : { when }),
    ...(exceptWhen === undefined ? {} : { exceptWhen }),
    delay: delay ?? { kind: "fixed", ms: 0 },
    backoff: readBackoff(member(object, "backoff"), placeOf(place, "backoff")),
    ...(jitter === undefined ? {} : { jitter }),
    ...readLimit(member(object, "limit"), placeOf(place, "limit")),
  };
}

function readBackoff(
  value: Json | undefined,
  place: Place,
): RetryPolicy["backoff"] {
  const object = readObject(value, place);
  if (object === undefined) return "constant";
  const kinds = ["constant", "linear", "exponential"] as const;
  checkKeys(object, place, { known: kinds, what: "a backoff" });
  const given = kinds.filter((kind) => member(object, kind) !== undefined);
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    reportError(place, {
      message:
        'A backoff is one of "constant: {}", "linear: {}", "exponential: {}"',
    });
    return "constant";
  }
  readObject(member(object, kind), placeOf(place, kind));
  return kind;
}

function readJitter(
  value: Json | undefined,
  place: Place,
): RetryPolicy["jitter"] {
  const object = readObject(value, place);
  if (object === undefined) return undefined;
  checkKeys(object, place, {
    known: ["from", "to"],
    required: ["from", "to"],
    what: "a jitter",
  });
  const from = readDuration(member(object, "from"), placeOf(place, "from"));
  const to = readDuration(member(object, "to"), placeOf(place, "to"));
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** `count` is of retries, as the specification's schema says; the tree's of attempts. */
function readLimit(
  value: Json | undefined,
  place: Place,
): Pick<RetryPolicy, "attemptsMax" | "attemptTimeout" | "durationMax"> {
  const object = readObject(value, place);
  if (object === undefined) return {};
  checkKeys(object, place, {
    known: ["attempt", "duration"],
    what: "a retry limit",
    instead: { count: "attempt.count" },
  });
  const durationMax = readDuration(
    member(object, "duration"),
    placeOf(place, "duration"),
  );
  return {
    ...readAttemptLimit(member(object, "attempt"), placeOf(place, "attempt")),
    ...(durationMax === undefined ? {} : { durationMax }),
  };
}

function readAttemptLimit(
  value: Json | undefined,
  place: Place,
): Pick<RetryPolicy, "attemptsMax" | "attemptTimeout"> {
  const object = readObject(value, place);
  if (object === undefined) return {};
  checkKeys(object, place, {
    known: ["count", "duration"],
    what: "an attempt limit",
  });
  const count = readInteger(member(object, "count"), placeOf(place, "count"), {
    min: 0,
    max: ATTEMPTS_MAX,
    what: "The count of attempts",
  });
  const attemptTimeout = readDuration(
    member(object, "duration"),
    placeOf(place, "duration"),
  );
  return {
    ...(count === undefined ? {} : { attemptsMax: count + 1 }),
    ...(attemptTimeout === undefined ? {} : { attemptTimeout }),
  };
}

/** A place whose problems were noted elsewhere. */
function silent(place: Place): Place {
  return { ...place, context: { ...place.context, diagnostics: [] } };
}

/** Checks the retries and timeouts that nothing names, too. */
export function checkReusableTimes(use: JsonObject, place: Place): void {
  const { retries, timeouts } = place.context.use;
  for (const [name, value] of Object.entries(retries)) {
    readRetryPolicy(value, placeOf(placeOf(place, "retries"), name));
  }
  for (const [name, value] of Object.entries(timeouts)) {
    const at = placeOf(placeOf(place, "timeouts"), name);
    if (isJsonObject(value)) readTimeout(value, at);
    else reportType(at, "an object", value);
  }
  for (const key of ["retries", "timeouts"]) {
    readObject(member(use, key), placeOf(place, key));
  }
}
