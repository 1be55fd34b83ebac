/**
 * Tells of tool calls that wait, and how they are answered, where nobody is
 * asked.
 *
 * @module
 */

import { visibleLine } from "../../model/hidden_text.ts";
import type { Io } from "../io.ts";
import { wrap } from "../wrap.ts";
import type { AskedCall } from "./asked_calls.ts";
import { callCommands, callLine } from "./call_words.ts";

/** Calls of one run that are told of, at the most. */
const CALLS_MAX = 20;

/** Tells of a call that waits while the run goes on. */
export function callNotice(
  io: Io,
  call: AskedCall,
  hold: (isHeld: boolean) => void,
): void {
  if (io.quiet) return;
  hold(true);
  io.note(wrap(lines(io, call, [call]).join("\n"), io.columns));
  hold(false);
}

/** Tells that a run waits, whatever was asked to be quiet. */
export function waitingNotice(
  io: Io,
  id: string,
  calls: readonly AskedCall[],
): void {
  const shown = calls.slice(0, CALLS_MAX);
  const rest = calls.length - shown.length;
  const text = [
    `${io.err.yellow("Waiting")} ${id} waits for an approval; it is kept`,
    ...shown.flatMap((call) => lines(io, call, calls)),
    ...(rest === 0 ? [] : [`and ${rest} more: stigmer execution get ${id}`]),
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
