/**
 * Makes an execution that does an earlier one again from a point on, and
 * begins with what that one recorded before it.
 *
 * @module
 */

import { create, fromJson } from "@bufbuild/protobuf";
import {
  CreateExecutionRequestSchema,
  type RetryExecutionRequest,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  type ExecutionSpec,
  ExecutionSpecSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  dependenciesOf,
  failedPath,
  leavingOut,
} from "../engine/retry_point.ts";
import { changedTasks } from "../engine/retry_changes.ts";
import { type Reused, reuseResults } from "../engine/reuse.ts";
import type { Machine, TaskView } from "../model/durable.ts";
import { failedPrecondition, StigmerError } from "../model/error.ts";
import type { ExecutionRecord, NewExecution } from "../model/execution.ts";
import { type ExecutionId, newId, parseExecutionId } from "../model/id.ts";
import type { JsonObject } from "../model/json.ts";
import { KINDS } from "../model/kind.ts";
import { isTerminal } from "../model/phase.ts";
import { readContext } from "../store/contexts.ts";
import { copyEventsAfter } from "../store/events_after.ts";
import { runNumber } from "../store/executions.ts";
import { insertEvents, readEvents } from "../store/journal.ts";
import type { Plan } from "../workflow/tree.ts";
import { idSource, type ServiceDeps } from "./deps.ts";
import { executionOfRequest } from "./new_execution.ts";
import { createLoadProgram } from "./programs.ts";
import { toProtoJson, valueMessage } from "./proto_json.ts";
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

/** Characters at the end of an id that tell executions of one name apart. */
const NAME_SUFFIX_LENGTH = 6;

/** What a retry leaves out of the spec of what it does again. */
const OWN_KEYS: readonly string[] = [
  "idempotencyKey",
  "parentExecutionId",
  "parentPath",
  "scheduledAt",
];

/**
 * Stores the execution that does an earlier one again.
 *
 * @throws {StigmerError} FAILED_PRECONDITION when it has not ended, or nothing
 * says where to begin; INVALID_ARGUMENT for a task that it does not have.
 */
export async function retryExecution(
  deps: ServiceDeps,
  old: ExecutionRecord,
  request: RetryExecutionRequest,
): Promise<Retried> {
  refuseRunning(old);
  const { database } = deps.store;
  const tasks = (await foldedMachine(deps, old)).tasks();
  const plan = planOfExecution(deps, old);
  const ended = {
    tasks,
    dependencies: plan === undefined ? new Map() : dependenciesOf(plan),
  };
  const point = pointOf(old, tasks, request.from);
  const execution = executionFor(deps, old, request);
  const changed = request.latest
    ? changesOf(tasks, [plan, planOfExecution(deps, execution)])
    : [];
  const reused = reuseResults(await freshMachine(deps, execution), {
    input: old.input,
    events: readEvents(database, old.id),
    isLeftOut: leavingOut(ended, [point, failedPath(tasks), ...changed]),
    nowMs: deps.host.clock.now(),
  });
  const executionId = store(deps, { old, execution, reused });
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

/** The machine of an execution that is not stored yet. */
async function freshMachine(
  deps: ServiceDeps,
  execution: NewExecution,
): Promise<Machine> {
  const nowMs = deps.host.clock.now();
  const load = createLoadProgram(deps, {
    toRun: false,
    variablesOf: () => execution.variables ?? {},
  });
  const program = await load({
    ...execution,
    phase: "PENDING",
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    lastSequence: 0,
  });
  return program.createMachine();
}

function executionFor(
  deps: ServiceDeps,
  old: ExecutionRecord,
  request: RetryExecutionRequest,
): NewExecution {
  const { idempotencyKey } = request;
  const made = request.latest ? latestOf(deps, old) : sameOf(deps, old);
  return {
    ...made,
    spec: { ...made.spec, retryOf: old.id },
    // The results that it begins with have references with that mark.
    ...(old.sealMark === undefined ? {} : { sealMark: old.sealMark }),
    ...(idempotencyKey === "" ? {} : { idempotencyKey }),
  };
}

/** What the old execution ran, with what it ran with. */
function sameOf(deps: ServiceDeps, old: ExecutionRecord): NewExecution {
  const id = parseExecutionId(
    newId(KINDS[old.kind].prefix, idSource(deps.host)),
  );
  if (id === undefined) {
    throw new StigmerError("INTERNAL", `Cannot name a retry of "${old.id}"`);
  }
  const name = String(old.spec["resourceName"] ?? "");
  return {
    id,
    kind: old.kind,
    name: `${name}-${id.slice(-NAME_SUFFIX_LENGTH)}`,
    labels: old.labels,
    spec: ownSpec(old.spec),
    input: old.input,
    variables: readContext(deps.store.database, old.id),
    createdBy: deps.identity,
  };
}

/** The newest version of what the old execution ran, asked for in the same way. */
function latestOf(deps: ServiceDeps, old: ExecutionRecord): NewExecution {
  const spec = fromJson(ExecutionSpecSchema, toProtoJson(old.spec));
  if (spec.resourceId === "") {
    throw failedPrecondition(
      `Cannot retry execution "${old.id}" with the latest version: it ran ` +
        "from a file",
      { hints: ["Apply the file and execute that, or leave --latest out"] },
    );
  }
  const { timeout, outputSchema } = spec;
  return executionOfRequest(
    deps,
    create(CreateExecutionRequestSchema, {
      kind: old.kind === "AgentExecution" ? "Agent" : "Workflow",
      name: spec.resourceId,
      instance: spec.instanceId,
      session: spec.sessionId,
      input: valueMessage(old.input),
      message: spec.message,
      environments: spec.environmentIds,
      variables: variablesFor(deps, old, spec),
      model: spec.model,
      labels: { ...old.labels },
      workingDirectory: spec.workingDirectory,
      ...(timeout === undefined ? {} : { timeout }),
      ...(outputSchema === undefined ? {} : { outputSchema }),
    }),
  );
}

/** A child has no variables of its own: it runs with those of its parent. */
function variablesFor(
  deps: ServiceDeps,
  old: ExecutionRecord,
  spec: ExecutionSpec,
): Readonly<Record<string, string>> {
  return old.parent === undefined
    ? spec.variables
    : readContext(deps.store.database, old.id);
}

function ownSpec(spec: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(spec).filter(([key]) => !OWN_KEYS.includes(key)),
  );
}
