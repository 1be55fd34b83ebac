/**
 * `for`: a list once for each item, each round after the one before.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import { isJsonArray } from "../model/json.ts";
import type { ForTask } from "../workflow/tree.ts";
import { roundPath } from "./_commands.ts";
import { askHolds, mustBePlain } from "./_deciding.ts";
import { article, fault, give } from "./_evaluate.ts";
import { runList } from "./_list.ts";
import { type End, ITERATIONS_MAX, type Place, type Walk } from "./_walk.ts";

/**
 * Runs the rounds. The items are those at the start, whatever the body does;
 * each round gets what the one before gave, and the last one's is the output.
 */
export function runFor(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: ForTask; readonly end: End },
): void {
  const items = itemsOf(walk, place, task);
  const prefix = roundPath(place);
  const round = (index: number, input: Json): void => {
    const item = items[index];
    if (item === undefined) return end.done(input, task.then);
    const locals = { ...place.locals, [task.each]: item, [task.at]: index };
    const within: Place = { ...place, input, locals };
    const run = (): void =>
      runList(walk, {
        tasks: task.tasks,
        prefix: `${prefix}/for/${index}/do`,
        input,
        locals,
        node: place.node,
      }, {
        done: (output) => place.guarded(() => round(index + 1, output)),
        failed: end.failed,
      });
    if (task.while === undefined) return run();
    askHolds(walk, within, {
      expression: task.while,
      what: "while",
      part: `for/${index}/while`,
      failed: end.failed,
      got: (holds) => holds ? run() : end.done(input, task.then),
    });
  };
  round(0, place.input);
}

function itemsOf(walk: Walk, place: Place, task: ForTask): readonly Json[] {
  const items = give(walk, place, { template: task.in, what: "for.in" });
  if (items === null) return [];
  // What is computed from secrets is not a list before an effect is given it.
  if (!isJsonArray(items)) {
    mustBePlain(walk, place, { value: items, what: "for.in" });
  }
  if (!isJsonArray(items)) {
    throw fault(
      place,
      "expression",
      `Task "${task.name}" needs an array for "for.in", not ${article(items)}`,
    );
  }
  if (items.length <= ITERATIONS_MAX) return items;
  throw fault(
    place,
    "runtime",
    `Task "${task.name}" has ${items.length} items, ${ITERATIONS_MAX} are ` +
      "allowed",
  );
}
