/**
 * Events in the JSON form of CloudEvents 1.0: what makes one, and what is
 * wrong with what is none.
 *
 * @module
 */

import type { CloudEvent } from "./durable.ts";
import { type Json, jsonTypeName, member } from "./json.ts";
import { EVENT_SIZE_BYTES_MAX } from "./limits.ts";

/** What is wrong with an event. */
export interface EventProblem {
  /** The attribute that it is about; `` for the whole. */
  readonly attribute: string;
  /** Follows the attribute in a sentence: `must not be empty`. */
  readonly message: string;
}

/** The members that are no attributes. */
const DATA_MEMBERS: readonly string[] = ["data", "data_base64"];
/** What every event has. */
const REQUIRED: readonly string[] = ["specversion", "id", "source", "type"];
/** Characters of an attribute's name at the most. */
const NAME_LENGTH_MAX = 64;
/** What the type system of CloudEvents calls an integer. */
const INTEGER_MAX = 2 ** 31 - 1;

/** Where an event comes from, where it does not say: who keeps it. */
export interface EventDefaults {
  readonly id: string;
  readonly source: string;
  readonly nowMs: number;
}

/**
 * Fills in what an event may leave out; an attribute that is null counts as
 * left out. The attributes come in the order of the specification.
 */
export function completeEvent(
  event: CloudEvent,
  defaults: EventDefaults,
): CloudEvent {
  const given = Object.fromEntries(
    Object.entries(event).filter(([name, value]) =>
      value !== null || name === "data"
    ),
  );
  const hasJson = given.data !== undefined && given.data_base64 === undefined;
  const { data, type, ...attributes } = given;
  return {
    specversion: "1.0",
    id: defaults.id,
    source: defaults.source,
    ...(type === undefined ? {} : { type }),
    time: new Date(defaults.nowMs).toISOString(),
    ...(hasJson ? { datacontenttype: "application/json" } : {}),
    ...attributes,
    ...(data === undefined ? {} : { data }),
  };
}

/** Says what is wrong with an event, the first thing found. */
export function eventProblem(event: CloudEvent): EventProblem | undefined {
  const missing = REQUIRED.find((it) => member(event, it) === undefined);
  if (missing !== undefined) {
    return { attribute: missing, message: "is missing" };
  }
  for (const [attribute, value] of Object.entries(event)) {
    const message = attributeProblem(attribute, value);
    if (message !== undefined) return { attribute, message };
  }
  if (event.data !== undefined && event.data_base64 !== undefined) {
    return {
      attribute: "data_base64",
      message: 'cannot stand beside "data", give one of them',
    };
  }
  return sizeProblem(event);
}

function sizeProblem(event: CloudEvent): EventProblem | undefined {
  const text = JSON.stringify(event);
  if (text.length <= EVENT_SIZE_BYTES_MAX / 3) return undefined;
  const sizeBytes = new TextEncoder().encode(text).length;
  if (sizeBytes <= EVENT_SIZE_BYTES_MAX) return undefined;
  return {
    attribute: "",
    message:
      `has ${sizeBytes} bytes, at most ${EVENT_SIZE_BYTES_MAX} are taken`,
  };
}

/** Says what is wrong with one attribute, or `undefined`. */
export function attributeProblem(
  name: string,
  value: Json,
): string | undefined {
  if (name === "data") return undefined;
  if (name === "data_base64") return base64Problem(value);
  if (!/^[a-z0-9]+$/.test(name)) {
    return "is no name of an attribute: use lower-case letters and digits";
  }
  if (name.length > NAME_LENGTH_MAX) {
    return `is too long a name, at most ${NAME_LENGTH_MAX} characters are taken`;
  }
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
  if (check === undefined) return extensionProblem(value);
  if (typeof value !== "string") {
    return `must be a text, not ${withArticle(value)}`;
  }
  if (value === "") return "must not be empty";
  return check(value);
}

/** What the texts of the known attributes must be. */
const CHECKS: Readonly<Record<string, (text: string) => string | undefined>> = {
  specversion: (text) =>
    text === "1.0" ? undefined : `must be "1.0", not "${text}"`,
  id: () => undefined,
  source: (text) =>
    /^[^\s<>"{}|\\^`]+$/.test(text)
      ? undefined
      : `must be a URI reference, not "${text}"`,
  type: () => undefined,
  subject: () => undefined,
  time: (text) =>
    isTime(text)
      ? undefined
      : `must be a time as 2026-01-31T08:00:00Z, not "${text}"`,
  datacontenttype: (text) =>
    /^[\w!#$&^.+-]+\/[\w!#$&^.+*-]+\s*(;.*)?$/.test(text)
      ? undefined
      : `must be a media type as application/json, not "${text}"`,
  dataschema: (text) =>
    URL.canParse(text) ? undefined : `must be a whole URI, not "${text}"`,
};

/** Whether a text is a time of RFC 3339. */
function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/
    .test(text) && !Number.isNaN(Date.parse(text.toUpperCase()));
}

/** An attribute that the specification does not know is a plain value. */
function extensionProblem(value: Json): string | undefined {
  if (typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value !== "number") {
    return `must be a text, a whole number or a boolean, not ${
      withArticle(value)
    }`;
  }
  if (Number.isInteger(value) && Math.abs(value) <= INTEGER_MAX) {
    return undefined;
  }
  return `must be a whole number of 32 bits, not ${value}: give it as a text`;
}

function base64Problem(value: Json): string | undefined {
  const problem = "must be the data in base64";
  if (typeof value !== "string") return problem;
  try {
    Uint8Array.fromBase64(value);
    return undefined;
  } catch {
    return problem;
  }
}

/**
 * Reads the data of an event: what it has as JSON, or what it has in base64,
 * decoded: JSON where its content type says so, else text where it is UTF-8.
 * Bytes that are neither stay base64.
 */
export function eventData(event: CloudEvent): Json {
  const data = member(event, "data");
  if (data !== undefined) return data;
  const encoded = member(event, "data_base64");
  if (typeof encoded !== "string") return null;
  const text = decodeText(encoded);
  if (text === undefined) return encoded;
  return isJsonType(member(event, "datacontenttype"))
    ? parseOr(text, text)
    : text;
}

/** The data of an event as it came: in base64, where that is how it came. */
export function rawEventData(event: CloudEvent): Json {
  return member(event, "data") ?? member(event, "data_base64") ?? null;
}

function decodeText(encoded: string): string | undefined {
  try {
    const bytes = Uint8Array.fromBase64(encoded);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function isJsonType(type: Json | undefined): boolean {
  return typeof type === "string" &&
    /^[^;]*[/+]json\s*(;|$)/i.test(type);
}

function parseOr(text: string, otherwise: Json): Json {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}

/** An attribute of an event; what is `data` or its base64 is none. */
export function isAttribute(name: string): boolean {
  return !DATA_MEMBERS.includes(name);
}

function withArticle(value: Json): string {
  const name = jsonTypeName(value);
  if (name === "null") return name;
  return `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
}
