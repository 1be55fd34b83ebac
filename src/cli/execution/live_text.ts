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
import type { Flow } from "../flow.ts";
import { printable } from "../view.ts";
import { jsonOf, type Progress, timeMs } from "./progress.ts";

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
  /** Shows an answer of which nothing came before its end. */
  show(answer: string): void;
}

/**
 * Makes what shows the text of an agent.
 *
 * @param flow Breaks it into lines; without it the terminal does.
 */
export function createLiveText(
  context: Context,
  progress: Progress,
  flow: Flow = { push: (text) => text, end: () => "" },
): LiveText {
  const { io } = context;
  const shown = io.piecemeal && !io.quiet &&
    (io.format === "table" || io.format === "wide");
  let turn = "";
  let text = "";
  let isOpen = false;
  let isHolding = false;
  let isCut = false;
  /** When text came the last time. */
  let textMs = 0;
  const write = (piece: string): void => {
    if (piece === "") return;
    isHolding = true;
    progress.hold(true);
    io.raw(piece);
    isOpen = !piece.endsWith("\n");
  };
  const endLine = (): void => {
    write(flow.end());
    if (isOpen) io.raw("\n");
    isOpen = false;
    // Others hold it as well, as who asks a question: that is theirs to end.
    if (isHolding) progress.hold(false);
    isHolding = false;
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
      // What began before the text came is only told of late.
      if (isBegin(event) && timeMs(event) >= textMs) endLine();
      if (event.type !== Type.TEXT_DELTA) return;
      textMs = timeMs(event);
      if (event.path !== turn) {
        endLine();
        turn = event.path;
        text = "";
      }
      const data = jsonOf(event);
      if (typeof data !== "string") return;
      text += data;
      write(flow.push(printable(data)));
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
    show(answer) {
      io.raw(`${flow.push(printable(answer).trimEnd())}${flow.end()}\n`);
    },
  };
}

function isBegin({ type }: ExecutionEvent): boolean {
  return type === Type.TASK_STARTED || type === Type.CHILD_STARTED;
}
