/**
 * A store with a scheduler that looks when it is told to, for tests.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import { ResourceSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { WorkerNote } from "../engine/ports.ts";
import type { FakeHost } from "../host/fake.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { insertEvent } from "../store/events.ts";
import { listExecutions } from "../store/executions.ts";
import { resourceBySlug } from "../store/resources.ts";
import { type NamedSchedule, scheduleOf } from "../store/schedules.ts";
import { type FakeDeps, fakeDeps } from "./fake_deps.ts";
import { createResource, updateResource } from "./resource_changes.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";

/** A store with a scheduler that looks when it is told to. */
export interface Desk extends Disposable {
  readonly deps: FakeDeps;
  readonly host: FakeHost;
  readonly scheduler: Scheduler;
  readonly notes: WorkerNote[];
  /** Applies a workflow with a schedule, or without one. */
  apply(schedule: JsonObject | undefined, more?: JsonObject): void;
  schedule(): NamedSchedule | undefined;
  /** The newest first. */
  executions(): readonly ExecutionRecord[];
}

/** Makes one, on a store of its own unless it is given another. */
export function desk(deps: FakeDeps = fakeDeps()): Desk {
  const { database } = deps.store;
  const notes: WorkerNote[] = [];
  return {
    deps,
    host: deps.host,
    notes,
    scheduler: createScheduler({ ...deps, onNote: (it) => notes.push(it) }),
    apply(schedule, more = {}) {
      const resource = create(ResourceSchema, {
        resource: {
          case: "workflow",
          value: {
            metadata: { name: "report" },
            spec: {
              ...(more["tasks"] === undefined
                ? { do: [{ a: { set: { x: 1 } } }] }
                : {}),
              ...(schedule === undefined ? {} : { schedule: plain(schedule) }),
              ...plain(more),
            },
          },
        },
      });
      const isThere = resourceBySlug(database, "Workflow", "report");
      if (isThere === undefined) createResource(deps, "Workflow", resource);
      else updateResource(deps, "Workflow", { resource, why: "" });
    },
    schedule() {
      const row = resourceBySlug(database, "Workflow", "report");
      return row && scheduleOf(database, row.id);
    },
    executions: () =>
      listExecutions(database, {}, { size: 100, token: "" }).items,
    [Symbol.dispose]: () => deps[Symbol.dispose](),
  };
}

/** A copy that the contract's types take. */
export function plain(value: JsonObject): { [key: string]: never } {
  return JSON.parse(JSON.stringify(value));
}

/** What an execution was asked for. */
export function specOf(
  execution: ExecutionRecord | undefined,
  key: string,
): Json {
  return execution && isJsonObject(execution.spec)
    ? execution.spec[key] ?? null
    : null;
}

/** Keeps an event as if it had been published. */
export function publish(it: Desk, type: string, data: Json): void {
  const id = `${it.host.random.fraction()}`;
  const nowMs = it.host.clock.now();
  const event = { specversion: "1.0", id, source: "/test", type, data };
  insertEvent(it.deps.store.database, event, { nowMs });
}
