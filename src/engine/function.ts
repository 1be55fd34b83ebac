/**
 * `call` of a function of one's own: runs the task that it is.
 *
 * A function sees its input and nothing else of who calls it. Its failure is
 * one of the task that calls it: that is where the definition can be changed.
 *
 * @module
 */

import { pointerTo } from "../model/diagnostic.ts";
import type { Failure } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import { readExternalFunction } from "../workflow/external_function.ts";
import type { Task } from "../workflow/tree.ts";
import type { FunctionTask } from "../workflow/tree_calls.ts";
import { roundPath } from "./_commands.ts";
import { fault, give } from "./_evaluate.ts";
import { fetchDocument } from "./_fetch.ts";
import {
  type End,
  FUNCTION_DEPTH_MAX,
  openNode,
  type Place,
  type Walk,
} from "./_walk.ts";

/** Runs the function with its arguments. */
export function runFunction(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: FunctionTask; readonly end: End },
): void {
  const input = task.arguments === undefined
    ? place.input
    : give(walk, place, { template: task.arguments, what: "with" });
  findFunction(walk, place, {
    task,
    failed: end.failed,
    got: (called) => callTask(walk, place, { task, called, input, end }),
  });
}

function findFunction(
  walk: Walk,
  place: Place,
  options: {
    readonly task: FunctionTask;
    readonly got: (called: Task) => void;
    readonly failed: (failure: Failure) => void;
  },
): void {
  const called = options.task.function;
  if (called.kind === "defined") return options.got(called.task);
  const { name, resource } = called;
  const known = walk.functions?.get(name);
  if (known !== undefined) return options.got(known.task);
  fetchDocument(walk, place, {
    resource,
    at: "function",
    failed: options.failed,
    got: (definition) => {
      const task = readFetched(walk, place, { name, definition });
      (walk.functions ??= new Map()).set(name, { task, definition });
      options.got(task);
    },
  });
}

function readFetched(
  walk: Walk,
  place: Place,
  { name, definition }: { readonly name: string; readonly definition: Json },
): Task {
  const { task, problem } = readExternalFunction(definition, {
    name,
    secrets: walk.plan.secrets,
  });
  if (task !== undefined) return task;
  throw fault(
    place,
    "configuration",
    `Cannot call function "${name}" as it was fetched: ${problem}`,
  );
}

function callTask(
  walk: Walk,
  place: Place,
  options: {
    readonly task: FunctionTask;
    readonly called: Task;
    readonly input: Json;
    readonly end: End;
  },
): void {
  const { task, called, input, end } = options;
  const node = openNode(place.node);
  node.calls = (place.node.calls ?? 0) + 1;
  if (node.calls > FUNCTION_DEPTH_MAX) {
    throw fault(
      place,
      "runtime",
      `Cannot call function "${called.name}": more than ` +
        `${FUNCTION_DEPTH_MAX} calls stand in each other`,
    );
  }
  walk.runTask(walk, {
    task: called,
    path: pointerTo(`${roundPath(place)}/call`, called.name),
    attempt: 1,
    input,
    locals: {},
    parent: node,
  }, {
    done: (output, flow) =>
      flow.kind === "end"
        ? walk.finish(walk, output)
        : end.done(output, task.then),
    failed: (failure) =>
      end.failed(
        failure.instance.startsWith(called.pointer)
          ? { ...failure, instance: task.pointer }
          : failure,
      ),
  });
}
