/**
 * Which lines of a tree are shown: all of them where there is room, else those
 * that matter most.
 *
 * @module
 */

import { Phase } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { isOver, type RunNode } from "./run_tree.ts";

/** A line of a tree. */
export type TreeRow =
  | { readonly kind: "node"; readonly depth: number; readonly node: RunNode }
  /** Several tasks that are not shown, by where they stand. */
  | {
    readonly kind: "folded";
    readonly depth: number;
    readonly done: number;
    readonly failed: number;
    readonly more: number;
  };

/**
 * How much is folded: nothing; what is inside of what has ended; what has
 * ended; all that is not at work.
 */
const FOLDS = ["none", "inside", "ended", "idle"] as const;
type Fold = typeof FOLDS[number];

/** Lines that the end of a tree keeps where even that is too much. */
const TAIL_SHARE = 0.5;

/** Chooses the lines of a tree, no more than there is room for. */
export function rowsOf(tree: RunNode, rowsMax: number): readonly TreeRow[] {
  for (const fold of FOLDS) {
    const rows: TreeRow[] = [];
    const isLast = fold === FOLDS.at(-1);
    // What is too much is cut in the end, and is not gone through before.
    const most = isLast ? Infinity : rowsMax;
    addRows(rows, tree, { depth: 0, fold, most });
    if (rows.length <= rowsMax) return rows;
    if (isLast) return cut(rows, rowsMax);
  }
  return [];
}

/** Adds the lines of a part, to one list: there may be any number of them. */
function addRows(
  rows: TreeRow[],
  node: RunNode,
  { depth, fold, most }: {
    readonly depth: number;
    readonly fold: Fold;
    /** At more lines than these it is left as it is. */
    readonly most: number;
  },
): void {
  rows.push({ kind: "node", depth, node });
  // The tree itself has no end to be folded away.
  if (depth > 0 && fold !== "none" && isOver(node.phase)) return;
  let left: RunNode[] = [];
  const fence = (): void => {
    const [only, second] = left;
    if (only !== undefined && second === undefined) {
      rows.push({ kind: "node", depth: depth + 1, node: only });
    } else if (only !== undefined) rows.push(foldedRow(left, depth + 1));
    left = [];
  };
  for (const part of node.parts) {
    if (isFolded(part, fold)) {
      left.push(part);
      continue;
    }
    fence();
    if (rows.length > most) return;
    addRows(rows, part, { depth: depth + 1, fold, most });
  }
  fence();
}

function isFolded({ phase }: RunNode, fold: Fold): boolean {
  switch (fold) {
    case "none":
    case "inside":
      return false;
    case "ended":
      return isOver(phase) && phase !== Phase.FAILED;
    case "idle":
      return phase !== Phase.RUNNING && phase !== Phase.WAITING;
  }
}

function foldedRow(nodes: readonly RunNode[], depth: number): TreeRow {
  const count = (is: (phase: Phase) => boolean): number =>
    nodes.filter(({ phase }) => is(phase)).length;
  const failed = count((it) => it === Phase.FAILED);
  const done = count(isOver) - failed;
  return {
    kind: "folded",
    depth,
    done,
    failed,
    more: nodes.length - done - failed,
  };
}

/** Leaves out lines in the middle. */
function cut(rows: readonly TreeRow[], rowsMax: number): readonly TreeRow[] {
  const room = Math.max(1, rowsMax - 1);
  const tail = Math.floor(room * TAIL_SHARE);
  const head = rows.slice(0, room - tail);
  const more = rows.length - room;
  const folded = { kind: "folded", depth: 1, done: 0, failed: 0 } as const;
  return [
    ...head,
    { ...folded, more },
    ...rows.slice(rows.length - tail),
  ].slice(0, Math.max(1, rowsMax));
}
