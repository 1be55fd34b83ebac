/**
 * Ends an execution whose time is over while nobody runs it: whoever runs one
 * ends it then, but a durable function waits for the program that serves it,
 * and nobody else may.
 *
 * @module
 */

import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Execution,
  Phase,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import type { Backend } from "../../backend/open.ts";
import { isProgramWait } from "../../model/turn_wait.ts";
import type { Context } from "../context.ts";

/** How often it is looked whether someone runs it, once its time is over. */
const LOOK_MS = 1000;
/** How long a worker has to act on a timer that has run out. */
const OVERDUE_MS = 3000;

/** A time limit that is kept here. */
export interface TimeLimit extends Disposable {
  /** Whether it ended the execution. */
  readonly isOver: boolean;
}

/** Cancels an execution after a time if nobody is there to end it. */
export function limitUnserved(
  { host: { clock } }: Pick<Context, "host">,
  { client }: Pick<Backend, "client">,
  { id, timeoutMs }: { readonly id: string; readonly timeoutMs: number },
): TimeLimit {
  let stop = (): void => {};
  const state = { isOver: false, isLeft: false };
  const look = async (): Promise<void> => {
    const { execution } = await client.getExecution({ id });
    if (execution === undefined || state.isLeft) return;
    if (!isUnserved(execution, clock.now())) return;
    const reason = `it took longer than ${timeoutMs / 1000} s, and waits for ` +
      (execution.status?.waitingFor ?? "");
    await client.cancelExecution({ id, reason });
    state.isOver = true;
  };
  const wait = (delayMs: number): void => {
    stop = clock.timer(delayMs, () => {
      // Whoever follows the run is told of any error by the following.
      void look().catch(() => undefined).then(() => {
        if (!state.isLeft && !state.isOver) wait(LOOK_MS);
      });
    });
  };
  wait(timeoutMs);
  return {
    get isOver() {
      return state.isOver;
    },
    [Symbol.dispose]() {
      state.isLeft = true;
      stop();
    },
  };
}

/** Whether nobody runs it, nor goes on with it now that it is due. */
function isUnserved({ status }: Execution, nowMs: number): boolean {
  const { phase, waitingFor = "", dueAt } = status ?? {};
  if (isProgramWait(waitingFor)) return true;
  return phase === Phase.WAITING && dueAt !== undefined &&
    timestampMs(dueAt) + OVERDUE_MS <= nowMs;
}
