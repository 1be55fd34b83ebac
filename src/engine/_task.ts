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
import type { Extension, Flow, Task } from "../workflow/tree.ts";
import { aboutOf, limitTime, recordFailure, roundPath } from "./_commands.ts";
import { askFits, askHolds } from "./_deciding.ts";
import { fault, give, giveDuration } from "./_evaluate.ts";
import { runAfter, runBefore } from "./_extensions.ts";
import { findSchema } from "./_fetch.ts";
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
import { viewOf } from "./_view.ts";
import { runAgent } from "./agent.ts";
import { runEmit } from "./emit.ts";
import { runFor } from "./for.ts";
import { runFork } from "./fork.ts";
import { runFunction } from "./function.ts";
import { runA2a } from "./call_a2a.ts";
import { runAsyncApi } from "./call_asyncapi.ts";
import { runGrpc } from "./call_grpc.ts";
import { runMcp } from "./call_mcp.ts";
import { runHttp } from "./call_http.ts";
import { runOpenApi } from "./call_openapi.ts";
import { runHuman } from "./human.ts";
import { runLlm } from "./llm.ts";
import { runListen } from "./listen.ts";
import { runRaise } from "./raise.ts";
import { runContainer } from "./run_container.ts";
import { runScript } from "./run_script.ts";
import { runShell } from "./run_shell.ts";
import { runWorkflow } from "./run_workflow.ts";
import { runSwitch } from "./switch.ts";
import { runTry } from "./try.ts";
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
  const applied: Extension[] = [];
  const body: End = {
    done: (output, flow) =>
      place.guarded(() =>
        complete(walk, place, { output, flow, view, end, fail, applied })
      ),
    failed: fail,
  };
  place.guarded(() => enter(walk, place, { view, end, body, applied }));
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
  options: {
    readonly view: View;
    readonly end: End;
    readonly body: End;
    readonly applied: Extension[];
  },
): void {
  const { task } = place;
  const { body, applied } = options;
  const run = (): void =>
    runBefore(walk, place, {
      applied,
      end: {
        run: () => takeInput(walk, place, body),
        standIn: (output) => body.done(output, task.then),
        failed: body.failed,
      },
    });
  if (task.if === undefined) return run();
  askHolds(walk, place, {
    expression: task.if,
    what: "if",
    part: "if",
    failed: body.failed,
    got: (holds) => {
      if (holds) return run();
      endView(walk, options.view, "SKIPPED");
      closeNode(walk, place.node);
      options.end.done(place.rawInput, CONTINUE);
    },
  });
}

/** Checks the input and transforms it, and begins the task itself. */
function takeInput(walk: Walk, place: Place, body: End): void {
  const flow = place.task.input;
  const fitInput = (schema: Json | undefined): void =>
    askFits(walk, place, {
      schema,
      value: place.rawInput,
      what: "input.schema",
      part: "input/schema/fits",
      failed: body.failed,
      got: () => start(walk, place, body),
    });
  // Nearly every schema is here: this is the way of each task of each run.
  if (flow.schemaResource === undefined) return fitInput(flow.schema);
  findSchema(walk, place, {
    flow,
    at: "input/schema",
    failed: body.failed,
    got: fitInput,
  });
}

function start(walk: Walk, place: Place, body: End): void {
  const { task } = place;
  if (task.input.from !== undefined && !isLate(walk, task)) {
    place.input = give(walk, place, {
      template: task.input.from,
      what: "input.from",
    });
  }
  const { view } = place.node;
  if (walk.traced && view !== undefined) view.input = place.input;
  limit(walk, place, body);
  begin(walk, place, body);
}

/**
 * Where a run has nothing that stands for a secret, what needs one is made just
 * before the effect, and kept nowhere.
 */
