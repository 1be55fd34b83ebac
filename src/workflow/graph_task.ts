/**
 * Reads what a task of a graph does: an agent, or any task of the other
 * dialect.
 *
 * @module
 */

import type { JsonObject } from "../model/json.ts";
import { member } from "../model/json.ts";
import type { TaskPlace } from "./context.ts";
import { readCondition, readTemplate } from "./data_flow.ts";
import {
  checkKeys,
  placeOf,
  readObject,
  readString,
  reportError,
} from "./fields.ts";
import { readingTask } from "./secrets.ts";
import { readTask, withoutKeys } from "./task_list.ts";
import { KIND_KEYS } from "./tasks/base_keys.ts";
import { readAgentTexts } from "./tasks/agent.ts";
import { readTimeout } from "./times.ts";
import type { Task } from "./tree.ts";
import type { AgentTask } from "./tree_calls.ts";

/** Keys that any task of a graph may have besides those of its kind. */
const GRAPH_KEYS: readonly string[] = [
  "name",
  "description",
  "dependsOn",
  "inputs",
  "outputs",
  "retry",
];
const AGENT_KEYS: readonly string[] = [
  "agent",
  "message",
  "session",
  "model",
  "if",
  "timeout",
  "metadata",
];

/** Reads what a task does; `undefined` when that cannot be read. */
export function readGraphBody(place: TaskPlace): Task | undefined {
  return readingTask(place, readBody);
}

function readBody(place: TaskPlace): Task | undefined {
  const { object } = place;
  readString(member(object, "description"), placeOf(place, "description"));
  const kinds = KIND_KEYS.filter((key) => member(object, key) !== undefined);
  if (member(object, "agent") !== undefined || kinds.length === 0) {
    if (member(object, "agent") !== undefined || hasUnknownKey(object)) {
      return readGraphAgent(place);
    }
    reportError(place, {
      message: `Task "${place.name}" does not say what it does`,
      hint: `Give it "agent", or one of ${KIND_KEYS.join(", ")}`,
    });
    return undefined;
  }
  return readGraphOther(place);
}

function hasUnknownKey(object: JsonObject): boolean {
  return Object.keys(object).some((key) =>
    !GRAPH_KEYS.includes(key) && !AGENT_KEYS.includes(key)
  );
}

function readGraphAgent(place: TaskPlace): AgentTask {
  const { object, name, pointer } = place;
  checkKeys(object, place, {
    known: [...GRAPH_KEYS, ...AGENT_KEYS],
    required: ["agent"],
    what: "an agent task",
    instead: {
      depends_on: "dependsOn",
      dependencies: "dependsOn",
      needs: "dependsOn",
      prompt: "message",
      input: "inputs",
      output: "outputs",
      with: "inputs",
      when: "if",
      then: "dependsOn",
    },
  });
  const condition = readCondition(member(object, "if"), placeOf(place, "if"));
  const timeout = readTimeout(
    member(object, "timeout"),
    placeOf(place, "timeout"),
  );
  const inputs = readTemplate(
    readObject(member(object, "inputs"), placeOf(place, "inputs")),
    placeOf(place, "inputs"),
  );
  const schema = outputSchema(object);
  readObject(member(object, "metadata"), placeOf(place, "metadata"));
  return {
    kind: "agent",
    name,
    pointer,
    ...(condition === undefined ? {} : { if: condition }),
    input: {},
    output: {},
    export: {},
    ...(timeout === undefined ? {} : { timeout }),
    then: { kind: "continue" },
    ...readAgentTexts(object, place),
    ...(inputs === undefined ? {} : { agentInput: inputs }),
    ...(schema === undefined ? {} : { schema }),
  };
}

/** The JSON Schema of an answer with the declared keys. */
function outputSchema(object: JsonObject): JsonObject | undefined {
  const outputs = member(object, "outputs");
  if (!Array.isArray(outputs) || outputs.length === 0) return undefined;
  const keys = outputs.filter((key): key is string => typeof key === "string");
  return {
    type: "object",
    properties: Object.fromEntries(keys.map((key) => [key, {}])),
    required: keys,
  };
}

/** Reads a task of the other dialect; its order is that of the graph. */
function readGraphOther(place: TaskPlace): Task | undefined {
  const { object } = place;
  for (const key of ["then", "message", "session", "model"]) {
    if (member(object, key) === undefined) continue;
    reportError(placeOf(place, key), {
      atKey: true,
      message: key === "then"
        ? 'Tasks of a graph have no "then"'
        : `Only a task with "agent" has "${key}"`,
      ...(key === "then" ? { hint: 'Use "dependsOn"' } : {}),
    });
  }
  if (member(object, "switch") !== undefined) {
    reportError(placeOf(place, "switch"), {
      atKey: true,
      message: 'Tasks of a graph have no "switch"',
      hint: 'Give the tasks an "if", or put the switch inside a "do"',
    });
    return undefined;
  }
  const inputs = readTemplate(
    readObject(member(object, "inputs"), placeOf(place, "inputs")),
    placeOf(place, "inputs"),
  );
  const task = readTask({
    ...place,
    object: withoutKeys(object, [
      ...GRAPH_KEYS,
      "then",
      "message",
      "session",
      "model",
    ]),
  });
  if (task === undefined || inputs === undefined) return task;
  if (task.input.from !== undefined) {
    reportError(placeOf(place, "inputs"), {
      atKey: true,
      message: 'A task has either "inputs" or "input.from"',
    });
  }
  return { ...task, input: { ...task.input, from: inputs } };
}
