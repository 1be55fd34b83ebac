/**
 * The dialect of Stigmer: a graph of tasks, each started as soon as those it
 * depends on are done.
 *
 * @module
 */

import type { Diagnostic } from "../model/diagnostic.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import {
  type Context,
  type Place,
  type TaskPlace,
  withVariables,
} from "./context.ts";
import { readOutputFlow } from "./data_flow.ts";
import { COMMON_KEYS } from "./document.ts";
import {
  checkKeys,
  placeOf,
  readArray,
  readString,
  reportError,
  reportType,
  reportWarning,
} from "./fields.ts";
import { limitsOf, readEvaluation } from "./evaluation.ts";
import { findCycle } from "./graph_cycle.ts";
import { readInputs } from "./graph_inputs.ts";
import {
  type GraphNames,
  rewriteReferences,
  taskHint,
} from "./graph_references.ts";
import { TASKS_MAX } from "./limits.ts";
import { readGraphBody } from "./graph_task.ts";
import { checkScheduledInputs, readSchedule } from "./schedule.ts";
import { checkReusables } from "./reusables.ts";
import { newSite, revealsOf } from "./secrets.ts";
import { readRetry, readTimeout } from "./times.ts";
import type { Graph, GraphTask, Plan } from "./tree.ts";

/** What an expression of a graph may use. */
export const GRAPH_VARIABLES: readonly string[] = [
  "context",
  "env",
  "input",
  "output",
  "runtime",
  "secrets",
  "task",
  "tasks",
  "workflow",
];
const TASK_NAME = /^[A-Za-z0-9_][\w-]*$/;

/** A task as it was read, with where it stands. */
interface ReadTask {
  readonly name: string;
  readonly index: number;
  readonly task: GraphTask | undefined;
  readonly dependsOn: readonly string[];
}

/** Reads a graph. */
export function readGraph(
  spec: JsonObject,
  base: { readonly context: Context; readonly name: string | undefined },
): Plan {
  const place: Place = { context: base.context, pointer: "" };
  checkKeys(spec, place, {
    known: [...COMMON_KEYS, "evaluate", "inputs", "schedule", "tasks"],
    what: "a workflow",
    instead: { input: "inputs", steps: "tasks", outputs: "output" },
  });
  const evaluation = readEvaluation(spec, place, { isGraph: true });
  const inputs = readInputs(member(spec, "inputs"), placeOf(place, "inputs"));
  const at = placeOf(place, "tasks");
  const items = readItems(member(spec, "tasks"), at);
  const names = namesOf(items, inputs, base.context);
  const types = base.context.typeReader?.graph(inputs, items);
  // What is outside of the tasks may refer to tasks and inputs as they do.
  const context = {
    ...base.context,
    types,
    rewrite: rewriting({ ...names, afterAll: true }),
  };
  const extensions = checkReusables(spec, { ...place, context });
  const read = items.map((item) =>
    readGraphTask(item, {
      place: { ...at, context: { ...base.context, types } },
      names,
    })
  );
  noteCycle(read, at);
  const site = newSite("", false);
  const output = readOutputFlow(member(spec, "output"), {
    ...placeOf(place, "output"),
    context: { ...context, site },
  });
  const timeout = readTimeout(
    member(spec, "timeout"),
    placeOf(place, "timeout"),
  );
  noteUnused(names, placeOf(place, "inputs"));
  const schedule = readSchedule(
    member(spec, "schedule"),
    placeOf(place, "schedule"),
  );
  if (schedule !== undefined) checkScheduledInputs(schedule, inputs, place);
  return {
    name: base.name ?? "workflow",
    version: "",
    definition: spec,
    input: {},
    output,
    ...revealsOf(site),
    ...(timeout === undefined ? {} : { timeout }),
    ...(schedule === undefined ? {} : { schedule }),
    ...limitsOf(evaluation),
    secrets: base.context.use.anySecret
      ? [...base.context.usedSecrets]
      : base.context.use.secrets,
    usedSecrets: [...base.context.usedSecrets],
    extensions,
    body: {
      kind: "graph",
      tasks: read.flatMap(({ task }) => task === undefined ? [] : [task]),
      inputs,
    },
  };
}

function namesOf(
  items: readonly Item[],
  inputs: Graph["inputs"],
  { use }: Context,
): GraphNames {
  return {
    tasks: new Map(
      items.map(({ name, object }) => [name, declaredOutputs(object)]),
    ),
    inputs: new Set(Object.keys(inputs)),
    secrets: use.secrets,
    usedInputs: new Set(),
    usedTasks: new Set(),
  };
}

/** A task of the list that has a name, before it is read. */
interface Item {
  readonly name: string;
  readonly index: number;
  readonly object: JsonObject;
}

