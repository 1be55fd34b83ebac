/**
 * A run as a tree that is kept up to date while it is followed.
 *
 * The backend folds the journal into tasks. It is asked again when something
 * happened, and for what happens in executions inside the run, of which no
 * event tells: no more often than the answers take time, so that looking on
 * costs a run little, however long it is.
 *
 * @module
 */

import type {
  Execution,
  ExecutionEvent,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { ExecutionEvent_Type as Type } from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { getExecution } from "../../backend/get_execution.ts";
import type { BackendClient } from "../../backend/open.ts";
import { isJsonObject, member } from "../../model/json.ts";
import type { Context } from "../context.ts";
import { hasEnded } from "./outcome.ts";
import { jsonOf } from "./progress.ts";
import { childIdsOf, DEPTH_MAX, type RunNode, treeOf } from "./run_tree.ts";
import { treeLines, type TreeLook } from "./tree_lines.ts";
import { rowsOf, type TreeRow } from "./tree_rows.ts";

/** How soon something is looked at again, at the least. */
const REFRESH_MS = 250;
/** How many times the time that an answer took passes before the next. */
const REFRESH_FACTOR = 10;
/** Executions inside a run that are known at the most, and asked for at once. */
const CHILDREN_MAX = 256;
const CHILDREN_AT_ONCE_MAX = 16;

/** A run that is looked at. */
export interface RunView extends Disposable {
  take(event: ExecutionEvent): void;
  /** Begins to look, unless it has begun. */
  start(): void;
  /** Takes the run as it ended, and what is known of its parts then. */
  end(execution: Execution): Promise<void>;
  /** Its lines, no more than there is room for; none before the first look. */
  lines(rowsMax: number, look: TreeLook): readonly string[];
}

/** Makes what looks at a run once it is started. */
export function openRunView(
  { host: { clock } }: Pick<Context, "host">,
  client: BackendClient,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal },
): RunView {
  const children = new Map<string, Execution>();
  const dueAtMs = new Map<string, number>();
  let tree: RunNode | undefined;
  let chosen: { max: number; rows: readonly TreeRow[] } | undefined;
  let isStarted = false;
  let isOver = false;
  let isDue = true;
  let stop = (): void => {};

  const know = (execution: Execution): void => {
    tree = treeOf({ execution, children, dueAtMs });
    chosen = undefined;
  };
  const look = async (): Promise<void> => {
    isDue = false;
    const execution = await getExecution(client, id, signal);
    await lookInside(execution);
    if (!isOver) know(execution);
  };
  /** Looks at what runs inside, and at what ended and was not seen yet. */
  const lookInside = async (execution: Execution): Promise<void> => {
    let outer: readonly Execution[] = [execution];
    for (let depth = 0; depth < DEPTH_MAX && outer.length > 0; depth++) {
      const ids = outer.flatMap(childIdsOf);
      const open = ids.filter((it) => isUnknown(children.get(it)))
        // What is at work matters more than what has ended.
        .slice(-CHILDREN_AT_ONCE_MAX);
      await Promise.all(open.map(async (it) => {
        if (!children.has(it) && children.size >= CHILDREN_MAX) return;
        children.set(it, await getExecution(client, it, signal));
      }));
      outer = ids.flatMap((it) => children.get(it) ?? []);
    }
  };
  const again = (afterMs: number): void => {
    if (isOver || signal.aborted) return;
    stop = clock.timer(afterMs, () => {
      const hasLive = [...children.values()].some((it) => !hasEnded(it));
      if (!isDue && !hasLive) return again(REFRESH_MS);
      const startMs = clock.monotonic();
      // Whoever follows the run is told of any error by the following.
      look().catch(() => {}).then(() => {
        const tookMs = clock.monotonic() - startMs;
        again(Math.max(REFRESH_MS, tookMs * REFRESH_FACTOR));
      });
    });
  };
  return {
    take(event) {
      if (event.sequence === 0) return;
      isDue = true;
      noteTimer(dueAtMs, event);
    },
    start() {
      if (isStarted) return;
      isStarted = true;
      again(0);
    },
    async end(execution) {
      isOver = true;
      stop();
      await lookInside(execution).catch(() => {});
      know(execution);
    },
    lines(rowsMax, how) {
      if (tree === undefined) return [];
      if (chosen?.max !== rowsMax) {
        chosen = { max: rowsMax, rows: rowsOf(tree, rowsMax) };
      }
      return treeLines(chosen.rows, how);
    },
    [Symbol.dispose]() {
      isOver = true;
      stop();
    },
  };
}

function isUnknown(known: Execution | undefined): boolean {
  return known === undefined || !hasEnded(known);
}

/** Notes when a timer runs out: a task itself does not say. */
function noteTimer(
  dueAtMs: Map<string, number>,
  event: ExecutionEvent,
): void {
  if (event.type !== Type.TIMER_SET) return;
  const data = jsonOf(event);
  const due = isJsonObject(data) ? member(data, "dueAt") : undefined;
  const ms = typeof due === "string" ? Date.parse(due) : NaN;
  if (!Number.isNaN(ms)) dueAtMs.set(event.path, ms);
}
