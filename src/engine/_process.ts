/**
 * What `run` of a command, a script and a container have in common.
 *
 * @module
 */

import type { JsonObject } from "../model/json.ts";
import type {
  ContainerTask,
  ScriptTask,
  ShellTask,
} from "../workflow/tree_runs.ts";
import { runActivity } from "./_commands.ts";
import { effectInput, type Eyes } from "./_effect_input.ts";
import type { End, Place, Walk } from "./_walk.ts";
import { settle } from "./call_http.ts";

/** Runs the process of a task by the activity that has its kind's name. */
export function runProcess(
  walk: Walk,
  place: Place,
  options: {
    readonly task: ShellTask | ScriptTask | ContainerTask;
    readonly end: End;
    /** What its kind is given besides. */
    readonly build: (eyes: Eyes) => JsonObject;
    readonly timeoutMs?: number;
  },
): void {
  const { task, end, build, timeoutMs } = options;
  const { kind } = task;
  runActivity(walk, place, {
    request: {
      activity: kind,
      ...effectInput(walk, place, (eyes) => ({
        ...build(eyes),
        arguments: eyes.optional(task.arguments, `run.${kind}.arguments`),
        stdin: eyes.optional(task.stdin, `run.${kind}.stdin`),
        environment: eyes.optional(task.environment, `run.${kind}.environment`),
        await: task.await,
        return: task.return,
      })),
      announced: true,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    },
    // Nobody waits for it, so that its output is the task's input.
    listener: (event) =>
      event.type === "TASK_COMPLETED" && !task.await
        ? end.done(place.input, task.then)
        : settle(event, { task, end }),
  });
}
