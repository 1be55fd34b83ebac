/**
 * What people write in the place of an object or of a list, and how that is
 * written: `run: echo hi`, `timeout: 5`, tasks as an object.
 *
 * @module
 */

import { pointerKeys } from "../model/diagnostic.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
} from "../model/json.ts";
import { durationMeant } from "./duration.ts";

/** Characters of a value that a hint repeats. */
const SHOWN_LENGTH_MAX = 40;

/** By what was written. */
interface Hints {
  readonly text?: (shown: string) => string;
  readonly number?: (value: number) => string;
  readonly list?: () => string;
  readonly object?: (value: JsonObject) => string;
}

const AS: Hints = { text: (shown) => `Write { as: ${shown} }` };
const LIST: Hints = { object: listOfOneKey };
const AFTER: Hints = {
  number: (value) => `Write { after: { seconds: ${value} } }`,
};

/** By the key that the value stands under. */
const HINTS: Readonly<Record<string, Hints>> = {
  branches: LIST,
  call: { object: callMeant },
  do: LIST,
  emit: {
    text: (shown) => `Write { event: { with: { type: ${shown}, source: … } } }`,
  },
  export: AS,
  for: { list: () => 'Write { each: NAME, in: ".LIST" }' },
  fork: { list: () => "Write { branches: […] }" },
  input: { text: (shown) => `Write { from: ${shown} }` },
  listen: {
    text: (shown) => `Write { to: { one: { with: { type: ${shown} } } } }`,
  },
  output: AS,
  raise: {
    text: (shown) =>
      `Write { error: { type: …, status: 500, title: ${shown} } }`,
  },
  retry: {
    number: (value) => `Write { limit: { attempt: { count: ${value} } } }`,
  },
  run: { text: (shown) => `Write { shell: { command: ${shown} } }` },
  schedule: {
    text: (shown) => `Write { cron: ${shown} }, or { every: { minutes: 5 } }`,
  },
  script: { text: () => "Write { language: js, code: … }" },
  shell: { text: (shown) => `Write { command: ${shown} }` },
  switch: LIST,
  tasks: {
    object: (value) =>
      `Write a list of tasks, each with its name: "- name: ${
        Object.keys(value)[0] ?? "NAME"
      }"`,
  },
  timeout: AFTER,
  try: LIST,
  wait: { number: (value) => `Write ${durationMeant(value)}` },
};

/** Says how a value of the wrong type is written, where that is known. */
export function shapeHint(pointer: string, value: Json): string | undefined {
  const keys = pointerKeys(pointer);
  const key = keys.at(-1) ?? "";
  // What is handed to a function has keys of its own.
  if (keys.at(-2) === "with" || !Object.hasOwn(HINTS, key)) return undefined;
  const hints = HINTS[key] ?? {};
  if (typeof value === "string") return hints.text?.(shown(value));
  if (typeof value === "number") return hints.number?.(value);
  if (isJsonArray(value)) return hints.list?.();
  return isJsonObject(value) ? hints.object?.(value) : undefined;
}

/** Tasks and cases are lists, for their order counts. */
function listOfOneKey(value: JsonObject): string {
  const [first = "NAME", second] = Object.keys(value);
  const more = second === undefined ? "" : `, then "- ${second}:"`;
  return `Write a list, "- " before each name: "- ${first}:"${more}`;
}

function callMeant(value: JsonObject): string {
  const [name = "http"] = Object.keys(value);
  return `Write "call: ${name}", and beside it "with:" and what it takes`;
}

function shown(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  const isPlain = line === text && line.length <= SHOWN_LENGTH_MAX;
  return isPlain ? JSON.stringify(text) : "…";
}
