/**
 * Tool calls of an agent in a chat, a line for each that is over.
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
import { createJournalCalls } from "./journal_calls.ts";
import { piecesToLine } from "./pieces.ts";
import { failureIn, type Progress, timeMs } from "./progress.ts";

const COLUMNS_DEFAULT = 80;
/** Characters of a text of others that are looked at: no line is longer. */
const LENGTH_MAX = 1000;

/** Shows calls. */
export interface CallLines {
  take(event: ExecutionEvent): void;
}

/** Makes what shows calls as they end, where somebody looks on. */
export function createCallLines(
  { io }: Pick<Context, "io">,
  progress: Pick<Progress, "say">,
): CallLines {
  const calls = createJournalCalls();
  const begun = new Map<string, { readonly text: string; ms: number }>();
  const end = (event: ExecutionEvent, failure: string | undefined): void => {
    const { text, ms } = begun.get(event.path) ?? { text: event.name, ms: 0 };
    begun.delete(event.path);
    const took = ms === 0 ? "" : `  ${formatDuration(timeMs(event) - ms)}`;
    const isGood = failure === undefined;
    progress.say(piecesToLine([
      isGood
        ? { text: "✓ ", dress: io.err.green }
        : { text: "✗ ", dress: io.err.red },
      { text: oneLine(text.slice(0, LENGTH_MAX)), dress: io.err.dim },
      { text: isGood ? took : `  ${short(failure)}`, dress: io.err.dim },
    ], (io.columns ?? COLUMNS_DEFAULT) - 1));
  };
  return {
    take(event) {
      const text = calls.take(event);
      if (text === "") return;
      switch (event.type) {
        case Type.TASK_STARTED:
        case Type.CHILD_STARTED:
          begun.set(event.path, { text, ms: timeMs(event) });
          return;
        case Type.TASK_COMPLETED:
          return end(event, failureIn(event));
        case Type.TASK_FAILED:
          return end(event, failureText(event.error));
        default:
      }
    },
  };
}

function short(text: string): string {
  return oneLine(text.slice(0, LENGTH_MAX));
}
