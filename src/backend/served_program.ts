/**
 * What an execution runs whose tasks are functions of a program.
 *
 * @module
 */

import type { Program, RunSecrets } from "../engine/ports.ts";
import { createServedMachine } from "../engine/served.ts";
import { StigmerError } from "../model/error.ts";
import type { ServedProgram } from "../model/served.ts";
import type { Plan } from "../workflow/tree.ts";
import type { ServiceDeps } from "./deps.ts";

/** What is known of the execution. */
export interface ServedExecution {
  readonly executionId: string;
  /** The slug of its workflow. */
  readonly workflow: string;
  /** Whether it is run, and not only looked at. */
  readonly toRun: boolean;
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets?: RunSecrets;
}

/**
 * Gives what makes its machines: by the program that runs it, or, to look at
 * it, of what the journal tells.
 */
export function servedMachines(
  deps: ServiceDeps,
  plan: Plan,
  { workflow, toRun, ...execution }: ServedExecution,
): Program["createMachine"] {
  const own = toRun ? requireProgram(deps, workflow) : undefined;
  const tasks = plan.body.kind === "sequence" ? plan.body.tasks : [];
  const made = {
    ...execution,
    tasks: tasks.map(({ name }) => name),
    randomBytes: (length: number) => deps.host.random.bytes(length),
  };
  return (options) =>
    createServedMachine(plan, own?.createMachine(made), options);
}

/**
 * Only who has the program claims what it runs; it may be taken back meanwhile.
 */
function requireProgram(
  { served }: ServiceDeps,
  workflow: string,
): ServedProgram {
  const program = served?.get(workflow);
  if (program !== undefined) return program;
  throw new StigmerError(
    "UNAVAILABLE",
    `Cannot run workflow "${workflow}" here: its program was taken back`,
  );
}
