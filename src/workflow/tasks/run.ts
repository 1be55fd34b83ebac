/**
 * `run`: runs a command, a script, a container or another workflow.
 *
 * @module
 */

import { member } from "../../model/json.ts";
import type { Place, TaskPlace } from "../context.ts";
import {
  checkKeys,
  placeOf,
  readBoolean,
  readChoice,
  readObject,
  reportError,
} from "../fields.ts";
import type { TaskBase } from "../tree.ts";
import type {
  ContainerTask,
  ProcessResult,
  RunWorkflowTask,
  ScriptTask,
  ShellTask,
} from "../tree_runs.ts";
import { readBase } from "./_base.ts";
import { readContainer } from "./container.ts";
import { readScript } from "./script.ts";
import { readShell } from "./shell.ts";
import { readRunWorkflow } from "./workflow.ts";

/** A task of `run`. */
export type RunTask = ShellTask | ScriptTask | ContainerTask | RunWorkflowTask;

/** What is particular to what a task runs. */
export type Runnable<T extends RunTask> = Omit<
  T,
  keyof TaskBase | "await" | "return"
>;

const KINDS: readonly string[] = ["container", "script", "shell", "workflow"];
const RESULTS: readonly ProcessResult[] = [
  "stdout",
  "stderr",
  "code",
  "all",
  "none",
];

/** Reads a `run` task. */
export function readRun(place: TaskPlace): RunTask {
  const base = readBase(place, { kind: "run", known: ["run"] });
  const at = placeOf(place, "run");
  const { length: before } = place.context.diagnostics;
  const run = readObject(member(place.object, "run"), at) ?? {};
  const given = KINDS.filter((key) => member(run, key) !== undefined);
  checkKeys(run, at, {
    known: [...KINDS, "await", "return"],
    what: 'the "run" of a task',
    instead: { command: "shell.command", cmd: "shell.command" },
  });
  const [kind = "shell"] = given;
  if (given.length !== 1) noteNotOne(given, at, before);
  const object = readObject(member(run, kind), placeOf(at, kind)) ?? {};
  const waits = readBoolean(member(run, "await"), placeOf(at, "await")) ?? true;
  const result = readChoice(
    member(run, "return"),
    placeOf(at, "return"),
    RESULTS,
  );
  if (kind === "workflow" && result !== undefined) {
    reportError(placeOf(at, "return"), {
      atKey: true,
      message: 'A workflow that is run has no "return"',
      hint: "Its output is the task's",
    });
  }
  const common = { ...base, await: waits };
  const inside = placeOf(at, kind);
  const process = { ...common, return: result ?? "stdout" };
  // What names nothing to run was noted; it needs no note of what it lacks.
  if (given.length === 0) return { ...process, ...nothing() };
  switch (kind) {
    case "container":
      return { ...process, ...readContainer(object, inside) };
    case "script":
      return { ...process, ...readScript(object, inside) };
    case "workflow":
      return { ...common, ...readRunWorkflow(object, inside) };
    default:
      return { ...process, ...readShell(object, inside) };
  }
}

/** Notes that nothing or too much is run, where no key said so already. */
function noteNotOne(
  given: readonly string[],
  place: Place,
  before: number,
): void {
  if (given.length > 1) {
    reportError(place, {
      message: `A task runs one thing, not ${given.join(" and ")}`,
    });
  } else if (place.context.diagnostics.length === before) {
    reportError(place, {
      message: `"run" does not say what it runs`,
      hint: `Give it one of ${KINDS.join(", ")}`,
    });
  }
}

function nothing(): Runnable<ShellTask> {
  return { kind: "shell", command: { kind: "literal", value: "" } };
}
