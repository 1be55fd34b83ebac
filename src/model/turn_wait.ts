/**
 * How it is said that an execution waits for its turn in its session, or for
 * the program that alone can run it.
 *
 * @module
 */

import { isApprovalWait } from "./answer.ts";
import type { PhaseName } from "./phase.ts";

const WAITS_FOR = ", which waits for ";

/** What an execution waits for that is not the first in line of its session. */
export function turnWait(
  { id, phase, waitingFor }: {
    readonly id: string;
    readonly phase: PhaseName;
    readonly waitingFor: string;
  },
): string {
  const name = `execution "${id}" of its session`;
  if (phase === "PAUSED") return `${name}, which is paused`;
  return phase === "WAITING" && waitingFor !== ""
    ? `${name}${WAITS_FOR}${waitingFor}`
    : name;
}

/** The id of the execution right before one that waits for its turn. */
export function aheadInLine(waitingFor: string): string | undefined {
  return /^execution "([^"]+)" of its session/.exec(waitingFor)?.[1];
}

/** Says whether what it waits for its turn behind waits for an approval. */
export function isBehindApproval(waitingFor: string): boolean {
  const ahead = aheadInLine(waitingFor);
  if (ahead === undefined) return false;
  const name = turnWait({ id: ahead, phase: "RUNNING", waitingFor: "" });
  const rest = waitingFor.slice(name.length);
  return rest.startsWith(WAITS_FOR) &&
    isApprovalWait(rest.slice(WAITS_FOR.length));
}

const PROGRAM_WAIT = "the TypeScript program that serves ";

/** What an execution waits for that only a program can run, in words. */
export function programWait(workflow: string): string {
  return `${PROGRAM_WAIT}"${workflow}"`;
}

/** Whether that is what an execution waits for. */
export function isProgramWait(waitingFor: string): boolean {
  return waitingFor.startsWith(PROGRAM_WAIT);
}
