/**
 * The questions to people that an execution, or a child of it, waits with.
 *
 * @module
 */

import type { HumanRequest, Machine, TaskView } from "../model/durable.ts";
import { StigmerError } from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { parseExecutionId } from "../model/id.ts";
import { isTerminal } from "../model/phase.ts";
import { getExecution } from "../store/executions.ts";
import { liveChildren } from "../store/families.ts";
import type { ServiceDeps } from "./deps.ts";
import { loaderOf } from "./execution_detail.ts";
import type { ExecutionDetail } from "./execution_message.ts";
import { journalNow } from "./journal_now.ts";

/** Executions of one family that are looked at, at the most. */
const FAMILY_MAX = 100;

/** A question that waits for its answer. */
export interface Question {
  readonly record: ExecutionRecord;
  readonly task: TaskView;
  readonly human: HumanRequest;
  /** The tasks of the executions above that wait for this one. */
  readonly via: readonly TaskView[];
  /** Stands where the journal did when it was read. */
  readonly machine: Machine;
  readonly sequence: number;
}

/** What a journal makes of its machine, as far as it goes now. */
export interface Folded {
  readonly machine: Machine;
  readonly sequence: number;
}

/**
 * Lists what an execution and its children ask of people, its own first.
 *
 * One whose program cannot be read asks nothing that could be answered.
 */
export async function openQuestions(
  deps: ServiceDeps,
  record: ExecutionRecord,
): Promise<readonly Question[]> {
  const left = { count: FAMILY_MAX };
  return await familyQuestions(deps, { record, via: [], left });
}

async function familyQuestions(
  deps: ServiceDeps,
  of: {
    readonly record: ExecutionRecord;
    readonly via: readonly TaskView[];
    readonly left: { count: number };
  },
): Promise<readonly Question[]> {
  const { record, left } = of;
  if (isTerminal(record.phase) || left.count <= 0) return [];
  left.count--;
  const folded = await foldNow(deps, record);
  if (folded === undefined) return [];
  const tasks = folded.machine.tasks();
  const found: Question[] = tasks.flatMap((task) =>
    task.human === undefined
      ? []
      : [{ record, task, human: task.human, via: of.via, ...folded }]
  );
  for (const id of liveChildren(deps.store.database, record.id)) {
    const child = getExecution(deps.store.database, id);
    if (child === undefined) continue;
    const via = tasks.filter((it) => it.childExecutionId === id);
    found.push(
      ...await familyQuestions(deps, {
        record: child,
        via: [...of.via, ...via],
        left,
      }),
    );
  }
  return found;
}

/** Folds the journal of an execution; `undefined` when it cannot be read. */
export async function foldNow(
  deps: ServiceDeps,
  record: ExecutionRecord,
): Promise<Folded | undefined> {
  try {
    const machine = (await loaderOf(deps)(record)).createMachine();
    let sequence = 0;
    for (const event of journalNow(deps.store.database, record.id)) {
      machine.apply(event);
      sequence = event.sequence;
    }
    return { machine, sequence };
  } catch (error) {
    if (error instanceof StigmerError) return undefined;
    throw error;
  }
}

/** Lets the tasks that run children show what those ask of people. */
export async function withQuestions(
  deps: ServiceDeps,
  detail: ExecutionDetail,
): Promise<ExecutionDetail> {
  const left = { count: FAMILY_MAX };
  const tasks: TaskView[] = [];
  for (const task of detail.tasks) {
    const human = await childQuestion(deps, task, left);
    tasks.push(human === undefined ? task : { ...task, human });
  }
  return { ...detail, tasks };
}

async function childQuestion(
  deps: ServiceDeps,
  task: TaskView,
  left: { count: number },
): Promise<HumanRequest | undefined> {
  const id = parseExecutionId(task.childExecutionId ?? "");
  if (id === undefined || isTerminal(task.phase)) return undefined;
  const record = getExecution(deps.store.database, id);
  if (record?.phase !== "WAITING") return undefined;
  const [first] = await familyQuestions(deps, { record, via: [], left });
  return first?.human;
}
