/**
 * Reads lists of tasks, and each task by its kind.
 *
 * @module
 */

import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
} from "../model/json.ts";
import { member } from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import type { Place, TaskPlace } from "./context.ts";
import {
  checkKeys,
  placeOf,
  readArray,
  readString,
  reportError,
  wrongType,
} from "./fields.ts";
import { TASK_DEPTH_MAX, TASKS_MAX } from "./limits.ts";
import { noteSuspiciousFlow } from "./list_flow.ts";
import { BUILT_IN_FUNCTIONS } from "./reusables.ts";
import { readingTask } from "./secrets.ts";
import { readA2a } from "./tasks/a2a.ts";
import { readAgent } from "./tasks/agent.ts";
import { readAsyncApi } from "./tasks/asyncapi.ts";
import { BASE_KEYS, KIND_KEYS } from "./tasks/base_keys.ts";
import { readDo } from "./tasks/do.ts";
import { readEmit } from "./tasks/emit.ts";
import { readFor } from "./tasks/for.ts";
import { readFork } from "./tasks/fork.ts";
import { isOwnFunction, readFunction } from "./tasks/function.ts";
import { readGrpc } from "./tasks/grpc.ts";
import { readHttp } from "./tasks/http.ts";
import { readHuman } from "./tasks/human.ts";
import { readLlm } from "./tasks/llm.ts";
import { readListen } from "./tasks/listen.ts";
import { readMcp } from "./tasks/mcp.ts";
import { readOpenApi } from "./tasks/openapi.ts";
import { readRaise } from "./tasks/raise.ts";
import { readSet } from "./tasks/set.ts";
import { readRun } from "./tasks/run.ts";
import { readSwitch } from "./tasks/switch.ts";
import { readTypeScript } from "./tasks/typescript.ts";
import { readTry } from "./tasks/try.ts";
import { readWait } from "./tasks/wait.ts";
import type { Task } from "./tree.ts";

/** The reader of each kind, by the key that says which kind a task is. */
const READERS: Readonly<Record<string, (place: TaskPlace) => Task>> = {
  emit: readEmit,
  // `for` before `do`: a loop has both.
  for: readFor,
  fork: readFork,
  listen: readListen,
  raise: readRaise,
  run: readRun,
  set: readSet,
  switch: readSwitch,
  try: readTry,
  wait: readWait,
  do: readDo,
};

/** Functions that a task can call. */
const FUNCTIONS: Readonly<Record<string, (place: TaskPlace) => Task>> = {
  a2a: readA2a,
  agent: readAgent,
  asyncapi: readAsyncApi,
  grpc: readGrpc,
  http: readHttp,
  human: readHuman,
  llm: readLlm,
  mcp: readMcp,
  openapi: readOpenApi,
  typescript: readTypeScript,
};

/** Reads a list of tasks, each an object of one key, its name. */
export function readTaskList(
  value: Json | undefined,
  place: Place,
): readonly Task[] {
  const items = readArray(value, place) ?? [];
  if (items.length === 0 && isJsonArray(value)) {
    reportError(place, { message: "A list of tasks needs at least one task" });
  }
  if (place.context.depth >= TASK_DEPTH_MAX) {
    reportError(place, {
      message: `Tasks stand more than ${TASK_DEPTH_MAX} lists deep`,
    });
    return [];
  }
  const context = {
    ...place.context,
    depth: place.context.depth + 1,
    list: namesOf(items),
  };
  noteDuplicates(items, { ...place, context });
  const tasks = items.map((item, i) =>
    readItem(item, placeOf({ ...place, context }, i))
  );
  if (tasks.includes(undefined)) return [];
  const read = tasks.filter((task) => task !== undefined);
  noteSuspiciousFlow(read, { ...place, context });
  return read;
}

/** The name of an item, when it is an object of one key. */
function nameOf(item: Json): string | undefined {
  const keys = isJsonObject(item) ? Object.keys(item) : [];
  return keys.length === 1 ? keys[0] : undefined;
}

function namesOf(items: readonly Json[]): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  items.forEach((item, i) => {
    const name = nameOf(item);
    if (name !== undefined && !names.has(name)) names.set(name, i);
  });
  return names;
}

