/**
 * Shows what an agent writes while it writes it.
 *
 * On a terminal every turn's text appears as it comes. Into a pipe nothing is
 * written before the end: whether a turn is the answer is known only when no
 * tool call follows it, and a pipe must carry the answer alone.
 *
 * @module
 */

import {
  type ExecutionEvent,
  ExecutionEvent_Type as Type,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import type { Context } from "../context.ts";
import { printable } from "../view.ts";
import { jsonOf, type Progress } from "./progress.ts";

/** Shows the text of an agent as it comes. */
export interface LiveText {
  take(event: ExecutionEvent): void;
  /** Whether the newest turn has shown any. */
  readonly isShown: boolean;
  /** Ends its line, so that something else can be written. */
  rest(): void;
  /** Shows no more of it, on a line of its own what comes instead. */
  cut(): void;
  /** Ends the text; says whether it was all of this answer. */
  finish(answer: string): boolean;
}

/** Makes what shows the text of an agent. */
export function createLiveText(
  context: Context,
  progress: Progress,
): LiveText {
  const { io } = context;
  const shown = io.piecemeal && !io.quiet &&
    (io.format === "table" || io.format === "wide");
  let turn = "";
  let text = "";
  let isOpen = false;
  let isCut = false;
  const endLine = (): void => {
    if (isOpen) io.raw("\n");
    isOpen = false;
    progress.hold(false);
  };
  return {
    get isShown() {
      return text !== "";
    },
    take(event) {
      if (!shown || isCut) return;
      if (event.type === Type.TASK_RETRYING && event.path === turn) {
        endLine();
        text = "";
      }
      if (event.type === Type.TASK_STARTED) endLine();
      if (event.type === Type.CHILD_STARTED) endLine();
      if (event.type !== Type.TEXT_DELTA) return;
      if (event.path !== turn) {
        endLine();
        turn = event.path;
        text = "";
      }
      const data = jsonOf(event);
      if (typeof data !== "string") return;
      text += data;
      progress.hold(true);
      io.raw(printable(data));
      isOpen = !data.endsWith("\n");
    },
    rest: endLine,
    cut() {
      isCut = true;
      endLine();
    },
    finish(answer) {
      if (!shown) return false;
      endLine();
      return text !== "" && text.trim() === answer.trim();
    },
  };
}
