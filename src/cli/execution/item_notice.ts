/**
 * Tells of what waits for a person, and how it is answered, where nobody is
 * asked.
 *
 * @module
 */

import { visibleLine } from "../../model/hidden_text.ts";
import type { Io } from "../io.ts";
import { wrap } from "../wrap.ts";
import type { AskedCall } from "./asked_calls.ts";
import type { AskedItem } from "./asked_items.ts";
import { callCommands, callLine } from "./call_words.ts";
import { questionText } from "./questions.ts";

/** Things of one run that are told of, at the most. */
const ITEMS_MAX = 20;

/** Tells of something that waits while the run goes on. */
export function itemNotice(
  io: Io,
  item: AskedItem,
  { items, hold }: {
    /** All that wait. */
    readonly items: readonly AskedItem[];
    readonly hold: (isHeld: boolean) => void;
  },
): void {
  if (io.quiet) return;
  hold(true);
  io.note(wrap(linesOf(io, item, items).join("\n"), io.columns));
  hold(false);
}

/** A run that is left waiting. */
export interface LeftRun {
  readonly id: string;
  /** What waits for a person. */
  readonly items: readonly AskedItem[];
  /** The execution of its session that asks, where it only waits its turn. */
  readonly aheadId?: string | undefined;
}

/** Tells that a run waits, whatever was asked to be quiet. */
export function waitingNotice(
  io: Io,
  { id, items, aheadId }: LeftRun,
): void {
  const shown = items.slice(0, ITEMS_MAX);
  const rest = items.length - shown.length;
  const answer = items.some((it) => it.kind === "question")
    ? "an answer"
    : "an approval";
  const what = aheadId === undefined
    ? `waits for ${answer}`
    : `begins after ${aheadId} of its session, which waits for ${answer}`;
  const text = [
    `${io.err.yellow("Waiting")} ${id} ${what}; it is kept`,
    ...shown.flatMap((it) => linesOf(io, it, items)),
    ...(rest === 0
      ? []
      : [`and ${rest} more: stigmer execution get ${aheadId ?? id}`]),
  ];
  io.alert(wrap(text.join("\n"), io.columns));
}

function linesOf(
  io: Io,
  item: AskedItem,
  items: readonly AskedItem[],
): readonly string[] {
  switch (item.kind) {
    case "call":
      return callLines(io, item.call, items);
    case "question":
      return [questionText(item.asked.question, io.err)];
  }
}

function callLines(
  io: Io,
  call: AskedCall,
  items: readonly AskedItem[],
): readonly string[] {
  const { id, path } = call;
  // The path tells apart what has one name.
  const isOnly =
    items.filter((it) => it.kind === "call" && it.call.id === id).length === 1;
  const [approve = ""] = callCommands({
    id,
    task: isOnly ? undefined : path,
  });
  return [
    `${io.err.bold("Asks:")} ${callLine(call)}`,
    `  ${io.err.dim("rule:")} ${visibleLine(call.toolCall.rule)}`,
    `  ${approve}`,
  ];
}