function noteDuplicates(items: readonly Json[], place: Place): void {
  items.forEach((item, i) => {
    const name = nameOf(item);
    if (name === undefined || place.context.list.get(name) === i) return;
    reportError(placeOf(placeOf(place, i), name), {
      atKey: true,
      message: `There is a task "${name}" in this list already`,
    });
  });
}

function readItem(item: Json, place: Place): Task | undefined {
  if (!isJsonObject(item)) {
    reportError(place, {
      ...wrongType("an object of one key, the name of a task", item),
      ...(typeof item === "string"
        ? { hint: `Write "- ${item}:", and below it what it does` }
        : {}),
    });
    return undefined;
  }
  const entries = Object.entries(item);
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) {
    const hint = nameHint(entries);
    reportError(place, {
      message: "A task stands under one key, its name",
      ...(hint === undefined ? {} : { hint }),
    });
    return undefined;
  }
  const [name, value] = entry;
  const at = placeOf(place, name);
  if (isJsonObject(value)) return readTask({ ...at, name, object: value });
  if (KIND_KEYS.includes(name)) {
    reportError(at, {
      atKey: true,
      message: `Task "${name}" has no name`,
      hint: 'Write "- name: {…}" around it',
    });
  } else {
    reportError(at, {
      ...wrongType("an object", value),
      hint: `Below "${name}:" goes one of ${KIND_KEYS.join(", ")}`,
    });
  }
  return undefined;
}

/** Says how an item of several keys, or of none, becomes a task. */
function nameHint(
  entries: readonly (readonly [string, Json])[],
): string | undefined {
  const kind = entries.find(([key]) => KIND_KEYS.includes(key))?.[0];
  const [[first = "", value = null] = [], [second = ""] = []] = entries;
  if (kind === undefined) {
    return second === ""
      ? undefined
      : `Make each an item of its own: "- ${first}:", then "- ${second}:"`;
  }
  if (value === null) return `Indent "${second}" further, it is of "${first}"`;
  return first === "name" && typeof value === "string"
    ? `Write "- ${value}:", and "${kind}" below it, indented further`
    : 'Write "- name: {…}" around it';
}

/** Reads a task of any kind; `undefined` when its kind is not known. */
export function readTask(place: TaskPlace): Task | undefined {
  const { context } = place;
  context.counter.tasks += 1;
  if (context.counter.tasks > TASKS_MAX) {
    if (context.counter.tasks === TASKS_MAX + 1) {
      reportError(place, {
        message: `A workflow has at most ${TASKS_MAX} tasks`,
      });
    }
    return undefined;
  }
  const within = context.typeReader?.task(place) ?? context;
  return readingTask({ ...place, context: within }, readByKind);
}

function readByKind(place: TaskPlace): Task | undefined {
  const { object } = place;
  if (member(object, "call") !== undefined) return readCall(place);
  const kind = Object.keys(READERS).find((key) =>
    member(object, key) !== undefined
  );
  const read = kind === undefined ? undefined : READERS[kind];
  if (read !== undefined) return read(place);
  noteNoKind(place);
  return undefined;
}

function noteNoKind(place: TaskPlace): void {
  const { object, name } = place;
  const before = place.context.diagnostics.length;
  checkKeys(object, place, {
    known: [...BASE_KEYS, ...KIND_KEYS, "with", "while", "catch"],
    what: "a task",
    instead: { loop: "for", parallel: "fork", sleep: "wait", agent: "call" },
  });
  if (place.context.diagnostics.length > before) return;
  reportError(place, {
    message: `Task "${name}" does not say what it does`,
    hint: `Give it one of ${KIND_KEYS.join(", ")}`,
  });
}

function readCall(place: TaskPlace): Task | undefined {
  const at = placeOf(place, "call");
  const name = readString(member(place.object, "call"), at);
  if (name === undefined) return undefined;
  const read = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (read !== undefined) return read(place);
  const { use } = place.context;
  if (isOwnFunction(name, place.context)) return readFunction(place, name);
  reportError(at, {
    message: `Unknown function "${name}"`,
    hint: didYouMean(name, [
      ...BUILT_IN_FUNCTIONS,
      ...Object.keys(use.functions),
    ]).hint ??
      'Define it under "use.functions", or name it by its address or as ' +
        '"name:version@catalog"',
  });
  return undefined;
}

/** A task object without some of its keys. */
export function withoutKeys(
  object: JsonObject,
  keys: readonly string[],
): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([key]) => !keys.includes(key)),
  );
}
