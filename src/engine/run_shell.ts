/**
 * `run: shell`: resolves the command, and leaves the running to the activity.
 *
 * @module
 */

import type { ShellTask } from "../workflow/tree_runs.ts";
import { runProcess } from "./_process.ts";
import type { End, Place, Walk } from "./_walk.ts";
import { timeoutOption } from "./call_http.ts";

/** Runs the command that the task describes. */
export function runShell(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: ShellTask; readonly end: End },
): void {
  runProcess(walk, place, {
    task,
    end,
    build: ({ giveText }) => ({
      command: giveText(task.command, "run.shell.command"),
    }),
    ...timeoutOption(walk, place),
  });
}
