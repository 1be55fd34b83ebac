/**
 * `run: shell`: resolves the command, and leaves the running to the activity.
 *
 * @module
 */

import type { ShellTask } from "../workflow/tree_runs.ts";
import { runActivity } from "./_commands.ts";
import { effectInput } from "./_effect_input.ts";
import type { End, Place, Walk } from "./_walk.ts";
import { settle, timeoutOption } from "./call_http.ts";

/** Runs the command that the task describes. */
export function runShell(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: ShellTask; readonly end: End },
): void {
  const input = effectInput(walk, place, ({ giveText, optional }) => ({
    command: giveText(task.command, "run.shell.command"),
    arguments: optional(task.arguments, "run.shell.arguments"),
    stdin: optional(task.stdin, "run.shell.stdin"),
    environment: optional(task.environment, "run.shell.environment"),
    await: task.await,
    return: task.return,
  }));
  runActivity(walk, place, {
    request: {
      activity: "shell",
      ...input,
      announced: true,
      ...timeoutOption(walk, place),
    },
    // Nobody waits for it, so that its output is the task's input.
    listener: (event) =>
      event.type === "TASK_COMPLETED" && !task.await
        ? end.done(place.input, task.then)
        : settle(event, { task, end }),
  });
}
