/**
 * `wait`: lets time pass, without holding anything meanwhile.
 *
 * @module
 */

import type { WaitTask } from "../workflow/tree.ts";
import { aboutOf, startTimer } from "./_commands.ts";
import { giveDuration } from "./_evaluate.ts";
import type { End, Place, Walk } from "./_walk.ts";

/** Waits, and gives its input on. */
export function runWait(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: WaitTask; readonly end: End },
): void {
  const delayMs = giveDuration(walk, place, {
    duration: task.duration,
    what: "wait",
  });
  if (place.node.view !== undefined) place.node.view.phase = "WAITING";
  startTimer(walk, place.node, {
    about: aboutOf(place),
    delayMs,
    shown: true,
    fired: () => end.done(place.input, task.then),
  });
}
