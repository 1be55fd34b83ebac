/**
 * What is suspicious in how a list of tasks flows.
 *
 * @module
 */

import { placeOf, reportWarning } from "./fields.ts";
import type { Place } from "./context.ts";
import type { Flow, SwitchTask, Task } from "./tree.ts";

/** Warns of tasks never reached, and of switch cases that run into another. */
export function noteSuspiciousFlow(tasks: readonly Task[], place: Place): void {
  // The branches of a fork run at once: none leads to another.
  if (place.pointer.endsWith("/fork/branches")) return;
  const reached = reachable(tasks);
  tasks.forEach((task, i) => {
    if (reached.has(i)) return;
    reportWarning(placeOf(placeOf(place, i), task.name), {
      atKey: true,
      message: `Task "${task.name}" is never reached`,
    });
  });
  for (const task of tasks) {
    if (task.kind === "switch") noteFallThrough(task, tasks, place);
  }
}

/** The tasks that a run can come to from the first. */
function reachable(tasks: readonly Task[]): ReadonlySet<number> {
  const reached = new Set<number>();
  const ahead = tasks.length === 0 ? [] : [0];
  for (let i = ahead.pop(); i !== undefined; i = ahead.pop()) {
    const task = tasks[i];
    if (task === undefined || reached.has(i)) continue;
    reached.add(i);
    for (const next of successors(task, i)) ahead.push(next);
  }
  return reached;
}

function successors(task: Task, index: number): readonly number[] {
  const flows: Flow[] = task.kind === "switch"
    ? task.cases.map(({ then }) => then)
    : [];
  const decided = task.kind === "raise" ||
    (task.kind === "switch" && task.cases.some(({ when }) => !when));
  if (!decided) flows.push(task.then);
  if (task.kind === "try" && task.catch.then) flows.push(task.catch.then);
  if (task.if !== undefined) flows.push({ kind: "continue" }, task.then);
  return flows.flatMap((flow) => targetOf(flow, index));
}

function targetOf(flow: Flow, index: number): readonly number[] {
  switch (flow.kind) {
    case "continue":
      return [index + 1];
    case "goto":
      return [flow.index];
    case "exit":
    case "end":
      return [];
  }
}

/** Warns where a case's tasks, left without `then`, run into another case's. */
function noteFallThrough(
  choice: SwitchTask,
  tasks: readonly Task[],
  place: Place,
): void {
  const targets = new Set(
    choice.cases.flatMap(({ then }) =>
      then.kind === "goto" ? [then.index] : []
    ),
  );
  const noted = new Set<number>();
  for (const target of targets) {
    for (let i = target; i < tasks.length - 1; i++) {
      const task = tasks[i];
      if (task === undefined || !runsOn(task)) break;
      if (!targets.has(i + 1)) continue;
      if (!noted.has(i)) noteRunOn(i, { choice, tasks, place });
      noted.add(i);
      break;
    }
  }
}

function runsOn(task: Task): boolean {
  return task.then.kind === "continue" && task.kind !== "raise" &&
    task.kind !== "switch";
}

function noteRunOn(
  index: number,
  { choice, tasks, place }: {
    readonly choice: SwitchTask;
    readonly tasks: readonly Task[];
    readonly place: Place;
  },
): void {
  const [from, to] = [tasks[index], tasks[index + 1]];
  if (from === undefined || to === undefined) return;
  reportWarning(placeOf(placeOf(place, index), from.name), {
    atKey: true,
    message:
      `Task "${from.name}" runs on into "${to.name}", another case of "${choice.name}"`,
    hint: 'Give it a "then", as "exit" or "end"',
  });
}
