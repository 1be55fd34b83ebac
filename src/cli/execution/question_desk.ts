/**
 * Looks after what a followed run asks people, questions and tool calls: asks
 * it where a person can be asked, and says how to answer it where nobody can.
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
import { isAnswerWait } from "../../model/answer.ts";
import { isJsonObject, member } from "../../model/json.ts";
import type { Context } from "../context.ts";
import { type AskedCall, askedOf } from "./asked_calls.ts";
import {
  type AskedItem,
  itemsOf,
  keyOf,
  waitsForPerson,
} from "./asked_items.ts";
import { itemNotice, waitingNotice } from "./item_notice.ts";
import { askWhileOpen, type Outcome } from "./item_prompt.ts";
import { idOf, phaseOf } from "./resource.ts";
import { jsonOf } from "./progress.ts";
import { firstInLine, isInLine } from "./session_line.ts";

/** How long nothing happens until a run is looked at that is at work. */
const QUIET_MS = 1000;
/** How long an answer for always has to reach other calls that wait. */
const ALWAYS_MS = 3000;
/** Things that are asked in one go at the most. */
const ITEMS_MAX = 10_000;

/** Looks after a run that may wait for a person. */
export interface QuestionDesk extends AsyncDisposable {
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
export interface QuestionDeskOptions {
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

/** Makes what looks after what a run asks. */
export function openQuestionDesk(
  context: Context,
  client: BackendClient,
  options: QuestionDeskOptions,
): QuestionDesk {
  const { io, host: { clock } } = context;
  const { id, owned } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  /** What was told of, or what a person left waiting. */
  const settled = new Set<string>();
  /** When calls of a tool were answered for always. */
  const alwaysMs = new Map<string, number>();
  const isAnswered = (item: AskedItem): boolean => {
    const answeredMs = item.kind === "call"
      ? alwaysMs.get(toolOf(item.call))
      : undefined;
    return answeredMs !== undefined &&
      clock.monotonic() - answeredMs < ALWAYS_MS;
  };
  const isUnsettled = (item: AskedItem): boolean => !settled.has(keyOf(item));
  const isOpen = (item: AskedItem): boolean =>
    isUnsettled(item) && !isAnswered(item);
  // Who draws nothing, as a log of continuous integration, asks nothing.
  const canAsk = io.interactive && io.live;
  let isAsking = false;
  let looking: Promise<void> | undefined;
  /** Looks whether what is asked is asked still. */
  let recheck = (): void => {};
  let isDue = false;
  /** Whether nothing has happened for a while. */
  let isQuiet = false;
  let left: QuestionDesk["left"];
  let stop = (): void => {};

  const leave = (
    how: "waiting" | "interrupted",
    items: readonly AskedItem[],
    aheadId?: string,
  ): void => {
    if (left !== undefined) return;
    left = how;
    options.hold(true);
    waitingNotice(io, { id, items, aheadId });
    options.leave();
  };

  /** Asks about one thing; says whether to look for more. */
  const ask = async (
    item: AskedItem,
    items: readonly AskedItem[],
  ): Promise<boolean> => {
    isAsking = true;
    options.hold(true);
    try {
      const outcome = await askWhileOpen(context, client, {
        id,
        item,
        others: items.filter((it) =>
          it.kind === "call" && isOpen(it) && it !== item
        ).length,
        signal,
        onRecheck: (look) => recheck = look,
      });
      return settle(item, outcome, items);
    } finally {
      recheck = () => {};
      isAsking = false;
      options.hold(false);
    }
  };

  const settle = (
    item: AskedItem,
    outcome: Outcome,
    items: readonly AskedItem[],
  ): boolean => {
    switch (outcome.kind) {
      case "taken":
        if (outcome.always && item.kind === "call") {
          alwaysMs.set(toolOf(item.call), clock.monotonic());
        }
        options.answered();
        return true;
      case "late":
        options.answered();
        return true;
      case "refused":
      case "later":
        settled.add(keyOf(item));
        return true;
      case "left":
        leave("interrupted", items);
        return false;
      case "gone":
        return !signal.aborted;
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
    const items = itemsOf(await askedOf(client, execution, signal));
    if (signal.aborted || items.length === 0) return false;
    const open = items.filter(isOpen);
    const [item] = open;
    if (item === undefined && items.some(isUnsettled)) {
      lookLater();
      return false;
    }
    if (canAsk && item !== undefined) return await ask(item, items);
    const isLeft = owned && waitsForPerson(execution, clock.now());
    if (isLeft) leave("waiting", items);
    else if (isQuiet) {
      for (const it of open) itemNotice(io, it, { items, ...options });
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
    if (!owned || canAsk) return;
    const ahead = await firstInLine(client, execution, signal);
    const items = itemsOf(await askedOf(client, ahead, signal));
    if (signal.aborted) return;
    if (waitsForPerson(ahead, clock.now())) {
      leave("waiting", items, idOf(ahead));
    } else lookLater();
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
      for (let i = 0; i < ITEMS_MAX && isDue && left === undefined; i++) {
        isDue = false;
        isDue = await lookOnce() || isDue;
      }
    } catch {
      // Whoever follows the run is told of errors that last by the following;
      // after one that passed nothing else would say that somebody is asked.
      lookLater();
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
      if (!mayAsk(event) || signal.aborted) return;
      recheck();
      if (asksPerson(event)) look();
      // A branch may ask while another one is at work: no event says so.
      else lookLater();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The tool of one agent that an answer for always is about. */
function toolOf({ id, toolCall: { server, tool } }: AskedCall): string {
  return `${id} ${server}:${tool}`;
}

/** Whether a run has left off its work for the answer of a person. */
function asksPerson(event: ExecutionEvent): boolean {
  if (event.type !== Type.EXECUTION_WAITING) return false;
  const data = jsonOf(event);
  const text = isJsonObject(data) ? member(data, "waitingFor") : data;
  return typeof text === "string" && isAnswerWait(text);
}

/** Whether something may stand behind an event that waits for a person. */
function mayAsk({ type }: ExecutionEvent): boolean {
  return type !== Type.TEXT_DELTA && type !== Type.OUTPUT_DELTA;
}
