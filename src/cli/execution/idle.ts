/**
 * Says why nothing happens: a run that waits for a worker, or is held, waits
 * for whoever looks on.
 *
 * @module
 */

import {
  type Execution,
  type ExecutionEvent,
  ExecutionEvent_Type as Type,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import type { Context } from "../context.ts";
import { isLeft, phaseOf } from "./resource.ts";

/** How long a worker has to take a run before anything is said. */
const PATIENCE_MS = 1000;

/** Looks after a run that may stand still. */
export interface IdleNotice extends Disposable {
  /** Takes an event of the run. */
  take(event: ExecutionEvent): void;
}

/** Says once, and once for each pause, why a run stands still. */
export function noteWhenIdle(
  context: Context,
  client: BackendClient,
  options: { readonly id: string; readonly beforeNote?: () => void },
): IdleNotice {
  const { host, io } = context;
  const { id } = options;
  let stop = (): void => {};
  let isOver = false;
  const look = async (): Promise<void> => {
    const { execution } = await client.getExecution({ id });
    const text = execution === undefined ? undefined : idleText(execution, id);
    if (text === undefined || isOver) return;
    options.beforeNote?.();
    io.note(text);
  };
  const wait = (): void => {
    stop();
    stop = host.clock.timer(PATIENCE_MS, () => {
      // Whoever follows the run is told of any error by the following.
      look().catch(() => {});
    });
  };
  wait();
  return {
    take(event) {
      if (event.type === Type.EXECUTION_PAUSED) wait();
    },
    [Symbol.dispose]() {
      isOver = true;
      stop();
    },
  };
}

function idleText(execution: Execution, id: string): string | undefined {
  const phase = phaseOf(execution);
  if (isLeft(execution)) {
    return `${id} is ${phase}, but no worker runs it. Start one with ` +
      `"stigmer worker", or go on with it here: stigmer execution resume ${id}`;
  }
  switch (phase) {
    case "PENDING":
      return `${id} is PENDING, no worker runs it. Start one with ` +
        `"stigmer worker", or run it here: stigmer execution resume ${id}`;
    case "PAUSED":
      return `${id} is PAUSED. Go on with it: stigmer execution resume ${id}`;
    default:
      return undefined;
  }
}