function readItems(value: Json | undefined, place: Place): readonly Item[] {
  const values = readArray(value, place) ?? [];
  if (values.length === 0) {
    reportError(place, { message: "A workflow needs at least one task" });
  }
  if (values.length > TASKS_MAX) {
    reportError(place, {
      message:
        `A workflow has at most ${TASKS_MAX} tasks, not ${values.length}`,
    });
    return [];
  }
  const items: Item[] = [];
  const known = new Set<string>();
  values.forEach((item, index) => {
    const read = readItem(item, placeOf(place, index));
    if (read === undefined) return;
    if (known.has(read.name)) {
      reportError(placeOf(placeOf(place, index), "name"), {
        message: `There is a task "${read.name}" already`,
      });
      return;
    }
    known.add(read.name);
    items.push({ ...read, index });
  });
  return items;
}

function readItem(
  item: Json,
  place: Place,
): Omit<Item, "index"> | undefined {
  if (!isJsonObject(item)) {
    reportType(place, "an object", item);
    return undefined;
  }
  if (member(item, "name") === undefined) {
    reportError(place, { message: 'A task needs "name"' });
    return undefined;
  }
  const at = placeOf(place, "name");
  const name = readString(member(item, "name"), at);
  if (name === undefined) return undefined;
  if (!TASK_NAME.test(name)) {
    reportError(at, {
      message: `"${name}" cannot be the name of a task`,
      hint: "Use letters, digits, _ and hyphens",
    });
  }
  return { name, object: item };
}

function declaredOutputs(object: JsonObject): readonly string[] {
  const outputs = member(object, "outputs");
  return Array.isArray(outputs)
    ? outputs.filter((key): key is string => typeof key === "string")
    : [];
}

function readGraphTask(
  { name, index, object }: Item,
  { place, names }: { readonly place: Place; readonly names: GraphNames },
): ReadTask {
  names.usedTasks.clear();
  const context: Context = { ...place.context, rewrite: rewriting(names) };
  const at = inTask({ ...placeOf(place, index), context, name, object });
  const task = readGraphBody(at);
  const outputs = readOutputs(
    member(object, "outputs"),
    placeOf(at, "outputs"),
  );
  const retry = readRetry(member(object, "retry"), {
    ...placeOf(at, "retry"),
    context: withVariables(context, ["error"]),
  });
  const explicit = readDependsOn(object, { place: at, names, name });
  const dependsOn = [...new Set([...explicit, ...names.usedTasks])];
  if (names.usedTasks.has(name)) {
    reportError(at, { message: `Task "${name}" refers to itself` });
  }
  return {
    name,
    index,
    dependsOn,
    task: task === undefined ? undefined : {
      task,
      dependsOn,
      outputs,
      ...(retry === undefined ? {} : { retry }),
    },
  };
}

/** The place with what is known of what the task is given. */
function inTask(place: TaskPlace): TaskPlace {
  const { context } = place;
  return { ...place, context: context.typeReader?.task(place) ?? context };
}

function rewriting(names: GraphNames): NonNullable<Context["rewrite"]> {
  return (source) => rewriteReferences(source, names);
}

function readOutputs(
  value: Json | undefined,
  place: Place,
): readonly string[] {
  const items = readArray(value, place) ?? [];
  const keys: string[] = [];
  items.forEach((item, i) => {
    const key = readString(item, placeOf(place, i));
    if (key === undefined) return;
    if (keys.includes(key)) {
      reportError(placeOf(place, i), {
        message: `Output "${key}" is declared twice`,
      });
    }
    keys.push(key);
  });
  return keys;
}

function readDependsOn(
  object: JsonObject,
  { place, names, name }: {
    readonly place: Place;
    readonly names: GraphNames;
    readonly name: string;
  },
): readonly string[] {
  const at = placeOf(place, "dependsOn");
  const items = readArray(member(object, "dependsOn"), at) ?? [];
  return items.flatMap((item, i) => {
    const other = readString(item, placeOf(at, i));
    if (other === undefined) return [];
    if (other === name) {
      reportError(placeOf(at, i), {
        message: `Task "${name}" depends on itself`,
      });
      return [];
    }
    if (names.tasks.has(other)) return [other];
    reportError(placeOf(at, i), {
      message: `There is no task "${other}"`,
      ...taskHint(other, [...names.tasks.keys()].filter((it) => it !== name)),
    });
    return [];
  });
}

function noteCycle(tasks: readonly ReadTask[], place: Place): void {
  const edges = new Map(
    tasks.map(({ name, dependsOn }) => [
      name,
      dependsOn.filter((other) => other !== name),
    ]),
  );
  const cycle = findCycle(edges);
  const first = tasks.find(({ name }) => name === cycle?.[0]);
  if (cycle === undefined || first === undefined) return;
  reportError(placeOf(place, first.index), {
    message: `Tasks depend on each other in a circle: ${cycle.join(" → ")}`,
  });
}

function noteUnused(names: GraphNames, place: Place): void {
  const found: readonly Diagnostic[] = place.context.diagnostics;
  // A reference that could not be read may have been the use.
  if (found.some(({ severity }) => severity === "error")) return;
  for (const name of names.inputs) {
    if (names.usedInputs.has(name)) continue;
    reportWarning(placeOf(place, name), {
      atKey: true,
      message: `Nothing uses the input "${name}"`,
    });
  }
}
