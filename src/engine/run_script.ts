/**
 * `run: script`: resolves the code and what it is given, and leaves the
 * running to the activity.
 *
 * @module
 */

import type { ScriptTask } from "../workflow/tree_runs.ts";
import { fault } from "./_evaluate.ts";
import { runProcess } from "./_process.ts";
import type { End, Place, Walk } from "./_walk.ts";

/** Runs the script that the task holds or names. */
export function runScript(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: ScriptTask; readonly end: End },
): void {
  const { code, language } = task;
  if (code.kind === "external") {
    throw fault(place, "configuration", "Scripts from elsewhere cannot be run");
  }
  runProcess(walk, place, {
    task,
    end,
    build: ({ giveText }) => ({
      language,
      code: giveText(code.code, "run.script.code"),
    }),
  });
}
