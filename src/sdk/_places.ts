/**
 * Places in the journal of a durable function, and what follows from an event
 * at one.
 *
 * @module
 */

import { pointerTo } from "../model/diagnostic.ts";
import type { Command, JournalEvent } from "../model/durable.ts";
import { type Failure, failureOf } from "../model/failure.ts";
import { isJsonObject, member } from "../model/json.ts";
import { parseServedPath } from "../model/served.ts";
import type { Operation } from "./_operation.ts";

/** The path of a task. */
export function pathOf(index: number, name: string): string {
  return pointerTo(pointerTo("/do", index), name);
}

/** The path of the operation that an event belongs to. */
export function ownPath(path: string): string {
  const part = parseServedPath(path)?.part ?? "";
  return part === "" ? path : path.slice(0, -part.length);
}

/** The key of what a command or an event is about. */
export function keyOf(
  about: { readonly path: string; readonly attempt: number },
): string {
  return `${about.attempt} ${about.path}`;
}

/** The timer of the next try, due when the journal says so. */
export function retryTimer(
  { path, name, attempt, data }: JournalEvent,
): Command {
  const due = isJsonObject(data) ? member(data, "nextAttemptAtMs") : 0;
  return {
    kind: "timer",
    path: `${path}/retry`,
    name,
    attempt,
    delayMs: 0,
    dueAtMs: typeof due === "number" ? due : 0,
  };
}

/** What is done at the next try. */
export function nextTry({ commands }: Operation, attempt: number): Command[] {
  return commands.flatMap((it) =>
    it.kind === "run" ? [{ ...it, attempt: attempt + 1 }] : []
  );
}

/** The failure of a program that is not the one that the journal is of. */
export function changed(
  workflow: string,
  event: JournalEvent,
  asked: Pick<Operation, "kind" | "name"> | undefined,
): Failure {
  const place = parseServedPath(event.path);
  const had = inWords(place ?? { kind: "record", name: event.name });
  const instead = asked === undefined
    ? "which the program does not ask for there"
    : `where the program asks for ${inWords(asked)}`;
  return failureOf(
    "configuration",
    `The workflow "${workflow}" changed: the journal has ${had} at ` +
      `"${event.path}", ${instead}; run it with ` +
      "the program that began it and retry, or give what changed a new name",
    { instance: event.path },
  );
}

function inWords({ kind, name }: Pick<Operation, "kind" | "name">): string {
  return kind === "record" ? `the end of task "${name}"` : `${kind} "${name}"`;
}
