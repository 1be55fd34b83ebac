/**
 * Makes an execution that does an earlier one again from a point on, and
 * begins with what that one recorded before it.
 *
 * @module
 */

import { fromJson } from "@bufbuild/protobuf";
import type { RetryExecutionRequest } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { ExecutionSpecSchema } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  dependenciesOf,
  failedPath,
  leavingOut,
} from "../engine/retry_point.ts";
import { changedTasks } from "../engine/retry_changes.ts";
import { type Reused, reuseResults } from "../engine/reuse.ts";
import { reuseServed } from "../engine/served.ts";
import type { Machine, TaskView } from "../model/durable.ts";
import { failedPrecondition, StigmerError } from "../model/error.ts";
import type { ExecutionRecord, NewExecution } from "../model/execution.ts";
import type { ExecutionId } from "../model/id.ts";
import { isTerminal } from "../model/phase.ts";
import { copyEventsAfter } from "../store/events_after.ts";
import { getExecution, runNumber } from "../store/executions.ts";
import { insertEvents, readEvents } from "../store/journal.ts";
import type { Plan } from "../workflow/tree.ts";
import type { ServiceDeps } from "./deps.ts";
import { sealedExecution, whileSecretsChange } from "./execution_secrets.ts";
import { requireJournal } from "./journal_kept.ts";
import { createLoadProgram } from "./programs.ts";
import { toProtoJson } from "./proto_json.ts";
import { type RetryDeps, retryDraft } from "./retry_draft.ts";
import { retryFrom } from "./retry_from.ts";
import { storeExecution } from "./store_execution.ts";
import { pinnedTemplate } from "./target.ts";
import { planOf } from "./workflow_plan.ts";

/** A retry that was stored. */
export interface Retried {
  readonly executionId: ExecutionId;
  /** How many recorded results it begins with. */
  readonly reusedCount: number;
}

/**
 * Stores the execution that does an earlier one again.
 *
 * @throws {StigmerError} FAILED_PRECONDITION when it has not ended, or nothing
 * says where to begin; INVALID_ARGUMENT for a task that it does not have.
 */
export function retryExecution(
  deps: RetryDeps,
  old: ExecutionRecord,
  request: RetryExecutionRequest,
): Promise<Retried> {
  return whileSecretsChange(() => retryOnce(deps, old, request));
}

async function retryOnce(
  deps: RetryDeps,
  old: ExecutionRecord,
  request: RetryExecutionRequest,
): Promise<Retried> {
  refuseRunning(old);
  requireJournal(old, "retry");
  const { database } = deps.store;
  const tasks = (await foldedMachine(deps, old)).tasks();
  const plan = planOfExecution(deps, old);
  const ended = {
    tasks,
    dependencies: plan === undefined ? new Map() : dependenciesOf(plan),
  };
  const point = pointOf(old, tasks, request.from);
  const draft = retryDraft(deps, old, request);
  const { execution } = draft;
  const changed = request.latest
    ? changesOf(tasks, [plan, planOfExecution(deps, execution)])
    : [];
  const recorded = {
    input: old.input,
    events: readEvents(database, old.id),
    isLeftOut: leavingOut(ended, [point, failedPath(tasks), ...changed]),
    nowMs: deps.host.clock.now(),
  };
  const reused = plan?.isServed === true
    ? reuseServed(recorded)
    : reuseResults(await freshMachine(deps, execution), recorded);
  const sealed = await sealedExecution(deps, draft);
  const executionId = store(deps, { old, execution: sealed, reused });
  return { executionId, reusedCount: reused.resultCount };
}

/** Stores the execution with its beginning: both, or none. */
function store(
  deps: ServiceDeps,
  of: {
    readonly old: ExecutionRecord;
    readonly execution: NewExecution;
    readonly reused: Reused;
  },
): ExecutionId {
  const { database } = deps.store;
  const { old, execution, reused } = of;
  return database.transaction(() => {
    // It may have gone since it was read.
    const now = getExecution(database, old.id);
    if (now === undefined) throw goneMeanwhile(old.id);
    requireJournal(now, "retry");
    const executionId = storeExecution(deps, execution);
    // Another request with its key was faster.
    if (executionId !== execution.id) return executionId;
    const run = runNumber(database, executionId);
    if (run === undefined) {
      throw new StigmerError("INTERNAL", `Cannot find run "${executionId}"`);
    }
    // The first one was stored with the execution.
    insertEvents(database, run, reused.events.slice(1));
    copyEventsAfter(database, { from: old.id, to: executionId });
    return executionId;
  });
}

function goneMeanwhile(id: ExecutionId): StigmerError {
  return new StigmerError(
    "NOT_FOUND",
    `Cannot retry execution "${id}": it was removed meanwhile, past its ` +
      "retention",
    { hints: ["Keep executions longer with: stigmer retention set"] },
  );
}

function refuseRunning(old: ExecutionRecord): void {
  if (isTerminal(old.phase)) return;
  throw failedPrecondition(
    `Cannot retry execution "${old.id}": it is ${old.phase}`,
    { hints: [`Wait for its end, or stigmer execution cancel ${old.id}`] },
  );
}

/** Where the retry begins; `undefined` where the run was cut off. */
function pointOf(
  old: ExecutionRecord,
  tasks: readonly TaskView[],
  from: string,
): string | undefined {
  if (from !== "") return retryFrom(old, tasks, from);
  if (old.phase !== "COMPLETED") return undefined;
  throw failedPrecondition(
    `Cannot retry execution "${old.id}": it is COMPLETED, so nothing says ` +
      "where to begin",
    { hints: [`Name a task: stigmer execution retry ${old.id} --from TASK`] },
  );
}

/** The plan of what an execution runs; an agent has none. */
function planOfExecution(
  { store }: ServiceDeps,
  { kind, spec }: Pick<ExecutionRecord, "kind" | "spec">,
): Plan | undefined {
  if (kind === "AgentExecution") return undefined;
  const template = pinnedTemplate(
    store.database,
    fromJson(ExecutionSpecSchema, toProtoJson(spec)),
    "Workflow",
  );
  return template.kind === "Workflow" ? planOf(template.workflow) : undefined;
}

/** The tasks that the retry's version of a workflow writes otherwise. */
function changesOf(
  tasks: readonly TaskView[],
  [before, now]: readonly [Plan | undefined, Plan | undefined],
): readonly string[] {
  if (before === undefined || now === undefined) return [];
  const versions = { before: before.definition, now: now.definition };
  return changedTasks(tasks, versions).map(({ path }) => path);
}

/** The machine of an execution, with its whole journal. */
async function foldedMachine(
  deps: ServiceDeps,
  execution: ExecutionRecord,
): Promise<Machine> {
  const load = createLoadProgram(deps, { toRun: false });
  const machine = (await load(execution)).createMachine();
  for (const event of readEvents(deps.store.database, execution.id)) {
    machine.apply(event);
  }
  return machine;
}

/**
 * The machine of an execution that is not stored yet. It has the history of its
 * session, too: what was summarised of that is a result to begin with.
 *
 * It holds no call to rules, and so takes the result of each that has one: what
 * was made must not be asked about, refused or made again.
 */
async function freshMachine(
  deps: ServiceDeps,
  execution: NewExecution,
): Promise<Machine> {
  const nowMs = deps.host.clock.now();
  const load = createLoadProgram(deps, {
    variablesOf: () => execution.variables ?? {},
  });
  const { approval: _, ...spec } = execution.spec;
  const program = await load({
    ...execution,
    spec,
    phase: "PENDING",
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    lastSequence: 0,
  });
  return program.createMachine();
}
