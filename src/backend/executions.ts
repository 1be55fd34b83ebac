/**
 * The RPCs of executions: create, get, list, and what can be asked of one that
 * runs.
 *
 * What only some of them need (the checks of definitions, the machines) is
 * loaded when it is needed: a list must not wait for it.
 *
 * @module
 */

import type { ServiceImpl } from "@connectrpc/connect";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type {
  BackendService,
  CreateExecutionRequest,
  ListExecutionsRequest,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Execution } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { invalidArgument, notFound, StigmerError } from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { failureFromJson } from "../model/failure.ts";
import { type ExecutionId, idPrefix, parseExecutionId } from "../model/id.ts";
import { makeSlots, type Slots } from "../model/slots.ts";
import { importUnseen } from "../model/unseen.ts";
import {
  type ExecutionFilter,
  findByIdempotencyKey,
  getExecution,
  listExecutions,
} from "../store/executions.ts";
import type { Looking } from "../store/leases.ts";
import {
  moveExecution,
  requestCancel,
  requestPause,
  requestResume,
  requestSignal,
} from "../store/requests.ts";
import type { ServiceDeps } from "./deps.ts";
import { executionMessage, phaseName } from "./execution_message.ts";
import { once } from "./idempotency.ts";
import { jsonOfValue } from "./proto_json.ts";
import { requireResource } from "./resource_context.ts";
import type { LazyRunner } from "./runner.ts";
import { detailed, lookingNow, surfaced } from "./shown_execution.ts";
import { checkSignalName, recorded, signalReceiptOf } from "./signals.ts";
import { watchExecution } from "./watch.ts";

/** What the RPCs of executions need besides a store. */
export interface ExecutionServiceDeps extends ServiceDeps {
  readonly runner: LazyRunner;
  /** Folder of the workers' lock files. */
  readonly lockDirectory: string;
  /** Whether executions created or resumed through this client run here. */
  readonly executesOwn: boolean;
}

/**
 * Executions that are made at once: of a crowd the first run while the others
 * are made, and do not all begin after the last of them.
 */
const CREATIONS_MAX = 32;

/** The RPCs of executions. */
export type ExecutionService = Pick<
  ServiceImpl<typeof BackendService>,
  | "createExecution"
  | "getExecution"
  | "listExecutions"
  | "updateExecutionStatus"
  | "cancelExecution"
  | "pauseExecution"
  | "resumeExecution"
  | "signalExecution"
  | "respondExecution"
  | "watchExecution"
  | "getExecutionContext"
>;

/** Makes the RPCs of executions. */
export function executionService(deps: ExecutionServiceDeps): ExecutionService {
  const { database } = deps.store;
  const asked = (): Looking => lookingNow(deps);
  const slots = makeSlots(CREATIONS_MAX);
  return {
    createExecution: (request) =>
      inSlot(slots, async () => {
        const execution = await createExecution(deps, request);
        return execution === undefined ? {} : { execution };
      }),
    getExecution: async ({ id }) => ({
      execution: await detailed(deps, requireExecution(deps, id)),
    }),
    listExecutions: (request) => listOf(deps, request),
    async updateExecutionStatus(request) {
      const id = requireExecution(deps, request.id).id;
      const phase = phaseName(request.phase);
      if (phase === undefined) {
        throw invalidArgument(`Cannot move execution "${id}" to no phase`);
      }
      moveExecution(database, id, {
        ...asked(),
        phase,
        ...(request.output === undefined ? {} : {
          output: jsonOfValue(request.output, {
            absent: null,
            what: "the output",
          }),
        }),
        ...(request.error === undefined
          ? {}
          : { failure: failureFromJson({ ...plain(request.error) }) }),
      });
      return { execution: await detailed(deps, requireExecution(deps, id)) };
    },
    async cancelExecution(request) {
      const { id } = requireExecution(deps, request.id);
      requestCancel(database, id, { ...asked(), reason: request.reason });
      return { execution: await detailed(deps, requireExecution(deps, id)) };
    },
    async pauseExecution(request) {
      const { id } = requireExecution(deps, request.id);
      requestPause(database, id, asked());
      return { execution: await detailed(deps, requireExecution(deps, id)) };
    },
    async resumeExecution(request) {
      const record = requireExecution(deps, request.id);
      const { id } = record;
      if (deps.executesOwn) await requireSecrets(deps, record);
      requestResume(database, id, asked());
      if (deps.executesOwn) await takeHere(deps, id);
      return { execution: await detailed(deps, requireExecution(deps, id)) };
    },
    async signalExecution(request, context) {
      const { id } = requireExecution(deps, request.id);
      const { name, idempotencyKey } = request;
      checkSignalName(id, name);
      const payload = jsonOfValue(request.payload, {
        absent: null,
        what: "the payload of the signal",
      });
      const receipt = once(deps, {
        method: "SignalExecution",
        key: idempotencyKey,
        content: () => ({ id, name, payload }),
      }, {
        work: () => requestSignal(database, id, { ...asked(), name, payload }),
        parse: signalReceiptOf,
      });
      return { sequence: await recorded(deps, receipt, context.signal) };
    },
    async respondExecution(request, context) {
      const record = requireExecution(deps, request.id);
      const { respond } = await importUnseen<typeof import("./respond.ts")>(
        "./respond.ts",
        import.meta.url,
      );
      const { executionId, path } = await respond(deps, record, {
        request,
        asked: asked(),
        signal: context.signal,
      });
      const answered = requireExecution(deps, executionId);
      return { execution: await detailed(deps, answered), path };
    },
    watchExecution: (request, context) =>
      watchExecution(deps, request, {
        record: requireExecution(deps, request.id),
        signal: context.signal,
      }),
    async getExecutionContext(request) {
      const record = requireExecution(deps, request.executionId);
      const { executionContext } = await importUnseen<
        typeof import("./execution_context.ts")
      >("./execution_context.ts", import.meta.url);
      return { context: await executionContext(deps, record, request) };
    },
  };
}

