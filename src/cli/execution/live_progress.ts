/**
 * What a run is doing, drawn on a terminal: a tree of its tasks, or one line.
 *
 * @module
 */

import {
  type ExecutionEvent,
  ExecutionEvent_Type as Type,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { failureText } from "../../model/failure_text.ts";
import type { Context } from "../context.ts";
import { formatDuration } from "../duration.ts";
import { oneLine } from "../one_line.ts";
import { openRegion } from "../region.ts";
import { fit } from "../width.ts";
import {
  isTaskEvent,
  KEPT_MAX,
  labelOf,
  passedOver,
  type Progress,
  SILENCE_MS,
  stateOf,
} from "./progress.ts";
import type { RunView } from "./run_view.ts";

/** How long a terminal that became narrower is made smaller still, maybe. */
const NARROWING_MS = 2000;
/** How often a frame is drawn. */
const FRAME_MS = 100;
const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;

/**
 * Draws what a run is doing, over and over.
 *
 * @param view What its tree is drawn from; without it, one line is.
 */
export function liveProgress(
  context: Context,
  view: RunView | undefined,
): Progress {
  const { host: { clock, terminal }, io } = context;
  const startMs = clock.monotonic();
  const running: Running = new Map();
  const state = createState();
  const region = openRegion(terminal);
  /** What stays and was not written yet: a frame has it, with the rest. */
  const above: string[] = [];
  let isBegun = false;
  let isCancelling = false;
  let isSlow = false;
  let held = false;
  let frame = 0;
  let stop = (): void => {};
  const write = (): void => {
    for (const text of above.splice(0)) io.note(text);
  };
  const clear = (): void => {
    region.clear();
    write();
  };
  /** What the run does, in one line, as long as nothing else is known. */
  const status = (spinner: string): string => {
    const spent = formatDuration(clock.monotonic() - startMs);
    const names = [...new Set(running.values())].join(", ");
    const idle = isBegun ? "Running" : "Pending";
    const said = isCancelling ? "Cancelling" : state.text() || names || idle;
    const text = fit(oneLine(`${said} · ${spent}`), region.columns - 2);
    return `${io.err.cyan(spinner)} ${text}`;
  };
  const lines = (rowsMax: number, spinner: string): readonly string[] =>
    view?.lines(rowsMax, {
      width: region.columns,
      style: io.err,
      nowMs: clock.now(),
      spinner,
      ...(isCancelling ? { word: "Cancelling" } : {}),
    }) ?? [];
  let columns = region.columns;
  let narrowedMs = -Infinity;
  /**
   * Lines for a tree. While a window is made narrower each frame is broken into
   * twice as many by then, and what is pushed out of sight stays there.
   */
  const roomNow = (): number => {
    if (region.columns < columns) narrowedMs = clock.monotonic();
    columns = region.columns;
    return clock.monotonic() - narrowedMs < NARROWING_MS
      ? Math.ceil(region.rows / 2)
      : region.rows;
  };
  const draw = (): void => {
    stop = clock.timer(FRAME_MS, draw);
    isSlow = true;
    if (held) return;
    view?.start();
    const spinner = FRAMES[frame++ % FRAMES.length] ?? "";
    const tree = lines(roomNow(), spinner);
    const drawn = tree.length === 0 ? [status(spinner)] : tree;
    region.draw(drawn, above.splice(0));
  };
  stop = clock.timer(SILENCE_MS, draw);
  return {
    take(event) {
      track(running, event);
      isBegun ||= event.type === Type.EXECUTION_STARTED;
      state.take(event);
      view?.take(event);
    },
    answered: () => state.answered(),
    cancelling() {
      clear();
      isCancelling = true;
    },
    say(line) {
      above.push(line);
      // Where nothing is drawn, or not for long, it is written at once; but
      // not amid what others write, or somebody types.
      const isFree = !held && !region.isDrawn;
      if (isFree || above.length > KEPT_MAX) clear();
    },
    clear,
    hold(isHeld) {
      if (isHeld !== held) clear();
      held = isHeld;
    },
    async finish(execution, how) {
      stop();
      if (view === undefined || !(isSlow || how.always)) return clear();
      await view.end(execution);
      isCancelling = false;
      const tree = lines(region.rows, "·");
      clear();
      for (const it of how.lines === "all" ? tree : tree.slice(0, 1)) {
        io.note(it);
      }
    },
    [Symbol.dispose]() {
      stop();
      clear();
      region[Symbol.dispose]();
    },
  };
}

/** Tasks that run now: name by path, in the order in which they began. */
type Running = Map<string, string>;

function track(running: Running, event: ExecutionEvent): void {
  switch (event.type) {
    case Type.TASK_STARTED:
    case Type.CHILD_STARTED:
    case Type.TIMER_SET:
      running.set(event.path, labelOf(event));
      break;
    case Type.TASK_COMPLETED:
    case Type.TASK_FAILED:
    case Type.TASK_CANCELLED:
    case Type.TIMER_FIRED:
      running.delete(event.path);
      break;
    default:
  }
}

/** What a run as a whole does, as far as its events have told. */
interface State {
  take(event: ExecutionEvent): void;
  answered(): void;
  text(): string;
}

function createState(): State {
  let text = "";
  // What failed is still to be told when the run waits to try it again.
  let retry = "";
  return {
    take(event) {
      if (event.type === Type.TASK_RETRYING) {
        const why = failureText(event.error);
        retry = passedOver(event) ?? `${labelOf(event)} failed, trying again` +
            (why === "" ? "" : `: ${why}`);
      } else if (isTaskEvent(event) && event.type !== Type.TASK_FAILED) {
        retry = "";
      }
      const isWaiting = event.type === Type.EXECUTION_WAITING;
      const told = isWaiting && retry !== "" ? retry : stateOf(event);
      text = told ?? (isTaskEvent(event) ? retry : text);
    },
    answered() {
      text = "";
    },
    text: () => text,
  };
}
