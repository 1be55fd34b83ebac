/**
 * Tasks one after another, and where each of them leads.
 *
 * @module
 */

import { pointerTo } from "../model/diagnostic.ts";
import { failureOf } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { Flow, Task } from "../workflow/tree.ts";
import {
  CONTINUE,
  type End,
  later,
  type Node,
  type Variables,
  VISITS_MAX,
  type Walk,
} from "./_walk.ts";

/** A list to walk through. */
export interface List {
  readonly tasks: readonly Task[];
  /** What the paths of its tasks begin with. */
  readonly prefix: string;
  readonly input: Json;
  readonly locals: Variables;
  readonly node: Node;
}

/**
 * Walks through a list; its end says whether a task left it by `exit`.
 *
 * A task that is visited again, by a `then` that leads back, has the visit
 * after its path: `/do/0/draft#2`.
 */
export function runList(walk: Walk, list: List, end: End): void {
  const visits: number[] = [];
  const go = (index: number, input: Json): void => {
    later(walk, list.node, () => step(index, input));
  };
  const step = (index: number, input: Json): void => {
    const task = list.tasks[index];
    if (task === undefined) return end.done(input, CONTINUE);
    const visit = (visits[index] ?? 0) + 1;
    visits[index] = visit;
    if (visit > VISITS_MAX) return end.failed(tooOften(task));
    const path = pointerTo(pointerTo(list.prefix, index), task.name) +
      (visit === 1 ? "" : `#${visit}`);
    walk.runTask(walk, {
      task,
      path,
      attempt: 1,
      input,
      locals: list.locals,
      parent: list.node,
    }, {
      done: (output, flow) => follow(index, output, flow),
      failed: end.failed,
    });
  };
  const follow = (index: number, output: Json, flow: Flow): void => {
    switch (flow.kind) {
      case "continue":
        return go(index + 1, output);
      case "exit":
        return end.done(output, flow);
      case "end":
        return walk.finish(walk, output);
      case "goto":
        return go(flow.index, output);
    }
  };
  go(0, list.input);
}

function tooOften(task: Task) {
  return failureOf(
    "runtime",
    `Cannot visit task "${task.name}" more than ${VISITS_MAX} times`,
    { instance: task.pointer },
  );
}
