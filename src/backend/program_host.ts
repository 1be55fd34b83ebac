/**
 * The programs of a process: which workflows they run, and what of these is
 * run here.
 *
 * @module
 */

import { parseExecutionId } from "../model/id.ts";
import type { ProgramHost, ServedProgram } from "../model/served.ts";
import type { LazyRunner } from "./runner.ts";

/** The programs that runs are made of, by the slugs of their workflows. */
export type Served = Map<string, ServedProgram>;

/** Programs that were added, by what they are kept in, the newest last. */
const ADDED: WeakMap<Served, Map<string, readonly ServedProgram[]>> =
  new WeakMap();

/** Opens what takes programs in. */
export function openProgramHost(
  served: Served,
  runner: LazyRunner,
): ProgramHost {
  return {
    add: (workflow, program) => addProgram(served, workflow, program),
    async take(executionId) {
      const id = parseExecutionId(executionId);
      if (id === undefined) return;
      const { worker } = await runner.get();
      await worker.take(id);
    },
  };
}

/** Adds a program as often as it is asked for: the last to go takes it away. */
function addProgram(
  served: Served,
  workflow: string,
  program: ServedProgram,
): () => void {
  const added = ADDED.get(served) ?? new Map();
  ADDED.set(served, added);
  const keep = (programs: readonly ServedProgram[]): void => {
    added.set(workflow, programs);
    const newest = programs.at(-1);
    if (newest === undefined) served.delete(workflow);
    else served.set(workflow, newest);
  };
  keep([...added.get(workflow) ?? [], program]);
  return () => {
    const programs: readonly ServedProgram[] = added.get(workflow) ?? [];
    const at = programs.indexOf(program);
    if (at >= 0) keep(programs.toSpliced(at, 1));
  };
}
