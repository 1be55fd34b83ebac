/**
 * The dialect of the Open Workflow Specification: `document` and `do`.
 *
 * @module
 */

import { type Json, type JsonObject, member } from "../model/json.ts";
import type { Context, Place } from "./context.ts";
import {
  DOCUMENT_VARIABLES,
  readInputFlow,
  readOutputFlow,
} from "./data_flow.ts";
import {
  checkKeys,
  placeOf,
  readObject,
  readString,
  reportError,
} from "./fields.ts";
import { limitsOf, readEvaluation } from "./evaluation.ts";
import { checkReusables } from "./reusables.ts";
import { newSite, revealsOf } from "./secrets.ts";
import { readSchedule } from "./schedule.ts";
import { readTaskList } from "./task_list.ts";
import { checkServed, isServed } from "./tasks/typescript.ts";
import { readTimeout } from "./times.ts";
import type { Plan } from "./tree.ts";

/** What may stand beside the tasks in either dialect. */
export const COMMON_KEYS: readonly string[] = [
  "description",
  "env",
  "use",
  "timeout",
  "output",
  "metadata",
];
const DOCUMENT_KEYS: readonly string[] = [
  "dsl",
  "namespace",
  "name",
  "version",
  "title",
  "summary",
  "tags",
  "metadata",
];
const NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;
const VERSION = /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:[-+][\w.+-]+)?$/;

/** Reads a workflow of the specification. */
export function readDocument(
  spec: JsonObject,
  base: { readonly context: Context; readonly name: string | undefined },
): Plan {
  const evaluation = readEvaluation(spec, {
    context: base.context,
    pointer: "",
  });
  const context = {
    ...base.context,
    variables: new Set(DOCUMENT_VARIABLES),
    mode: evaluation.mode,
    types: base.context.typeReader?.document(spec),
  };
  const place: Place = { context, pointer: "" };
  checkKeys(spec, place, {
    known: [
      ...COMMON_KEYS,
      "document",
      "do",
      "input",
      "evaluate",
      "schedule",
    ],
    required: ["do"],
    // The contract cannot tell an empty list from none.
    holds: { do: "a list of at least one task" },
    what: "a workflow",
    instead: { steps: "do", inputs: "input", outputs: "output" },
  });
  const extensions = checkReusables(spec, place);
  const document = readHead(spec, place, base.name);
  const schedule = readSchedule(
    member(spec, "schedule"),
    placeOf(place, "schedule"),
  );
  const timeout = readTimeout(
    member(spec, "timeout"),
    placeOf(place, "timeout"),
  );
  const site = newSite("", false);
  const flow = (key: string): Place => ({
    ...placeOf(place, key),
    context: { ...context, site },
  });
  const input = readInputFlow(member(spec, "input"), flow("input"));
  const output = readOutputFlow(member(spec, "output"), flow("output"));
  const list = placeOf(place, "do");
  const tasks = readTaskList(member(spec, "do"), list);
  const served = isServed(tasks, list);
  if (served) checkServed(spec, place, timeout);
  return {
    name: document.name ?? base.name ?? "workflow",
    version: document.version ?? "",
    definition: spec,
    input,
    output,
    ...revealsOf(site),
    ...(timeout === undefined ? {} : { timeout }),
    ...(schedule === undefined ? {} : { schedule }),
    ...limitsOf(evaluation),
    secrets: context.use.secrets,
    usedSecrets: [...context.usedSecrets],
    extensions,
    body: {
      kind: "sequence",
      tasks,
    },
    ...(served ? { isServed: true } : {}),
  };
}

/** Reads `document`; a workflow that has its name from elsewhere can do without. */
function readHead(
  spec: JsonObject,
  place: Place,
  name: string | undefined,
): { readonly name: string | undefined; readonly version: string | undefined } {
  const none = { name: undefined, version: undefined };
  if (member(spec, "document") === undefined) {
    if (name === undefined) {
      reportError(place, { message: 'A workflow needs "document"' });
    }
    return none;
  }
  const at = placeOf(place, "document");
  const head = readObject(member(spec, "document"), at);
  if (head === undefined) return none;
  checkKeys(head, at, {
    known: DOCUMENT_KEYS,
    required: ["dsl", "namespace", "name", "version"],
    what: "the document",
  });
  checkDsl(member(head, "dsl"), placeOf(at, "dsl"));
  for (const key of ["title", "summary"]) {
    readString(member(head, key), placeOf(at, key));
  }
  for (const key of ["tags", "metadata"]) {
    readObject(member(head, key), placeOf(at, key));
  }
  readPattern(member(head, "namespace"), placeOf(at, "namespace"), {
    pattern: NAME,
    what: "a namespace",
  });
  return {
    name: readPattern(member(head, "name"), placeOf(at, "name"), {
      pattern: NAME,
      what: "a name",
    }),
    version: readPattern(member(head, "version"), placeOf(at, "version"), {
      pattern: VERSION,
      what: "a version",
    }),
  };
}

function readPattern(
  value: Json | undefined,
  place: Place,
  { pattern, what }: { readonly pattern: RegExp; readonly what: string },
): string | undefined {
  const example = pattern === VERSION ? versionOf(value) : undefined;
  const text = readString(value, place, example);
  if (text === undefined || pattern.test(text)) return text;
  reportError(place, {
    message: `"${text}" is not ${what}`,
    hint: pattern === VERSION
      ? 'Write it in three parts, as "1.0.0"'
      : "Use up to 63 letters, digits and hyphens",
  });
  return undefined;
}

/** The version that a number was meant to be: 0.1 is 0.1.0. */
function versionOf(value: Json | undefined): string {
  const version = `${value}.0`;
  return VERSION.test(version) ? version : `${version}.0`;
}

function checkDsl(value: Json | undefined, place: Place): void {
  const dsl = readString(value, place, "1.0.3");
  if (dsl === undefined || /^1\.0\.\d+(?:[-+].*)?$/.test(dsl)) return;
  reportError(place, {
    message: `Version "${dsl}" of the language is not supported yet`,
    hint: 'Versions 1.0.x are, as "1.0.3"',
  });
}
