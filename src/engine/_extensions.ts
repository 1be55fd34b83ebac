/**
 * What a workflow does before and after tasks of a kind.
 *
 * The tasks of an extension see the task that they extend as `$task`, and are
 * not extended themselves. What they give is dropped: they change the context,
 * not the data; only a `before` that ends with `then: exit` stands in for the
 * task, and then its output is what the task would have given.
 *
 * @module
 */

import { pointerTo } from "../model/diagnostic.ts";
import type { Failure } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { ExtendedKind, Extension, Task } from "../workflow/tree.ts";
import { roundPath } from "./_commands.ts";
import { askHolds } from "./_deciding.ts";
import { taskVariable } from "./_evaluate.ts";
import { runList } from "./_list.ts";
import {
  closeChildren,
  closeNode,
  openNode,
  type Place,
  type Variables,
  type Walk,
} from "./_walk.ts";

/** How a task goes on after what is done before it. */
export interface AfterBefore {
  /** Runs the task. */
  readonly run: () => void;
  /** Takes this for what the task gave. */
  readonly standIn: (output: Json) => void;
  readonly failed: (failure: Failure) => void;
}

/**
 * Does what is to be done before a task, the outermost extension first.
 *
 * @param applied Takes the extensions of which the rest is done after it.
 */
export function runBefore(
  walk: Walk,
  place: Place,
  options: { readonly applied: Extension[]; readonly end: AfterBefore },
): void {
  const { applied, end } = options;
  findExtensions(walk, place, (all) => {
    const go = (index: number): void => {
      const extension = all[index];
      if (extension === undefined) return end.run();
      runPart(walk, place, {
        extension,
        part: "before",
        input: place.rawInput,
        more: {},
        failed: end.failed,
        done: (output, exited) => {
          if (exited) return end.standIn(output);
          applied.push(extension);
          go(index + 1);
        },
      });
    };
    go(0);
  });
}

/** Does what is to be done after a task, the innermost extension first. */
export function runAfter(
  walk: Walk,
  place: Place,
  options: {
    readonly applied: readonly Extension[];
    readonly output: Json;
    readonly done: () => void;
    readonly failed: (failure: Failure) => void;
  },
): void {
  const { applied, output } = options;
  if (applied.length === 0) return options.done();
  // The task is over: its timeout is, too.
  closeChildren(walk, place.node);
  const go = (index: number): void => {
    const extension = applied[index];
    if (extension === undefined) return options.done();
    runPart(walk, place, {
      extension,
      part: "after",
      input: output,
      more: { output },
      failed: options.failed,
      done: () => go(index - 1),
    });
  };
  go(applied.length - 1);
}

function runPart(
  walk: Walk,
  place: Place,
  options: {
    readonly extension: Extension;
    readonly part: "before" | "after";
    readonly input: Json;
    readonly more: Variables;
    readonly done: (output: Json, exited: boolean) => void;
    readonly failed: (failure: Failure) => void;
  },
): void {
  const { extension, part, input } = options;
  const tasks = extension[part];
  if (tasks.length === 0) return options.done(input, false);
  const node = openNode(place.node);
  node.isExtension = true;
  runList(walk, {
    tasks,
    prefix: pointerTo(`${roundPath(place)}/${part}`, extension.name),
    input,
    locals: {
      ...place.locals,
      ...options.more,
      task: taskVariable(walk, place),
    },
    node,
  }, {
    done: (output, flow) => {
      closeNode(walk, node);
      place.guarded(() => options.done(output, flow.kind === "exit"));
    },
    failed: options.failed,
  });
}

/** Finds the extensions that apply to a task now. */
function findExtensions(
  walk: Walk,
  place: Place,
  found: (extensions: readonly Extension[]) => void,
): void {
  const { extensions } = walk.plan;
  if (extensions.length === 0 || place.node.isExtension) return found([]);
  const kind = extendedKind(place.task);
  const meant = extensions.filter(({ extend }) =>
    extend === "all" || extend === kind
  );
  const applied: Extension[] = [];
  const look = (index: number): void => {
    const extension = meant[index];
    if (extension === undefined) return found(applied);
    askApplies(walk, place, {
      extension,
      got: (applies) => {
        if (applies) applied.push(extension);
        look(index + 1);
      },
    });
  };
  look(0);
}

/**
 * Asks whether a condition holds. It is asked of tasks of all shapes: where it
 * cannot be evaluated, the task is none of those that are meant.
 */
function askApplies(
  walk: Walk,
  place: Place,
  { extension, got }: {
    readonly extension: Extension;
    readonly got: (applies: boolean) => void;
  },
): void {
  const { when, name } = extension;
  if (when === undefined) return got(true);
  askHolds(walk, place, {
    expression: when,
    what: "when",
    part: pointerTo("extension", name),
    failed: () => undefined,
    otherwise: false,
    got,
  });
}

/** The group of a task, as the specification names them. */
function extendedKind({ kind }: Task): ExtendedKind | undefined {
  switch (kind) {
    case "do":
      return "composite";
    case "fork":
      return undefined;
    case "emit":
    case "for":
    case "listen":
    case "raise":
    case "set":
    case "switch":
    case "try":
    case "wait":
      return kind;
    case "container":
    case "script":
    case "shell":
    case "workflow":
      return "run";
    case "a2a":
    case "agent":
    case "asyncapi":
    case "function":
    case "grpc":
    case "http":
    case "human":
    case "llm":
    case "mcp":
    case "openapi":
    case "typescript":
      return "call";
  }
}
