/**
 * Stigmer's own dialect: tasks each started as soon as those it depends on are
 * done, a bounded number at once.
 *
 * Its output is an object with the outputs of all tasks by name, unless the
 * workflow says otherwise in `output.as`.
 *
 * @module
 */

import { pointerTo } from "../model/diagnostic.ts";
import { type Failure, failureOf } from "../model/failure.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  jsonTypeName,
} from "../model/json.ts";
import { fitsInput } from "../workflow/graph_inputs.ts";
import type { Graph, GraphInput, GraphTask } from "../workflow/tree.ts";
import {
  closeChildren,
  CONTINUE,
  type End,
  Fault,
  GRAPH_PARALLEL_MAX,
  later,
  openNode,
  type Place,
  type Walk,
} from "./_walk.ts";
import { retryDelayMs, waitAndRetry } from "./retry.ts";

/** Runs the tasks of a graph. */
export function runGraph(
  walk: Walk,
  graph: Graph,
  { input, end }: { readonly input: Json; readonly end: End },
): void {
  const outputs = new Map<string, Json>();
  const paths = pathsOf(graph);
  const { lacking, dependents } = dependenciesOf(graph);
  const ready = graph.tasks.filter((it) => lacking.get(it) === 0);
  let begun = 0;
  let running = 0;
  const node = openNode(walk.root);
  const fail = (failure: Failure): void => {
    closeChildren(walk, node);
    end.failed(failure);
  };
  const startReady = (): void => {
    while (running < GRAPH_PARALLEL_MAX && !node.ended) {
      const it = ready[begun];
      if (it === undefined) break;
      begun++;
      running++;
      start(it, 1);
    }
    if (outputs.size === graph.tasks.length && running === 0) {
      walk.final = { tasks: tasksVariable(outputs) };
      end.done(Object.fromEntries(outputs), CONTINUE);
    }
  };
  const finish = (it: GraphTask, output: Json): void => {
    outputs.set(it.task.name, output);
    running--;
    for (const dependent of dependents.get(it.task.name) ?? []) {
      const left = (lacking.get(dependent) ?? 0) - 1;
      lacking.set(dependent, left);
      if (left === 0) ready.push(dependent);
    }
    later(walk, node, startReady);
  };
  const start = (it: GraphTask, attempt: number): void => {
    const locals = { tasks: tasksVariable(outputs, it.dependsOn) };
    const startedAtMs = walk.nowMs;
    const path = paths.get(it) ?? "";
    walk.runTask(walk, {
      task: it.task,
      path,
      attempt,
      input,
      locals,
      parent: node,
    }, {
      done: (output, flow) => {
        if (flow.kind === "end") return walk.finish(walk, output);
        const view = walk.views.get(path);
        const skipped = view?.phase === "SKIPPED";
        const failure = skipped ? undefined : missingOutput(it, output);
        if (failure !== undefined) {
          if (view !== undefined) {
            view.failure = failure;
            view.phase = "FAILED";
          }
          return again(it, { attempt, failure, startedAtMs, locals });
        }
        finish(it, skipped ? null : output);
      },
      failed: (failure) => again(it, { attempt, failure, startedAtMs, locals }),
    });
  };
  const firstStarts = new Map<GraphTask, number>();
  const again = (
    it: GraphTask,
    failed: {
      readonly attempt: number;
      readonly failure: Failure;
      readonly startedAtMs: number;
      readonly locals: { readonly tasks: Json };
    },
  ): void => {
    const { attempt, failure } = failed;
    const firstStartedAtMs = firstStarts.get(it) ?? failed.startedAtMs;
    firstStarts.set(it, firstStartedAtMs);
    const path = paths.get(it) ?? "";
    if (it.retry === undefined) return fail(failure);
    const policy = it.retry;
    const place: Place = {
      node: openNode(node),
      task: it.task,
      path,
      attempt,
      rawInput: input,
      input,
      locals: failed.locals,
      startedAtMs: firstStartedAtMs,
      guarded: (work) => {
        try {
          work();
        } catch (error) {
          if (!(error instanceof Fault)) throw error;
          fail(error.failure);
        }
      },
    };
    place.guarded(() => {
      const delayMs = retryDelayMs(walk, place, {
        policy,
        failure,
        round: attempt,
        firstStartedAtMs,
        more: { error: { ...failure } },
      });
      if (delayMs === undefined) return fail(failure);
      waitAndRetry(walk, place, {
        about: { path, name: it.task.name, attempt },
        failure,
        delayMs,
        next: () => start(it, attempt + 1),
      });
    });
  };
  startReady();
}

/** The path of each task in the run. */
function pathsOf(graph: Graph): ReadonlyMap<GraphTask, string> {
  return new Map(graph.tasks.map((it, index) => [
    it,
    pointerTo(pointerTo("/tasks", index), it.task.name),
  ]));
}

/** How many tasks each one waits for, and which ones wait for a task. */
function dependenciesOf(graph: Graph): {
  readonly lacking: Map<GraphTask, number>;
  readonly dependents: ReadonlyMap<string, readonly GraphTask[]>;
} {
  const lacking = new Map<GraphTask, number>();
  const dependents = new Map<string, GraphTask[]>();
  for (const it of graph.tasks) {
    const names = new Set(it.dependsOn);
    lacking.set(it, names.size);
    for (const name of names) {
      const known = dependents.get(name) ?? [];
      dependents.set(name, known);
      known.push(it);
    }
  }
  return { lacking, dependents };
}

/**
 * `$tasks`: of some tasks that are done, their answers and their outputs.
 *
 * A task sees those that it depends on: what else is done when it starts is
 * chance.
 */
function tasksVariable(
  outputs: ReadonlyMap<string, Json>,
  names: Iterable<string> = outputs.keys(),
): JsonObject {
  return Object.fromEntries([...names].map((name) => {
    const output = outputs.get(name) ?? null;
    return [name, { output, outputs: output }];
  }));
}

/** Names the first key that a task of a graph should have given and did not. */
function missingOutput(
  task: GraphTask,
  output: Json,
): Failure | undefined {
  const missing = task.outputs.find((key) =>
    !isJsonObject(output) || !Object.hasOwn(output, key)
  );
  if (missing === undefined) return undefined;
  return failureOf(
    "validation",
    `Task "${task.task.name}" gave no output "${missing}", which its ` +
      `"outputs" name`,
    { instance: task.task.pointer },
  );
}

/** Fills in the defaults of a graph's inputs; throws the fault of a bad one. */
export function graphInputs(
  inputs: Readonly<Record<string, GraphInput>>,
  given: Json,
): JsonObject {
  const object = given === null ? {} : given;
  if (!isJsonObject(object)) {
    throw badInput(`must be an object, not ${jsonTypeName(object)}`);
  }
  const values: Record<string, Json> = { ...object };
  for (const name of Object.keys(object)) {
    if (!Object.hasOwn(inputs, name)) {
      throw badInput(`has "${name}", which the workflow does not declare`);
    }
  }
  for (const [name, input] of Object.entries(inputs)) {
    const value = values[name] ?? input.default;
    if (value === undefined || value === null) {
      if (input.required) throw badInput(`lacks "${name}"`);
      values[name] = null;
    } else if (fitsInput(value, input.type)) {
      values[name] = value;
    } else {
      throw badInput(
        `has "${name}" of type ${jsonTypeName(value)}, not ${input.type}`,
      );
    }
  }
  return values;
}

function badInput(problem: string): Fault {
  return new Fault(
    failureOf("validation", `The input of the workflow ${problem}`, {
      instance: "/inputs",
    }),
  );
}
