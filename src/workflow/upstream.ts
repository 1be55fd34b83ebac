/**
 * Workflows as later releases of upstream write them: tasks of a `kind` with a
 * `task_config`, read as a document of the specification.
 *
 * Every kind is converted, or refused by name with a way out. What the
 * converted document is told, is told of the place in the author's file.
 *
 * @module
 */

import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import type { Context, Place } from "./context.ts";
import {
  checkKeys,
  placeOf,
  readArray,
  readObject,
  readString,
  reportError,
  reportType,
} from "./fields.ts";
import {
  copied,
  made,
  madeList,
  movedBack,
  type Traced,
  type TracedEntry,
  untrace,
} from "./traced.ts";
import { rewriteValue, type UpstreamScope } from "./upstream_expressions.ts";
import { NO_COMPENSATION } from "./upstream_flow.ts";
import { assemble } from "./upstream_frame.ts";
import { canonicalKind, CONVERTERS, REFUSED } from "./upstream_kinds.ts";
import { snakeKeys, type UpstreamTask } from "./_upstream_task.ts";

/** A workflow as a document of the specification. */
export interface ConvertedWorkflow {
  readonly document: JsonObject;
  /** Moves what is said of the document to the author's file. */
  readonly movedBack: (diagnostic: Diagnostic) => Diagnostic;
  /** The place in the author's file of a pointer into the document. */
  readonly placeOf: (pointer: string) => string;
}

/** Says whether a workflow is written in that form. */
export function isUpstream(spec: JsonObject): boolean {
  const tasks = member(spec, "tasks");
  return tasks !== undefined && isJsonArray(tasks) &&
    tasks.some(isUpstreamTask);
}

function isUpstreamTask(item: Json): boolean {
  return isJsonObject(item) && member(item, "kind") !== undefined &&
    member(item, "agent") === undefined && configKey(item) !== undefined;
}

function configKey(item: JsonObject): string | undefined {
  return ["task_config", "taskConfig"].find((key) =>
    member(item, key) !== undefined
  );
}

/** Reads the workflow and notes what has no counterpart. */
export function convertUpstream(
  spec: JsonObject,
  context: Context,
): ConvertedWorkflow {
  // Whether what `set` tasks gave is to be kept, is known at the end alone.
  const trial = convertTasks(spec, { ...context, diagnostics: [] }, {
    keepsData: false,
  });
  const { tasks, scope, place } = convertTasks(spec, context, {
    keepsData: trial.scope.reads.data,
  });
  const traced = made("", [
    ...Object.entries(spec).map(([key, value]): TracedEntry | undefined => {
      const at = placeOf(place, key);
      if (key === "tasks" || key === "use") return undefined;
      if (key === "document") return ["document", head(value, at)];
      return [key, copied(rewriteValue(value, at, scope), at.pointer)];
    }),
    useOf(spec, scope),
    ["do", tasks],
  ]);
  const { json, placeOf: placeIn } = untrace(traced);
  return {
    document: isJsonObject(json) ? json : {},
    placeOf: placeIn,
    movedBack: (diagnostic) =>
      movedBack(diagnostic, { from: json, to: spec, placeOf: placeIn }),
  };
}

function convertTasks(
  spec: JsonObject,
  context: Context,
  { keepsData }: { readonly keepsData: boolean },
) {
  const place: Place = { context, pointer: "" };
  const scope: UpstreamScope = {
    variables: [],
    error: "error",
    exports: exportsOf(member(spec, "tasks") ?? null),
    secrets: new Set(),
    reads: { data: false },
  };
  const conversion: Conversion = { namespace: namespaceOf(spec), keepsData };
  const tasks = convertList(conversion, {
    value: member(spec, "tasks") ?? [],
    place: placeOf(place, "tasks"),
    scope,
    isNested: false,
  });
  return { tasks, scope, place };
}

/** What holds for a whole workflow. */
interface Conversion {
  readonly namespace: string;
  /** Whether something reads `$data`, so that it has to be kept. */
  readonly keepsData: boolean;
}

/** The names of all tasks that export something, however deep. */
function exportsOf(json: Json): ReadonlySet<string> {
  const names = new Set<string>();
  const walk = (value: Json): void => {
    if (isJsonArray(value)) return value.forEach(walk);
    if (!isJsonObject(value)) return;
    const name = member(value, "name");
    if (typeof name === "string" && member(value, "export") !== undefined) {
      names.add(name);
    }
    Object.values(value).forEach(walk);
  };
  walk(json);
  return names;
}

function namespaceOf(spec: JsonObject): string {
  const document = member(spec, "document");
  const namespace = isJsonObject(document)
    ? member(document, "namespace")
    : undefined;
  return typeof namespace === "string" ? namespace : "default";
}

