/**
 * `fork`: branches at once.
 *
 * Each branch gets the fork's input. Without `compete` the output is an array
 * in the order of the branches; with it, that of the first branch to finish.
 * A branch that fails fails the fork either way, and cancels the others.
 *
 * @module
 */

import { pointerTo } from "../model/diagnostic.ts";
import type { Json } from "../model/json.ts";
import type { ForkTask } from "../workflow/tree.ts";
import { roundPath } from "./_commands.ts";
import { closeChildren, type End, type Place, type Walk } from "./_walk.ts";

/** Runs the branches. */
export function runFork(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: ForkTask; readonly end: End },
): void {
  const prefix = `${roundPath(place)}/fork/branches`;
  const outputs: Json[] = task.branches.map(() => null);
  let left = task.branches.length;
  let over = false;
  const close = (): void => {
    over = true;
    closeChildren(walk, place.node);
  };
  const finish = (index: number, output: Json): void => {
    outputs[index] = output;
    left--;
    if (!task.compete && left > 0) return;
    close();
    end.done(task.compete ? output : outputs, task.then);
  };
  if (left === 0) return end.done([], task.then);
  for (const [index, branch] of task.branches.entries()) {
    if (over || walk.result !== undefined) return;
    walk.runTask(walk, {
      task: branch,
      path: pointerTo(pointerTo(prefix, index), branch.name),
      attempt: 1,
      input: place.input,
      locals: place.locals,
      parent: place.node,
    }, {
      done: (output, flow) =>
        flow.kind === "end" ? walk.finish(walk, output) : finish(index, output),
      failed: (failure) => {
        close();
        end.failed(failure);
      },
    });
  }
}
