/**
 * Says why nothing happens: a run that waits for a worker, or is held, waits
 * for whoever looks on. So does one whose timer has run out long ago.
 *
 * @module
 */

import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Execution,
  type ExecutionEvent,
  ExecutionEvent_Type as Type,
  Phase,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import type { Backend } from "../../backend/open.ts";
import {
  aheadInLine,
  isBehindApproval,
  isProgramWait,
} from "../../model/turn_wait.ts";
import type { Context } from "../context.ts";
import { printable } from "../view.ts";
import { wrapping } from "../wrap.ts";
import { idOf, isLeft, phaseOf, unrunText } from "./resource.ts";

/** How long a worker has to take a run before anything is said. */
const PATIENCE_MS = 1000;
/** How long a worker has to act on a timer that has run out. */
const OVERDUE_MS = 3000;
/** How often a run is looked at while nothing happens. */
const QUIET_MS = 10_000;

/** Looks after a run that may stand still. */
export interface IdleNotice extends Disposable {
  /** Takes an event of the run. */
  take(event: ExecutionEvent): void;
}

/** Says once, and again once something has happened, why a run stands still. */
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
  const { clock } = context.host;
  const io = wrapping(context.io);
  const { id, runsHere = false } = options;
  let stop = (): void => {};
  let isOver = false;
  let told = "";
  const look = async (): Promise<number> => {
    const { execution } = await client.getExecution({ id });
    if (execution === undefined || isOver) return QUIET_MS;
    const nowMs = clock.now();
    const nextMs = nextLookMs(execution, nowMs);
    if (options.isAsking?.() === true) return nextMs;
    const text = idleText(execution, { type, runsHere, nowMs });
    if (text === undefined || text === told) return nextMs;
    // What waited for its turn has it for a moment before it begins here.
    const isHere = runsHere && phaseOf(execution) === "PENDING";
    const { waitingFor = "" } = execution.status ?? {};
    if (isHere && waitingFor === "") return nextMs;
    const isToldOf = options.approvalsTold === true &&
      isBehindApproval(waitingFor);
    if (isToldOf) return nextMs;
    told = text;
    options.beforeNote?.();
    io.note(text);
    return nextMs;
  };
  const wait = (delayMs: number): void => {
    stop();
    stop = clock.timer(delayMs, () => {
      // Whoever follows the run is told of any error by the following.
      void look().catch(() => QUIET_MS).then((it) => isOver || wait(it));
    });
  };
  wait(PATIENCE_MS);
  return {
    take(event) {
      if (event.sequence > 0) told = "";
      if (event.type === Type.EXECUTION_PAUSED) wait(PATIENCE_MS);
    },
    [Symbol.dispose]() {
      isOver = true;
      stop();
    },
  };
}

/** How soon there may be something to say. */
function nextLookMs(execution: Execution, nowMs: number): number {
  const lateMs = overdueAtMs(execution) - nowMs;
  return lateMs > 0 && lateMs < QUIET_MS ? lateMs : QUIET_MS;
}

/** When a worker should have gone on with a run; never where none has to. */
function overdueAtMs({ status }: Execution): number {
  const { phase, dueAt } = status ?? {};
  return phase === Phase.WAITING && dueAt !== undefined
    ? timestampMs(dueAt) + OVERDUE_MS
    : Infinity;
}

function idleText(
  execution: Execution,
  { type, runsHere, nowMs }: {
    readonly type: Backend["type"];
    readonly runsHere: boolean;
    readonly nowMs: number;
  },
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
    return unrunText(type, { id, state: `is ${phase}` });
  }
  if (!runsHere && overdueAtMs(execution) <= nowMs) {
    const dueMs = overdueAtMs(execution) - OVERDUE_MS;
    const at = new Date(dueMs).toISOString().slice(11, 19);
    const state = `waits for ${printable(waitingFor)}, which was due at ${at}Z`;
    return unrunText(type, { id, state });
  }
  return phase === "PAUSED"
    ? `${id} is PAUSED. Go on with it: stigmer execution resume ${id}`
    : undefined;
}
