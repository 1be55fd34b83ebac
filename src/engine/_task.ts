/**
 * One task from its raw input to its transformed output, whatever its kind.
 *
 * This is the border at which what an expression or a schema throws becomes a
 * failure of the task.
 *
 * @module
 */

import { usesVariable } from "../expr/template.ts";
import type { Failure } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { Flow, Task } from "../workflow/tree.ts";
import { aboutOf, limitTime, recordFailure, roundPath } from "./_commands.ts";
import { give, giveDuration, holds, mustFit } from "./_evaluate.ts";
import { runList } from "./_list.ts";
import {
  closeNode,
  CONTINUE,
  type End,
  endView,
  Fault,
  openNode,
  type Place,
  type TaskStart,
  type View,
  type Walk,
} from "./_walk.ts";
import { runAgent } from "./agent.ts";
import { runFor } from "./for.ts";
import { runFork } from "./fork.ts";
import { runHttp } from "./call_http.ts";
import { runHuman } from "./human.ts";
import { runRaise } from "./raise.ts";
import { runShell } from "./run_shell.ts";
import { runSwitch } from "./switch.ts";
import { runContainer } from "./run_container.ts";
import { runScript } from "./run_script.ts";
import { runTry } from "./try.ts";
import { runWorkflow } from "./run_workflow.ts";
import { runWait } from "./wait.ts";

/** Starts a task. */
export function runTask(walk: Walk, start: TaskStart, end: End): void {
  const { task } = start;
  const node = openNode(start.parent);
  const place: Place = {
    node,
    task,
    path: start.path,
    attempt: start.attempt,
    rawInput: start.input,
    input: start.input,
    locals: start.locals,
    startedAtMs: walk.nowMs,
    guarded: (work) => border(walk, place, { work, fail }),
  };
  const view = viewOf(walk, place);
  node.view = view;
  const fail = (failure: Failure): void => {
    view.failure = failure;
    endView(walk, view, "FAILED");
    closeNode(walk, node);
    end.failed(failure);
  };
  const body: End = {
    done: (output, flow) =>
      place.guarded(() => complete(walk, place, { output, flow, view, end })),
    failed: fail,
  };
  place.guarded(() => enter(walk, place, { view, end, body }));
}

/** Runs what may throw a fault; a fault ends the task and is written down. */
function border(
  walk: Walk,
  place: Place,
  options: {
    readonly work: () => void;
    readonly fail: (failure: Failure) => void;
  },
): void {
  try {
    options.work();
  } catch (error) {
    if (!(error instanceof Fault) || place.node.ended) throw error;
    recordFailure(walk, place, error.failure);
    options.fail(error.failure);
  }
}

function enter(
  walk: Walk,
  place: Place,
  options: { readonly view: View; readonly end: End; readonly body: End },
): void {
  const { task } = place;
  const skipped = task.if !== undefined &&
    !holds(walk, place, { expression: task.if, what: "if" });
  if (skipped) {
    endView(walk, options.view, "SKIPPED");
    closeNode(walk, place.node);
    options.end.done(place.rawInput, CONTINUE);
    return;
  }
  mustFit(place, {
    schema: task.input.schema,
    value: place.rawInput,
    what: "input.schema",
  });
  // What needs secrets is made just before the effect, and kept nowhere.
  if (task.input.from !== undefined && !usesSecrets(task)) {
    place.input = give(walk, place, {
      template: task.input.from,
      what: "input.from",
    });
  }
  limit(walk, place, options.body);
  begin(walk, place, options.body);
}

function usesSecrets({ input, reveals }: Task): boolean {
  return input.from !== undefined && reveals !== undefined &&
    usesVariable(input.from, "secrets");
}

/** Sets the task's timeout; effects get theirs with the request. */
function limit(walk: Walk, place: Place, body: End): void {
  const { timeout, kind } = place.task;
  if (timeout === undefined || kind === "http" || kind === "shell") return;
  const delayMs = giveDuration(walk, place, {
    duration: timeout,
    what: "timeout",
  });
  const { path, name, attempt } = aboutOf(place);
  limitTime(walk, place.node, {
    about: { path: `${path}/timeout`, name, attempt },
    delayMs,
    expired: (failure) =>
      body.failed({ ...failure, instance: place.task.pointer }),
  });
}

function begin(walk: Walk, place: Place, body: End): void {
  const { task } = place;
  switch (task.kind) {
    case "do":
      return runList(walk, {
        tasks: task.tasks,
        prefix: `${roundPath(place)}/do`,
        input: place.input,
        locals: place.locals,
        node: place.node,
      }, { ...body, done: (output) => body.done(output, task.then) });
    case "set":
      return body.done(
        give(walk, place, { template: task.value, what: "set" }),
        task.then,
      );
    case "switch":
      return runSwitch(walk, place, { task, end: body });
    case "for":
      return runFor(walk, place, { task, end: body });
    case "fork":
      return runFork(walk, place, { task, end: body });
    case "try":
      return runTry(walk, place, { task, end: body });
    case "raise":
      return runRaise(walk, place, task);
    case "wait":
      return runWait(walk, place, { task, end: body });
    case "shell":
      return runShell(walk, place, { task, end: body });
    case "http":
      return runHttp(walk, place, { task, end: body });
    case "agent":
      return runAgent(walk, place, { task, end: body });
    case "human":
      return runHuman(walk, place, { task, end: body });
    case "script":
      return runScript(walk, place, { task, end: body });
    case "container":
      return runContainer(walk, place, { task, end: body });
    case "workflow":
      return runWorkflow(walk, place, { task, end: body });
  }
}

/** Turns the raw output into the task's, exports, and goes on. */
function complete(
  walk: Walk,
  place: Place,
  options: {
    readonly output: Json;
    readonly flow: Flow;
    readonly view: View;
    readonly end: End;
  },
): void {
  const { task } = place;
  const output = task.output.as === undefined
    ? options.output
    : give(walk, place, {
      template: task.output.as,
      what: "output.as",
      sight: { at: options.output, more: { output: options.output } },
    });
  mustFit(place, {
    schema: task.output.schema,
    value: output,
    what: "output.schema",
  });
  exportContext(walk, place, output);
  endView(walk, options.view, "COMPLETED");
  closeNode(walk, place.node);
  options.end.done(output, options.flow);
}

function exportContext(walk: Walk, place: Place, output: Json): void {
  const { as, schema } = place.task.export;
  if (as === undefined && schema === undefined) return;
  const context = as === undefined ? walk.context : give(walk, place, {
    template: as,
    what: "export.as",
    sight: { at: output, more: { output } },
  });
  mustFit(place, { schema, value: context, what: "export.schema" });
  walk.context = context;
}

/** How the task stands; a further try of it goes on with the same view. */
function viewOf(walk: Walk, place: Place): View {
  const known = walk.views.get(place.path);
  if (known !== undefined) {
    known.phase = "RUNNING";
    known.attempts = place.attempt;
    delete known.completedAtMs;
    delete known.failure;
    return known;
  }
  const made: View = {
    path: place.path,
    name: place.task.name,
    kind: kindOf(place.task),
    phase: "RUNNING",
    attempts: place.attempt,
    startedAtMs: walk.nowMs,
  };
  walk.views.set(place.path, made);
  return made;
}

function kindOf(task: Task): string {
  switch (task.kind) {
    case "http":
      return "call http";
    case "human":
      return "call human";
    case "agent":
      return "agent";
    case "shell":
    case "workflow":
      return `run ${task.kind}`;
    default:
      return task.kind;
  }
}
    case "container":
    case "script":
