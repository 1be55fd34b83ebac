/**
 * The tasks of an execution as a tree: how deep each stands, and what tells
 * it from its twins in other rounds.
 *
 * @module
 */

import type { TaskTrace } from "../../../gen/stigmer/backend/v1/execution_pb.ts";

/** A task in its place. */
export interface Placed {
  readonly task: TaskTrace;
  /** How many tasks it is a part of. */
  readonly depth: number;
  /** Its name, with the round and the visit where there are several. */
  readonly label: string;
}

/** A task with what is under it. */
interface Branch {
  readonly task: TaskTrace;
  readonly label: string;
  readonly parts: Branch[];
}

/** Gives each task its place; those inside a task come after it. */
export function placesOf(tasks: readonly TaskTrace[]): readonly Placed[] {
  const branches = new Map<string, Branch>();
  const roots: Branch[] = [];
  for (const task of tasks) {
    const path = task.status?.path ?? "";
    const outer = outerOf(path, branches);
    const label = labelOf(task, outer?.path ?? "");
    const branch: Branch = { task, label, parts: [] };
    branches.set(path, branch);
    (outer?.branch.parts ?? roots).push(branch);
  }
  return flattened(roots, 0);
}

function flattened(
  branches: readonly Branch[],
  depth: number,
): readonly Placed[] {
  return branches.flatMap(({ task, label, parts }) => [
    { task, depth, label },
    ...flattened(parts, depth + 1),
  ]);
}

/** The task that a path is of a part of, also of a later try of it. */
function outerOf(
  path: string,
  known: ReadonlyMap<string, Branch>,
): { readonly path: string; readonly branch: Branch } | undefined {
  for (let end = path.lastIndexOf("/"); end > 0;) {
    const prefix = path.slice(0, end);
    const branch = known.get(prefix) ??
      known.get(prefix.replace(/#\d+$/, ""));
    if (branch !== undefined) return { path: prefix, branch };
    end = prefix.lastIndexOf("/");
  }
  return undefined;
}

/** `fetch`, `[2] fetch` in the third round of a loop, `fetch #2` once more. */
function labelOf({ status }: TaskTrace, outerPath: string): string {
  const path = status?.path ?? "";
  const between = path.slice(outerPath.length);
  const round = /^\/for\/(\d+)\//.exec(between)?.[1];
  const attempt = /^\/try#(\d+)\//.exec(between)?.[1];
  const isHandler = /^\/catch(?:#\d+)?\//.test(between);
  const visit = /#(\d+)$/.exec(path)?.[1];
  return [
    ...(round === undefined ? [] : [`[${round}]`]),
    ...(attempt === undefined ? [] : [`try ${attempt}:`]),
    ...(isHandler ? ["catch:"] : []),
    status?.name ?? "",
    ...(visit === undefined ? [] : [`#${visit}`]),
  ].join(" ");
}