function inSlot<T>(slots: Slots, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) =>
    slots.take((free) => {
      work().finally(free).then(resolve, reject);
    })
  );
}

async function createExecution(
  deps: ExecutionServiceDeps,
  request: CreateExecutionRequest,
): Promise<Execution | undefined> {
  const { checkRequested, storeRequested } = await importUnseen<
    typeof import("./create_execution.ts")
  >("./create_execution.ts", import.meta.url);
  if (request.checkOnly) {
    checkRequested(deps, request);
    return undefined;
  }
  const { executionId, isNew } = await storeRequested(deps, request);
  const record = requireExecution(deps, executionId);
  if (!isNew) return await detailed(deps, record);
  // What runs here waits for nobody who is gone.
  const isHere = deps.executesOwn && record.phase === "RUNNING";
  return executionMessage(isHere ? record : surfaced(deps, record));
}

/** The execution that an earlier request with the same key made. */
export function knownExecution(
  deps: ServiceDeps,
  { idempotencyKey }: { readonly idempotencyKey?: string },
): ExecutionRecord | undefined {
  if (idempotencyKey === undefined || idempotencyKey === "") return undefined;
  const id = findByIdempotencyKey(deps.store.database, idempotencyKey);
  return id === undefined ? undefined : requireExecution(deps, id);
}

/** Refuses to take a run here that could not have its secrets here. */
async function requireSecrets(
  deps: ExecutionServiceDeps,
  record: ExecutionRecord,
): Promise<void> {
  if (record.sealMark === undefined) return;
  const { requireSecretsHere } = await importUnseen<
    typeof import("./secrets_here.ts")
  >("./secrets_here.ts", import.meta.url);
  await requireSecretsHere(deps, record);
}

/**
 * Takes a resumed execution into this process. Another one may be faster, as
 * the one that still waits for it: then it goes on there, which is as good.
 */
export async function takeHere(
  deps: ExecutionServiceDeps,
  id: ExecutionId,
): Promise<void> {
  const { worker } = await deps.runner.get();
  try {
    await worker.own(id);
  } catch (error) {
    const taken = error instanceof StigmerError &&
      error.code === "FAILED_PRECONDITION";
    if (!taken) throw error;
  }
}

function listOf(
  deps: ExecutionServiceDeps,
  request: ListExecutionsRequest,
): { executions: Execution[]; nextPageToken: string } {
  const looking = lookingNow(deps);
  const page = listExecutions(deps.store.database, filterOf(deps, request), {
    size: request.page?.size ?? 0,
    token: request.page?.token ?? "",
  });
  return {
    executions: page.items
      .map((it) => executionMessage(surfaced(deps, it, looking))),
    nextPageToken: page.nextToken,
  };
}

function filterOf(
  deps: ExecutionServiceDeps,
  request: ListExecutionsRequest,
): ExecutionFilter {
  const { kind, name, session, parent, topLevel } = request;
  const { createdAfter, createdBefore } = request;
  if (kind !== "" && kind !== "Agent" && kind !== "Workflow") {
    throw invalidArgument(
      `Cannot list executions of kind "${kind}", only "Agent" and "Workflow" run`,
    );
  }
  if (name !== "" && kind === "") {
    throw invalidArgument(
      `Cannot list executions of "${name}" without its kind`,
    );
  }
  if (topLevel && parent !== "") {
    throw invalidArgument(
      `Cannot list executions that "${parent}" started and nobody started`,
    );
  }
  const { database } = deps.store;
  const phases = request.phases.map((it) => {
    const phase = phaseName(it);
    if (phase !== undefined) return phase;
    throw invalidArgument(`Cannot list executions of phase ${it}, name one`);
  });
  return {
    phases,
    labels: request.labels?.match ?? {},
    ...(kind === "" ? {} : { kind: `${kind}Execution` }),
    ...(name === "" || kind === ""
      ? {}
      : { resourceId: requireResource(database, kind, name).id }),
    ...(session === ""
      ? {}
      : { sessionId: requireResource(database, "Session", session).id }),
    ...(parent === ""
      ? {}
      : { parentExecutionId: requireExecution(deps, parent).id }),
    ...(topLevel ? { isTopLevel: true } : {}),
    ...(createdAfter === undefined
      ? {}
      : { createdAfterMs: timestampMs(createdAfter) }),
    ...(createdBefore === undefined
      ? {}
      : { createdBeforeMs: timestampMs(createdBefore) }),
  };
}

/** Finds an execution by what a request calls its id. */
export function requireExecution(
  deps: ServiceDeps,
  text: string,
): ExecutionRecord {
  const id: ExecutionId | undefined = parseExecutionId(text);
  const record = id === undefined
    ? undefined
    : getExecution(deps.store.database, id);
  if (record !== undefined) return record;
  throw id === undefined
    ? new StigmerError("NOT_FOUND", `Cannot find execution "${text}"`, {
      hints: [
        idPrefix(text) === "ses"
          ? `That is a session: stigmer execution list --session ${text}`
          : "Ids look like wex-… or aex-…: stigmer execution list",
      ],
    })
    : notFound("execution", text);
}

/** The plain fields of an error message. */
function plain(error: {
  readonly type: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly instance: string;
}): Readonly<Record<string, string | number>> {
  const { type, status, title, detail, instance } = error;
  return { type, status, title, detail, instance };
}
