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
import type { Backend } from "../../backend/open.ts";
import {
  aheadInLine,
  isBehindApproval,
  isProgramWait,
} from "../../model/turn_wait.ts";
import type { Context } from "../context.ts";
import { printable } from "../view.ts";
import { idOf, isLeft, phaseOf, unrunText } from "./resource.ts";

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
  { client, type }: Backend,
  options: {
    readonly id: string;
    /** Whether this process runs it. */
    readonly runsHere?: boolean;
    /** Whether others tell of what waits for an approval. */
    readonly approvalsTold?: boolean;
    /** Whether something is being asked just now: nothing is said amid that. */
    readonly isAsking?: () => boolean;
    readonly beforeNote?: () => void;
  },
): IdleNotice {
  const { host, io } = context;
  const { id } = options;
  let stop = (): void => {};
  let isOver = false;
  const look = async (): Promise<void> => {
    const { execution } = await client.getExecution({ id });
    if (execution === undefined || isOver) return;
    if (options.isAsking?.() === true) return;
    const text = idleText(execution, type);
    if (text === undefined) return;
    // What waited for its turn has it for a moment before it begins here.
    const isHere = options.runsHere === true &&
      phaseOf(execution) === "PENDING";
    const { waitingFor = "" } = execution.status ?? {};
    if (isHere && waitingFor === "") return;
    if (options.approvalsTold === true && isBehindApproval(waitingFor)) return;
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

function idleText(
  execution: Execution,
  type: Backend["type"],
): string | undefined {
  const id = idOf(execution);
  const phase = phaseOf(execution);
  const { waitingFor = "" } = execution.status ?? {};
  if (isProgramWait(waitingFor)) {
    return `${id} waits for ${printable(waitingFor)}. Start that program: it ` +
      "takes the execution by itself";
  }
  if (phase === "PENDING" && waitingFor !== "") {
    const told = `${id} begins after ${printable(waitingFor)}`;
    const ahead = aheadInLine(waitingFor) ?? "";
    return isBehindApproval(waitingFor)
      ? `${told}. Answer it: stigmer execution approve ${ahead}`
      : told;
  }
  if (phase === "PENDING" || isLeft(execution)) {
    return unrunText(type, { id, phase });
  }
  return phase === "PAUSED"
    ? `${id} is PAUSED. Go on with it: stigmer execution resume ${id}`
    : undefined;
}