function isLate({ seals }: Walk, { input, reveals }: Task): boolean {
  return seals === undefined && input.from !== undefined &&
    reveals !== undefined &&
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
    case "emit":
      return runEmit(walk, place, { task, end: body });
    case "listen":
      return runListen(walk, place, { task, end: body });
    case "wait":
      return runWait(walk, place, { task, end: body });
    case "shell":
      return runShell(walk, place, { task, end: body });
    case "script":
      return runScript(walk, place, { task, end: body });
    case "container":
      return runContainer(walk, place, { task, end: body });
    case "workflow":
      return runWorkflow(walk, place, { task, end: body });
    case "function":
      return runFunction(walk, place, { task, end: body });
    case "http":
      return runHttp(walk, place, { task, end: body });
    case "openapi":
      return runOpenApi(walk, place, { task, end: body });
    case "grpc":
      return runGrpc(walk, place, { task, end: body });
    case "asyncapi":
      return runAsyncApi(walk, place, { task, end: body });
    case "a2a":
      return runA2a(walk, place, { task, end: body });
    case "agent":
      return runAgent(walk, place, { task, end: body });
    case "human":
      return runHuman(walk, place, { task, end: body });
    case "llm":
      return runLlm(walk, place, { task, end: body });
    case "mcp":
      return runMcp(walk, place, { task, end: body });
    case "typescript":
      throw fault(
        place,
        "configuration",
        `Cannot run task "${task.name}": it is a function of a program, ` +
          "which alone can run it",
      );
  }
}

/** What is left to do once a task ran. */
interface Completion {
  readonly output: Json;
  readonly flow: Flow;
  readonly view: View;
  readonly end: End;
  readonly fail: (failure: Failure) => void;
  /** The extensions that have something to do after it. */
  readonly applied: readonly Extension[];
}

/** Turns the raw output into the task's, exports, and goes on. */
function complete(walk: Walk, place: Place, options: Completion): void {
  const { task } = place;
  const { fail } = options;
  place.rawOutput = options.output;
  const output = task.output.as === undefined
    ? options.output
    : give(walk, place, {
      template: task.output.as,
      what: "output.as",
      sight: { at: options.output, more: { output: options.output } },
    });
  const fitOutput = (schema: Json | undefined): void =>
    askFits(walk, place, {
      schema,
      value: output,
      what: "output.schema",
      part: "output/schema/fits",
      failed: fail,
      got: () =>
        exportContext(walk, place, {
          output,
          failed: fail,
          done: () => leave(walk, place, { ...options, output }),
        }),
    });
  const flow = task.output;
  if (flow.schemaResource === undefined) return fitOutput(flow.schema);
  findSchema(walk, place, {
    flow,
    at: "output/schema",
    failed: fail,
    got: fitOutput,
  });
}

function exportContext(
  walk: Walk,
  place: Place,
  options: {
    readonly output: Json;
    readonly done: () => void;
    readonly failed: (failure: Failure) => void;
  },
): void {
  const flow = place.task.export;
  const { failed } = options;
  if (flow.schemaResource === undefined) {
    return setContext(walk, place, { ...options, schema: flow.schema });
  }
  findSchema(walk, place, {
    flow,
    at: "export/schema",
    failed,
    got: (schema) => setContext(walk, place, { ...options, schema }),
  });
}

function setContext(
  walk: Walk,
  place: Place,
  { output, schema, done, failed }: {
    readonly output: Json;
    readonly schema: Json | undefined;
    readonly done: () => void;
    readonly failed: (failure: Failure) => void;
  },
): void {
  const { as } = place.task.export;
  if (as === undefined && schema === undefined) return done();
  const context = as === undefined ? walk.context : give(walk, place, {
    template: as,
    what: "export.as",
    sight: { at: output, more: { output } },
  });
  askFits(walk, place, {
    schema,
    value: context,
    what: "export.schema",
    part: "export/schema/fits",
    failed,
    got: () => {
      walk.context = context;
      done();
    },
  });
}

/** Does what extensions do after the task, and ends it. */
function leave(walk: Walk, place: Place, options: Completion): void {
  const { output, applied, flow, view } = options;
  runAfter(walk, place, {
    applied,
    output,
    failed: options.fail,
    done: () => {
      if (walk.traced) view.output = output;
      endView(walk, view, "COMPLETED");
      closeNode(walk, place.node);
      place.node.completed?.();
      options.end.done(output, flow);
    },
  });
}
