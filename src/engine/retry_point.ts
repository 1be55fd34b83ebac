/**
 * Where a retry begins: the task that ended the run before.
 *
 * @module
 */

import type { TaskView } from "../model/durable.ts";

/** The timer that bounds a whole workflow: what it ended has its time anew. */
const WORKFLOW_TIMEOUT_PATH = "/timeout";
/** What follows the path of a task in those of its parts and further tries. */
const PART_REGEXP = /^(?:#\d+)?(?:\/|$)/;
const TURN_REGEXP = /^\/turn\/\d+$/;

/**
 * The task whose failure ended a run: the innermost one whose failure nobody
 * caught. Of an agent it is the last turn.
 *
 * @returns `undefined` when no task is to blame, as after a cancellation.
 */
export function failedPath(tasks: readonly TaskView[]): string | undefined {
  const turn = tasks.findLast(({ path }) => TURN_REGEXP.test(path));
  if (turn !== undefined) return turn.path;
  const phases = new Map(tasks.map((it) => [it.path, it.phase]));
  const uncaught = tasks.filter(({ path, phase }) =>
    phase === "FAILED" &&
    ancestorsOf(path, phases).every((it) => phases.get(it) === "FAILED")
  );
  const outer = new Set(
    uncaught.flatMap(({ path }) => ancestorsOf(path, phases)),
  );
  const innermost = uncaught.filter(({ path }) => !outer.has(path));
  const lastMs = Math.max(...innermost.map((it) => it.completedAtMs ?? 0));
  return innermost.findLast((it) => (it.completedAtMs ?? 0) === lastMs)?.path;
}

/** The tasks that a task is a part of, also as a part of a later try. */
function ancestorsOf(
  path: string,
  known: ReadonlyMap<string, unknown>,
): readonly string[] {
  const found: string[] = [];
  for (let end = path.lastIndexOf("/"); end > 0;) {
    const prefix = path.slice(0, end);
    const first = prefix.replace(/#\d+$/, "");
    if (known.has(prefix)) found.push(prefix);
    else if (known.has(first)) found.push(first);
    end = prefix.lastIndexOf("/");
  }
  return found;
}

/** Says what is done again when a retry begins at these tasks. */
export function leavingOut(
  points: readonly (string | undefined)[],
): (path: string) => boolean {
  return (path) =>
    path === WORKFLOW_TIMEOUT_PATH ||
    points.some((point) =>
      point !== undefined && path.startsWith(point) &&
      PART_REGEXP.test(path.slice(point.length))
    );
}
