/**
 * A home with a store and workers on it, for tests and measurements.
 *
 * @module
 */

import "../standard_driver.ts";
import { createWorkflowMachine } from "../../src/engine/decide.ts";
import type { RunSecrets, WorkerNote } from "../../src/engine/ports.ts";
import { startWorker, type Worker } from "../../src/engine/worker.ts";
import type { WorkerOptions } from "../../src/engine/worker_options.ts";
import type { Host } from "../../src/host/host.ts";
import { systemHost } from "../../src/host/system.ts";
import type { Activity, JournalEvent } from "../../src/model/durable.ts";
import type {
  ExecutionRecord,
  NewExecution,
} from "../../src/model/execution.ts";
import {
  type ExecutionId,
  newId,
  parseExecutionId,
} from "../../src/model/id.ts";
import type { Json } from "../../src/model/json.ts";
import { isTerminal, type PhaseName } from "../../src/model/phase.ts";
import type { RunStore } from "../../src/model/run.ts";
import type { Database } from "../../src/store/driver.ts";
import { getExecution, insertExecution } from "../../src/store/executions.ts";
import { readEvents } from "../../src/store/journal.ts";
import { openStore } from "../../src/store/open.ts";
import { openRunStore } from "../../src/store/runs.ts";
import { createMask } from "../../src/vault/mask.ts";
import type { Plan } from "../../src/workflow/tree.ts";

/** How long a test waits for what must come. */
const WAIT_MS_MAX = 20_000;

/** A home. */
export interface Home extends Disposable {
  readonly path: string;
  readonly host: Host;
  readonly database: Database;
  readonly runs: RunStore;
}

/** What a worker of a test is made of, besides its home. */
export interface FixtureOptions {
  /** Plans by the name of the execution. */
  readonly plans: Readonly<Record<string, Plan>>;
  /** Answers `call: http`; default gives the task's name. */
  readonly effect?: Activity;
  /** What its executions may open. */
  readonly secrets?: RunSecrets;
  readonly options?: Partial<WorkerOptions>;
}

/** Opens the store of a home. */
export function openHome(path: string, host: Host = systemHost()): Home {
  const store = openStore(`${path}/stigmer.db`, { host, busyTimeoutMs: 2000 });
  return {
    path,
    host,
    database: store.database,
    runs: openRunStore(store.database),
    [Symbol.dispose]: () => store.close(),
  };
}

/** Starts a worker on a home. */
export function workOn(home: Home, fixture: FixtureOptions): Worker {
  return startWorker({
    host: home.host,
    store: home.runs,
    lockDirectory: `${home.path}/workers`,
    loadProgram: (execution) =>
      Promise.resolve(programOf(home, fixture, execution)),
    prepareChild: (parent, path, request) =>
      Promise.resolve({
        ...newExecution(request.resource, request.input),
        parent: { executionId: parent.id, path },
      }),
    createMask,
    activities: { http: fixture.effect ?? named },
    ...fixture.options,
  });
}

function programOf(
  home: Home,
  { plans, secrets }: FixtureOptions,
  execution: ExecutionRecord,
) {
  const plan = plans[execution.name];
  if (plan === undefined) throw new Error(`no plan "${execution.name}"`);
  return {
    createMachine: () =>
      createWorkflowMachine(plan, {
        executionId: execution.id,
        variables: {},
        ...(execution.sealMark === undefined
          ? {}
          : { sealMark: execution.sealMark }),
      }),
    variables: {},
    workingDirectory: home.path,
    ...(secrets === undefined ? {} : { secrets }),
  };
}

const named: Activity = (_input, { name }) =>
  Promise.resolve({ kind: "completed", output: name });

/** Makes an execution of a plan. */
export function newExecution(name: string, input: Json = {}): NewExecution {
  return {
    id: newExecutionId(),
    kind: "WorkflowExecution",
    name,
    labels: {},
    spec: { resourceName: name },
    input,
    createdBy: "local-user",
  };
}

function newExecutionId(): ExecutionId {
  const id = parseExecutionId(newId("wex", {
    now: () => Date.now(),
    bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  }));
  if (id === undefined) throw new Error("no id");
  return id;
}

/** Stores an execution for any worker to take. */
export function submit(
  home: Home,
  name: string,
  input: Json = {},
): ExecutionId {
  const execution = newExecution(name, input);
  insertExecution(home.database, execution, { nowMs: home.host.clock.now() });
  return execution.id;
}

/** Waits until an execution has ended, or is in a phase. */
export async function reaches(
  home: Home,
  executionId: ExecutionId,
  phase?: PhaseName,
): Promise<ExecutionRecord> {
  const endMs = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const record = getExecution(home.database, executionId);
    if (record === undefined) throw new Error(`no execution ${executionId}`);
    if (
      phase === undefined ? isTerminal(record.phase) : record.phase === phase
    ) {
      return record;
    }
    if (Date.now() > endMs) {
      throw new Error(
        `${executionId} is ${record.phase}, not ${phase ?? "at its end"}: ` +
          `${record.failure?.detail ?? record.waitingFor ?? ""}`,
      );
    }
    await home.host.clock.sleep(5);
  }
}

/** Waits until something holds. */
export async function until(
  home: Home,
  what: string,
  holds: () => boolean,
): Promise<void> {
  const endMs = Date.now() + WAIT_MS_MAX;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`never: ${what}`);
    await home.host.clock.sleep(5);
  }
}

/** The journal of an execution in short: type and path. */
export function story(home: Home, executionId: ExecutionId): string[] {
  return readEvents(home.database, executionId).map(brief);
}

function brief(event: JournalEvent): string {
  return event.path === "" ? event.type : `${event.type} ${event.path}`;
}

/** Collects the notes of a worker. */
export function collectNotes(): {
  readonly notes: WorkerNote[];
  readonly onNote: (note: WorkerNote) => void;
} {
  const notes: WorkerNote[] = [];
  return { notes, onNote: (note) => void notes.push(note) };
}
