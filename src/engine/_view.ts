/**
 * How a task stands, for people: its view, made when it is first begun.
 *
 * @module
 */

import type { TaskView } from "../model/durable.ts";
import type { Task } from "../workflow/tree.ts";
import { shown, shownFailure, shownText } from "./_seals.ts";
import type { Place, View, Walk } from "./_walk.ts";

/** How the task stands; a further try of it goes on with the same view. */
export function viewOf(walk: Walk, place: Place): View {
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
    pointer: place.task.pointer,
    name: place.task.name,
    kind: kindOf(place.task),
    phase: "RUNNING",
    attempts: place.attempt,
    startedAtMs: walk.nowMs,
  };
  walk.views.set(place.path, made);
  return made;
}

/** How a task stands, for whoever may not open what stands for secrets. */
export function shownView({ seals }: Walk, view: View): TaskView {
  if (seals?.used !== true) return { ...view };
  const { failure, human, input, output } = view;
  return {
    ...view,
    ...(failure === undefined ? {} : {
      failure: shownFailure(seals, failure),
    }),
    ...(human === undefined
      ? {}
      : { human: { ...human, prompt: shownText(seals, human.prompt) } }),
    ...(input === undefined ? {} : { input: shown(seals, input) }),
    ...(output === undefined ? {} : { output: shown(seals, output) }),
  };
}

function kindOf(task: Task): string {
  switch (task.kind) {
    case "a2a":
    case "asyncapi":
    case "grpc":
    case "http":
    case "human":
    case "llm":
    case "mcp":
    case "openapi":
    case "typescript":
      return `call ${task.kind}`;
    case "agent":
      return "agent";
    case "function":
      return `call ${task.function.name}`;
    case "container":
    case "script":
    case "shell":
    case "workflow":
      return `run ${task.kind}`;
    default:
      return task.kind;
  }
}
