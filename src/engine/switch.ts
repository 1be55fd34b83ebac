/**
 * `switch`: the first case that matches says where to go.
 *
 * @module
 */

import type { SwitchTask } from "../workflow/tree.ts";
import { askHolds } from "./_deciding.ts";
import type { End, Place, Walk } from "./_walk.ts";

/** Chooses; without a match it goes where the task itself goes. */
export function runSwitch(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: SwitchTask; readonly end: End },
): void {
  const choose = (index: number): void => {
    const it = task.cases[index];
    if (it?.when === undefined) {
      return end.done(place.input, it?.then ?? task.then);
    }
    askHolds(walk, place, {
      expression: it.when,
      what: `switch.${it.name}.when`,
      part: `switch/${index}/when`,
      failed: end.failed,
      got: (holds) =>
        holds ? end.done(place.input, it.then) : choose(index + 1),
    });
  };
  choose(0);
}
