/**
 * The tasks of an execution as a tree: how deep each stands, and what tells
 * it from its twins in other rounds.
 *
 * @module
 */

import type {
  TaskStatus,
  TaskTrace,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";

/** A task in its place. */
export interface Placed {
  readonly task: TaskTrace;
  /** How many tasks it is a part of. */
  readonly depth: number;
  /** Its name, with the round and the visit where there are several. */
  readonly label: string;
}

/** A task with what is under it. */
export interface Branch<T> {
  readonly task: T;
  /** Its name, with the round and the visit where there are several. */
  readonly label: string;
  readonly parts: readonly Branch<T>[];
}

/** Where a task stands, and what it is called. */
type Standing = Pick<TaskStatus, "path" | "name">;

/** Gives each task its place; those inside a task come after it. */
export function placesOf(tasks: readonly TaskTrace[]): readonly Placed[] {
  const branches = branchesOf(
    tasks,
    ({ status }) => status ?? { path: "", name: "" },
  );
  return flattened(branches, 0);
}

/** Makes a tree of tasks, by their paths. */
export function branchesOf<T>(
  tasks: readonly T[],
  standingOf: (task: T) => Standing,
): readonly Branch<T>[] {
  const branches = new Map<string, Growing<T>>();
  const roots: Growing<T>[] = [];
  for (const task of tasks) {
    const standing = standingOf(task);
    const outer = outerOf(standing.path, branches);
    const label = labelOf(standing, outer?.path ?? "");
    const branch: Growing<T> = { task, label, parts: [] };
    branches.set(standing.path, branch);
    (outer?.branch.parts ?? roots).push(branch);
  }
  return roots;
}

interface Growing<T> extends Branch<T> {
  readonly parts: Growing<T>[];
}

function flattened(
  branches: readonly Branch<TaskTrace>[],
  depth: number,
): readonly Placed[] {
  return branches.flatMap(({ task, label, parts }) => [
    { task, depth, label },
    ...flattened(parts, depth + 1),
  ]);
}

/** The task that a path is of a part of, also of a later try of it. */
function outerOf<T>(
  path: string,
  known: ReadonlyMap<string, Growing<T>>,
): { readonly path: string; readonly branch: Growing<T> } | undefined {
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
function labelOf({ path, name }: Standing, outerPath: string): string {
  const between = path.slice(outerPath.length);
  const round = /^\/for\/(\d+)\//.exec(between)?.[1];
  const attempt = /^\/try#(\d+)\//.exec(between)?.[1];
  const isHandler = /^\/catch(?:#\d+)?\//.test(between);
  const visit = /#(\d+)$/.exec(path)?.[1];
  return [
    ...(round === undefined ? [] : [`[${round}]`]),
    ...(attempt === undefined ? [] : [`try ${attempt}:`]),
    ...(isHandler ? ["catch:"] : []),
    name,
    ...(visit === undefined ? [] : [`#${visit}`]),
  ].join(" ");
}
