/**
 * How the end of an execution ends a command.
 *
 * @module
 */

import {
  type Execution,
  Phase,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { pointerTo } from "../../model/diagnostic.ts";
import { canonicalFailureType, failureOf } from "../../model/failure.ts";
import { failureText } from "../../model/failure_text.ts";
import { visibleLine, visibleText } from "../../model/hidden_text.ts";
import { isTerminal, type PhaseName } from "../../model/phase.ts";
import type { Ending } from "../command.ts";
import type { Context } from "../context.ts";
import { wrapping } from "../wrap.ts";
import { idOf, phaseOf } from "./resource.ts";

/** Says whether an execution never changes again. */
export function hasEnded(execution: Execution): boolean {
  const phase = parsePhase(phaseOf(execution));
  return phase !== undefined && isTerminal(phase);
}

/** Phases of executions that people may name. */
export const PHASE_NAMES: readonly [PhaseName, ...PhaseName[]] = [
  "PENDING",
  "RUNNING",
  "WAITING",
  "PAUSED",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
];

/** Reads the name of a phase in any case. */
export function parsePhase(text: string): PhaseName | undefined {
  return PHASE_NAMES.find((it) => it === text.toUpperCase());
}

/**
 * Says how a command ends whose execution has ended.
 *
 * Only COMPLETED is success. An error of authentication or authorization has
 * an ending of its own, and so has a time limit that this command set.
 */
export function endingOf(
  execution: Execution,
  options: { readonly timed: boolean },
): Ending {
  const { status } = execution;
  if (status?.phase === Phase.COMPLETED) return "ok";
  if (status?.phase === Phase.CANCELLED) return "CANCELLED";
  const type = canonicalFailureType(status?.error?.type ?? "");
  if (type === failureOf("authentication", "").type) return "UNAUTHENTICATED";
  if (type === failureOf("authorization", "").type) return "PERMISSION_DENIED";
  if (options.timed && type === failureOf("timeout", "").type) {
    return "DEADLINE_EXCEEDED";
  }
  return "failed";
}

/** What the engine says of an input that the workflow does not take. */
const INPUT_MISFIT_REGEXP = /^The input of the workflow does not fit/;
const INPUT_HINT = "Give it with --input KEY=VALUE, or with --input-file FILE";

/**
 * Says on stderr how an execution ended that did not complete.
 *
 * The reason may be the words of a server, a tool or a model: what would steer
 * the terminal is shown instead.
 */
export function showFailure(context: Context, execution: Execution): void {
  const io = wrapping(context.io);
  const { status } = execution;
  const id = idOf(execution);
  const error = status?.error;
  if (status?.phase === Phase.CANCELLED) {
    // The reason begins with what is said already.
    const why = visibleText(error?.detail ?? "")
      .replace(/^Cancelled(: )?/, "");
    io.alert(
      `${io.err.yellow("Cancelled")} ${id}${why === "" ? "" : `: ${why}`}`,
    );
    return;
  }
  if (status?.phase !== Phase.FAILED) return;
  const title = io.err.bold(io.err.red("Error:"));
  const detail = failureText(error) || "no reason was given";
  io.alert(`${title} Execution ${id} failed: ${visibleText(detail)}`);
  if (INPUT_MISFIT_REGEXP.test(detail)) {
    io.alert(`${io.err.cyan("Hint:")} ${INPUT_HINT}`);
  }
  if (error !== undefined && error.instance !== "") {
    const title = error.title === detail ? "" : ` (${error.title})`;
    io.alert(visibleLine(`  at ${error.instance}${title}`));
    const path = pathOf(execution, error.instance);
    if (path !== undefined) io.alert(visibleLine(`  in this run ${path}`));
  }
}

/** Where in the run the task failed, when that is not where it is written. */
function pathOf(
  { status }: Execution,
  instance: string,
): string | undefined {
  const task = status?.tasks.findLast(({ pointer, phase }) =>
    pointer === instance && phase === Phase.FAILED
  );
  if (task === undefined) return undefined;
  const { path, name } = task;
  // A task of a graph has its name in the path, which is no news.
  const isSame = path === instance || path === pointerTo(instance, name);
  return isSame ? undefined : path;
}