/** The head of a document calls its description a summary. */
function head(value: Json, { pointer }: Place): Traced {
  if (!isJsonObject(value)) return copied(value, pointer);
  return made(
    pointer,
    Object.entries(value).map(([key, item]) => [
      key === "description" ? "summary" : key,
      copied(item, `${pointer}/${key}`),
    ]),
  );
}

/** Secrets that expressions name are declared here. */
function useOf(
  spec: JsonObject,
  { secrets }: UpstreamScope,
): TracedEntry | undefined {
  const use = member(spec, "use");
  if (secrets.size === 0 || (use !== undefined && !isJsonObject(use))) {
    return use === undefined ? undefined : ["use", copied(use, "/use")];
  }
  const { secrets: listed = [], ...others } = use ?? {};
  const names = isJsonArray(listed) ? listed : [];
  const added = [...secrets].filter((name) => !names.includes(name));
  return [
    "use",
    made("/use", [
      ...Object.entries(others).map(([key, value]): TracedEntry => [
        key,
        copied(value, pointerTo("/use", key)),
      ]),
      [
        "secrets",
        isJsonArray(listed)
          ? madeList("/use/secrets", [
            ...names.map((name, i) => copied(name, `/use/secrets/${i}`)),
            ...added.map((name) => copied(name, "/tasks")),
          ])
          : copied(listed, "/use/secrets"),
      ],
    ]),
  ];
}

/** A list of tasks that is converted. */
interface List {
  readonly value: Json;
  readonly place: Place;
  readonly scope: UpstreamScope;
  readonly isNested: boolean;
}

function convertList(conversion: Conversion, list: List): Traced {
  const { value, place } = list;
  const items = readArray(value, place) ?? [];
  return madeList(
    place.pointer,
    items.flatMap((item, i) =>
      convertItem(conversion, {
        ...list,
        value: item,
        place: placeOf(place, i),
      })
    ),
  );
}

/** Converts one task; what it becomes may be two. */
function convertItem(
  conversion: Conversion,
  list: List,
): readonly Traced[] {
  const { value, place, scope } = list;
  if (!isJsonObject(value)) {
    reportType(place, "an object", value);
    return [];
  }
  if (
    member(value, "kind") === undefined && member(value, "name") === undefined
  ) {
    // A task of the specification may stand among them.
    return [copied(rewriteValue(value, place, scope), place.pointer)];
  }
  checkTask(value, place);
  const name = readString(member(value, "name"), placeOf(place, "name"));
  const kind = kindOf(value, place);
  if (name === undefined) return [];
  if (kind === undefined) return [standIn(name, place)];
  const refused = REFUSED[kind];
  if (refused !== undefined) {
    reportError(placeOf(place, "kind"), refused);
    return [standIn(name, place)];
  }
  const key = configKey(value) ?? "task_config";
  const at = placeOf(place, key);
  const written = readObject(member(value, key), at) ?? {};
  const task: UpstreamTask = {
    name,
    config: snakeKeys(written),
    written,
    place: at,
    scope,
    namespace: conversion.namespace,
    isNested: list.isNested,
    list: (value, place, scope) =>
      convertList(conversion, { value, place, scope, isNested: true }),
  };
  const converted = CONVERTERS[kind]?.(task);
  return converted === undefined
    ? [standIn(name, place)]
    : assemble(conversion, { task, item: value, place, kind, converted });
}

/** What other tasks lead to where a task was refused. */
function standIn(name: string, { pointer }: Place): Traced {
  return copied({ [name]: { set: { refused: true } } }, pointer);
}

const TASK_KEYS = [
  "name",
  "kind",
  "task_config",
  "taskConfig",
  "description",
  "if",
  "input",
  "output",
  "export",
  "flow",
  "timeout",
  "metadata",
] as const;

function checkTask(item: JsonObject, place: Place): void {
  checkKeys(item, place, {
    known: TASK_KEYS,
    required: ["name", "kind"],
    what: "a task",
    instead: { config: "task_config", then: "flow.then", depends_on: "flow" },
    ignore: ["compensate"],
  });
  const compensate = member(item, "compensate");
  if (compensate === undefined) return;
  reportError(placeOf(place, "compensate"), {
    atKey: true,
    ...NO_COMPENSATION,
  });
}

function kindOf(item: JsonObject, place: Place): string | undefined {
  const at = placeOf(place, "kind");
  const text = readString(member(item, "kind"), at);
  if (text === undefined) return undefined;
  const kind = canonicalKind(text);
  if (kind !== undefined) return kind;
  const kinds = Object.keys(CONVERTERS);
  reportError(at, {
    message: `There is no task of kind "${text}"`,
    hint: didYouMean(text.toLowerCase(), kinds).hint ??
      `The kinds are ${kinds.join(", ")}`,
  });
  return undefined;
}
