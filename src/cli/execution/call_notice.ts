/**
 * Tells of tool calls that wait, and how they are answered, where nobody is
 * asked.
 *
 * @module
 */

import { visibleLine } from "../../model/hidden_text.ts";
import type { Io } from "../io.ts";
import { wrap } from "../wrap.ts";
import type { AskedCall, AskedOf } from "./asked_calls.ts";
import { callCommands, callLine } from "./call_words.ts";

/** Calls of one run that are told of, at the most. */
const CALLS_MAX = 20;

/** Tells of a call that waits while the run goes on. */
export function callNotice(
  io: Io,
  call: AskedCall,
  { asked, hold }: {
    /** All that wait. */
    readonly asked: Pick<AskedOf, "calls">;
    readonly hold: (isHeld: boolean) => void;
  },
): void {
  if (io.quiet) return;
  hold(true);
  io.note(wrap(lines(io, call, asked.calls).join("\n"), io.columns));
  hold(false);
}

/** A run that is left waiting. */
export interface LeftRun {
  readonly id: string;
  /** What waits for a person. */
  readonly calls: readonly AskedCall[];
  /** The execution of its session that asks, where it only waits its turn. */
  readonly aheadId?: string | undefined;
}

/** Tells that a run waits, whatever was asked to be quiet. */
export function waitingNotice(
  io: Io,
  { id, calls, aheadId }: LeftRun,
): void {
  const shown = calls.slice(0, CALLS_MAX);
  const rest = calls.length - shown.length;
  const what = aheadId === undefined
    ? "waits for an approval"
    : `begins after ${aheadId} of its session, which waits for an approval`;
  const text = [
    `${io.err.yellow("Waiting")} ${id} ${what}; it is kept`,
    ...shown.flatMap((call) => lines(io, call, calls)),
    ...(rest === 0
      ? []
      : [`and ${rest} more: stigmer execution get ${aheadId ?? id}`]),
  ];
  io.alert(wrap(text.join("\n"), io.columns));
}

function lines(
  io: Io,
  call: AskedCall,
  calls: readonly AskedCall[],
): readonly string[] {
  const { id, path } = call;
  // The path tells apart what has one name.
  const isOnly = calls.filter((it) => it.id === id).length === 1;
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
