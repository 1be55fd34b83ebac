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
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { Graph, GraphTask } from "../workflow/tree.ts";
import {
  closeChildren,
  CONTINUE,
  type End,
  Fault,
  GRAPH_PARALLEL_MAX,
  later,
  type Node,
  openNode,
  type Place,
  type Walk,
} from "./_walk.ts";
import { askRetry, waitAndRetry } from "./retry.ts";

/** A graph at work. */
interface Running {
  readonly walk: Walk;
  readonly graph: Graph;
  readonly input: Json;
  readonly end: End;
  readonly node: Node;
  readonly paths: ReadonlyMap<GraphTask, string>;
  /** How many tasks each one still waits for. */
  readonly lacking: Map<GraphTask, number>;
  /** Which tasks wait for a task. */
  readonly dependents: ReadonlyMap<string, readonly GraphTask[]>;
  readonly outputs: Map<string, Json>;
  /** When the first try of a task that failed began. */
  readonly firstStarts: Map<GraphTask, number>;
  /** Tasks that wait for none, in the order in which they came to that. */
  readonly ready: GraphTask[];
  /** How many of those were begun, and how many of them have not ended. */
  begun: number;
  running: number;
}

/** A try of a task. */
interface Try {
  readonly attempt: number;
  readonly startedAtMs: number;
  readonly locals: { readonly tasks: Json };
}

/** Runs the tasks of a graph. */
export function runGraph(
  walk: Walk,
  graph: Graph,
  { input, end }: { readonly input: Json; readonly end: End },
): void {
  const { lacking, dependents } = dependenciesOf(graph);
  startReady({
    walk,
    graph,
    input,
    end,
    node: openNode(walk.root),
    paths: pathsOf(graph),
    lacking,
    dependents,
    outputs: new Map(),
    firstStarts: new Map(),
    ready: graph.tasks.filter((it) => lacking.get(it) === 0),
    begun: 0,
    running: 0,
  });
}

function startReady(run: Running): void {
  const { walk, graph, outputs } = run;
  while (run.running < GRAPH_PARALLEL_MAX && !run.node.ended) {
    const it = run.ready[run.begun];
    if (it === undefined) break;
    run.begun++;
    run.running++;
    start(run, it, 1);
  }
  if (outputs.size === graph.tasks.length && run.running === 0) {
    walk.final = { tasks: tasksVariable(outputs) };
    // In the order of the definition, whichever was done first.
    const output = Object.fromEntries(
      graph.tasks.map((
        { task: { name } },
      ) => [name, outputs.get(name) ?? null]),
    );
    run.end.done(output, CONTINUE);
  }
}

function start(run: Running, it: GraphTask, attempt: number): void {
  const { walk, input, node } = run;
  const locals = { tasks: tasksVariable(run.outputs, it.dependsOn) };
  const path = run.paths.get(it) ?? "";
  const made: Try = { attempt, startedAtMs: walk.nowMs, locals };
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
      if (view?.phase === "SKIPPED") return finish(run, it, null);
      const failure = missingOutput(it, output);
      if (failure === undefined) return finish(run, it, output);
      if (view !== undefined) {
        view.failure = failure;
        view.phase = "FAILED";
      }
      again(run, it, { ...made, failure });
    },
    failed: (failure) => again(run, it, { ...made, failure }),
  });
}

/** Takes a task's output, and starts what waited for nothing else. */
function finish(run: Running, it: GraphTask, output: Json): void {
  const { lacking } = run;
  run.outputs.set(it.task.name, output);
  run.running--;
  for (const dependent of run.dependents.get(it.task.name) ?? []) {
    const left = (lacking.get(dependent) ?? 0) - 1;
    lacking.set(dependent, left);
    if (left === 0) run.ready.push(dependent);
  }
  later(run.walk, run.node, () => startReady(run));
}

function fail(run: Running, failure: Failure): void {
  closeChildren(run.walk, run.node);
  run.end.failed(failure);
}

/** Tries a task that failed again, if its policy says so. */
function again(
  run: Running,
  it: GraphTask,
  failed: Try & { readonly failure: Failure },
): void {
  const { walk } = run;
  const { attempt, failure } = failed;
  const firstStartedAtMs = run.firstStarts.get(it) ?? failed.startedAtMs;
  run.firstStarts.set(it, firstStartedAtMs);
  const policy = it.retry;
  if (policy === undefined) return fail(run, failure);
  const place = retryPlace(run, it, { ...failed, firstStartedAtMs });
  place.guarded(() => {
    askRetry(walk, place, {
      policy,
      failure,
      round: attempt,
      firstStartedAtMs,
      more: { error: { ...failure } },
      failed: (unknown) => fail(run, unknown),
      got: (delayMs) => {
        if (delayMs === undefined) return fail(run, failure);
        waitAndRetry(walk, place, {
          about: { path: place.path, name: it.task.name, attempt },
          failure,
          delayMs,
          next: () => start(run, it, attempt + 1),
        });
      },
    });
  });
}

/** Where a task stands between two tries. */
function retryPlace(
  run: Running,
  it: GraphTask,
  failed: Try & { readonly firstStartedAtMs: number },
): Place {
  return {
    node: openNode(run.node),
    task: it.task,
    path: run.paths.get(it) ?? "",
    attempt: failed.attempt,
    rawInput: run.input,
    input: run.input,
    locals: failed.locals,
    startedAtMs: failed.firstStartedAtMs,
    guarded: (work) => {
      try {
        work();
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        fail(run, error.failure);
      }
    },
  };
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
