/**
 * The tasks of a durable function, run one after another.
 *
 * @module
 */

import type { Command, Decision } from "../model/durable.ts";
import { failureOf, failureToJson } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { Mask } from "../model/mask.ts";
import { copyOf } from "./_operation.ts";
import { pathOf } from "./_places.ts";
import type { DurableMachineOptions, MachineTask, Scope } from "./_scope.ts";
import { failureOfError, recorded } from "./step_error.ts";

/** How it ends. */
export type Result = Exclude<Decision, { kind: "blocked" }>;

/** What the tasks are run with. */
export interface TaskRun {
  readonly options: DurableMachineOptions;
  readonly input: Json;
  /** What tasks gave that ended before, by their paths. */
  readonly given: ReadonlyMap<string, Json>;
  /** Takes the path of a task that is not run again. */
  readonly skip: (path: string) => void;
  readonly mask: Mask | undefined;
  readonly scope: (path: string) => Scope;
}

/** Runs the tasks one after another; none whose end is in the journal. */
export async function runTasks(run: TaskRun): Promise<Result> {
  const { options, input, given } = run;
  const problem = options.inputProblem(input);
  if (problem !== undefined) {
    const detail = `The input of workflow "${options.workflow}" does not fit ` +
      `its schema: ${problem}`;
    return { kind: "failed", failure: failureOf("validation", detail) };
  }
  let value = input;
  for (const [i, task] of options.functions.entries()) {
    const path = pathOf(i, task.name);
    const known = given.get(path);
    if (known !== undefined) run.skip(path);
    const outcome: Result = known === undefined
      ? await runTask(run, task, { path, input: value })
      : { kind: "done", output: known };
    if (outcome.kind === "failed") return outcome;
    value = outcome.output;
  }
  return { kind: "done", output: value };
}

async function runTask(
  { scope, mask }: TaskRun,
  task: MachineTask,
  { path, input }: { readonly path: string; readonly input: Json },
): Promise<Result> {
  const own = scope(path);
  const record = (type: Recorded, data: Json): Promise<void> =>
    recordEnd(own, { type, path, name: task.name, data });
  try {
    const made = recorded(
      `task "${task.name}"`,
      await task.run(own, copyOf(input)),
    );
    const output = mask?.json(made) ?? made;
    own.giveUp();
    await record("TASK_COMPLETED", output);
    return { kind: "done", output };
  } catch (error) {
    const thrown = { ...failureOfError(error), instance: path };
    const failure = mask?.failure(thrown) ?? thrown;
    own.giveUp();
    await record("TASK_FAILED", failureToJson(failure));
    return { kind: "failed", failure };
  }
}

type Recorded = "TASK_COMPLETED" | "TASK_FAILED";

/** Writes a task's end down. */
async function recordEnd(
  { ask }: Scope,
  { type, path, name, data }: {
    readonly type: Recorded;
    readonly path: string;
    readonly name: string;
    readonly data: Json;
  },
): Promise<void> {
  const about = { path, name };
  const commands: Command[] = [
    { kind: "record", type, ...about, attempt: 1, data },
  ];
  await ask({ ...about, kind: "record", commands }).catch(() => undefined);
}
