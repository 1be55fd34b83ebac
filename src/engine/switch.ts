/**
 * `switch`: the first case that matches says where to go.
 *
 * @module
 */

import type { SwitchTask } from "../workflow/tree.ts";
import { holds } from "./_evaluate.ts";
import type { End, Place, Walk } from "./_walk.ts";

/** Chooses; without a match it goes where the task itself goes. */
export function runSwitch(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: SwitchTask; readonly end: End },
): void {
  const chosen = task.cases.find((it) =>
    it.when === undefined ||
    holds(walk, place, { expression: it.when, what: `switch.${it.name}.when` })
  );
  end.done(place.input, chosen?.then ?? task.then);
}
