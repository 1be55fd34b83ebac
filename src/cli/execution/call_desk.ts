/**
 * Looks after the tool calls that a followed run waits with: asks about them
 * where a person can be asked, and says how to answer them where nobody can.
 *
 * @module
 */

import {
  type Execution,
  type ExecutionEvent,
  ExecutionEvent_Type as Type,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { getExecution } from "../../backend/get_execution.ts";
import type { BackendClient } from "../../backend/open.ts";
import { isAnswerWait, isApprovalWait } from "../../model/answer.ts";
import { StigmerError } from "../../model/error.ts";
import { isJsonObject, member } from "../../model/json.ts";
import type { Context } from "../context.ts";
import { answerCall } from "./approving.ts";
import { type AskedCall, type AskedOf, askedOf } from "./asked_calls.ts";
import { callNotice, waitingNotice } from "./call_notice.ts";
import { askAboutCall, type Said } from "./call_prompt.ts";
import { printable } from "../printable.ts";
import { idOf, phaseOf } from "./resource.ts";
import { jsonOf } from "./progress.ts";
import { firstInLine, isInLine } from "./session_line.ts";

type Answer = Extract<Said, { kind: "answer" }>;

/** How long nothing happens until a run is looked at that is at work. */
const QUIET_MS = 1000;
/** How often it is looked whether a call was answered elsewhere. */
const RECHECK_MS = 1000;
/** How long an answer for always has to reach other calls that wait. */
const ALWAYS_MS = 3000;
/** Calls that are asked about in one go at the most. */
const CALLS_MAX = 10_000;

/** Looks after a run whose calls may wait. */
export interface CallDesk extends AsyncDisposable {
  /** Takes an event of the run. */
  take(event: ExecutionEvent): void;
  /** Whether somebody is being asked: what they type is meant for that. */
  readonly isAsking: boolean;
  /** Whether the run was left waiting, and what ended the following. */
  readonly left: "waiting" | "interrupted" | undefined;
  /** Asks no more, and gives the terminal back. */
  close(): Promise<void>;
}

/** How a run is looked after. */
export interface CallDeskOptions {
  readonly id: string;
  /** Whether the run is this command's own, which then ends with it. */
  readonly owned: boolean;
  /** Makes room on the terminal, until it is told that there is no need. */
  readonly hold: (isHeld: boolean) => void;
  /** Is told of each answer that was given here. */
  readonly answered: () => void;
  /** Ends the following: the run waits for who is not here. */
  readonly leave: () => void;
  readonly signal: AbortSignal;
}

/** Makes what looks after the calls of a run. */
export function openCallDesk(
  context: Context,
  client: BackendClient,
  options: CallDeskOptions,
): CallDesk {
  const { io, host: { clock } } = context;
  const { id, owned } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  /** Calls that were told of, or that a person left waiting. */
  const settled = new Set<string>();
  /** When calls of a tool were answered for always. */
  const alwaysMs = new Map<string, number>();
  const isAnswered = (call: AskedCall): boolean => {
    const answeredMs = alwaysMs.get(toolOf(call));
    return answeredMs !== undefined &&
      clock.monotonic() - answeredMs < ALWAYS_MS;
  };
  const isUnsettled = (call: AskedCall): boolean => !settled.has(keyOf(call));
  const isOpen = (call: AskedCall): boolean =>
    isUnsettled(call) && !isAnswered(call);
  let isAsking = false;
  let looking: Promise<void> | undefined;
  /** Looks whether what is asked is asked still. */
  let recheck = (): void => {};
  let isDue = false;
  /** Whether nothing has happened for a while. */
  let isQuiet = false;
  let left: CallDesk["left"];
  let stop = (): void => {};

  const leave = (
    how: "waiting" | "interrupted",
    { calls }: AskedOf,
    aheadId?: string,
  ): void => {
    if (left !== undefined) return;
    left = how;
    options.hold(true);
    waitingNotice(io, { id, calls, aheadId });
    options.leave();
  };

  const answer = async (call: AskedCall, said: Answer): Promise<void> => {
    const told = await tell(context, client, call, said);
    if (told === "refused") return void settled.add(keyOf(call));
    if (told === "taken" && said.always) {
      alwaysMs.set(toolOf(call), clock.monotonic());
    }
    options.answered();
  };

  /** Asks about one call; says whether to look for more. */
  const ask = async (call: AskedCall, asked: AskedOf): Promise<boolean> => {
    isAsking = true;
    options.hold(true);
    try {
      const said = await askWhileOpen(context, client, {
        id,
        call,
        others: asked.calls.filter((it) => isOpen(it) && it !== call).length,
        signal,
        onRecheck: (look) => recheck = look,
      });
      switch (said.kind) {
        case "answer":
          await answer(call, said);
          return true;
        case "later":
          settled.add(keyOf(call));
          return true;
        case "left":
          leave("interrupted", asked);
          return false;
        case "gone":
          return !signal.aborted;
      }
    } finally {
      recheck = () => {};
      isAsking = false;
      options.hold(false);
    }
  };

  /** Looks once; says whether to look again at once. */
  const lookOnce = async (): Promise<boolean> => {
    const execution = await getExecution(client, id, signal);
    // What is held asks nothing: its answers would lie there.
    if (signal.aborted || phaseOf(execution) === "PAUSED") return false;
    if (isInLine(execution)) {
      await lookAhead(execution);
      return false;
    }
    const asked = await askedOf(client, execution, signal);
    if (signal.aborted || asked.calls.length === 0) return false;
    const open = asked.calls.filter(isOpen);
    const [call] = open;
    if (call === undefined && asked.calls.some(isUnsettled)) {
      lookLater();
      return false;
    }
    if (io.interactive && call !== undefined) return await ask(call, asked);
    const isLeft = owned && isWaiting(execution) && !asked.hasOthers;
    if (isLeft) leave("waiting", asked);
    else if (isQuiet) {
      for (const it of open) callNotice(io, it, { asked, ...options });
    } else {
      // It asked once, and is at work by now: it says in a moment what for.
      lookLater();
      return false;
    }
    for (const it of open) settled.add(keyOf(it));
    return false;
  };

  /**
   * Looks whether what a run waits for its turn behind waits for a person: then
   * nothing happens here before somebody answers there.
   */
  const lookAhead = async (execution: Execution): Promise<void> => {
    if (!owned || io.interactive) return;
    const ahead = await firstInLine(client, execution, signal);
    const asked = await askedOf(client, ahead, signal);
    if (signal.aborted) return;
    if (isWaiting(ahead)) leave("waiting", asked, idOf(ahead));
    else lookLater();
  };

  const lookLater = (): void => {
    stop();
    if (signal.aborted) return;
    stop = clock.timer(QUIET_MS, () => {
      isQuiet = true;
      look();
    });
  };

  const look = (): void => {
    isDue = true;
    looking ??= lookAll().finally(() => looking = undefined);
  };

  const lookAll = async (): Promise<void> => {
    try {
      for (let i = 0; i < CALLS_MAX && isDue && left === undefined; i++) {
        isDue = false;
        isDue = await lookOnce() || isDue;
      }
    } catch {
      // Whoever follows the run is told of any error by the following.
    }
  };

  const close = async (): Promise<void> => {
    stop();
    over.abort();
    await looking;
  };

  return {
    get isAsking() {
      return isAsking;
    },
    get left() {
      return left;
    },
    take(event) {
      stop();
      isQuiet = false;
      if (!hasCalls(event) || signal.aborted) return;
      recheck();
      if (asksPerson(event)) look();
      // One call may ask while another one is at work: no event says so.
      else lookLater();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Asks about a call for as long as it waits. */
async function askWhileOpen(
  context: Context,
  client: BackendClient,
  of: {
    readonly id: string;
    readonly call: AskedCall;
    /** How many more calls wait. */
    readonly others: number;
    readonly signal: AbortSignal;
    /** Is given what looks at once. */
    readonly onRecheck: (look: () => void) => void;
  },
): Promise<Said> {
  const { id, call, signal } = of;
  const { clock } = context.host;
  const gone = new AbortController();
  const recheck = async (): Promise<void> => {
    const execution = await getExecution(client, id, signal);
    const { calls } = await askedOf(client, execution, signal);
    const isAsked = calls.some((it) => keyOf(it) === keyOf(call));
    if (!isAsked || phaseOf(execution) === "PAUSED") gone.abort();
  };
  let stop = (): void => {};
  const look = (): void => {
    stop();
    // Who cannot say whether it is, asks about it still.
    void recheck().catch(() => {}).then(() => {
      if (gone.signal.aborted || signal.aborted) return;
      stop();
      stop = clock.timer(RECHECK_MS, look);
    });
  };
  stop = clock.timer(RECHECK_MS, look);
  of.onRecheck(look);
  try {
    return await askAboutCall(context, call, {
      others: of.others,
      signal: AbortSignal.any([gone.signal, signal]),
    });
  } finally {
    gone.abort();
    stop();
  }
}

/**
 * Sends an answer, and tells why it was not taken: somebody else was earlier,
 * or this person may not, or cannot now.
 */
async function tell(
  context: Context,
  client: BackendClient,
  call: AskedCall,
  said: Answer,
): Promise<"taken" | "late" | "refused"> {
  try {
    await answerCall(context, client, call, said);
    return "taken";
  } catch (error) {
    if (!(error instanceof StigmerError)) throw error;
    if (context.signal.aborted) return "refused";
    context.io.alert(printable(error.message));
    return error.code === "FAILED_PRECONDITION" ? "late" : "refused";
  }
}

/** Whether a run goes on only when somebody lets a call be made. */
function isWaiting(execution: Execution): boolean {
  const { waitingFor = "" } = execution.status ?? {};
  return phaseOf(execution) === "WAITING" && isApprovalWait(waitingFor);
}

/** The tool of one agent that an answer for always is about. */
function toolOf({ id, toolCall: { server, tool } }: AskedCall): string {
  return `${id} ${server}:${tool}`;
}

function keyOf({ id, path }: AskedCall): string {
  return `${id} ${path}`;
}

/** Whether a run has left off its work for the answer of a person. */
function asksPerson(event: ExecutionEvent): boolean {
  if (event.type !== Type.EXECUTION_WAITING) return false;
  const data = jsonOf(event);
  const text = isJsonObject(data) ? member(data, "waitingFor") : data;
  return typeof text === "string" && isAnswerWait(text);
}

/** Whether calls may stand behind an event, and wait for a person. */
function hasCalls({ type }: ExecutionEvent): boolean {
  return type !== Type.TEXT_DELTA && type !== Type.OUTPUT_DELTA;
}
