import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import {
  ApplyResourcesRequestSchema,
  BackendService,
  type ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { closeExpressions } from "../expr/evaluate.ts";
import { COLLECTIONS_MAX } from "../engine/collect.ts";
import type { WorkerNote } from "../engine/ports.ts";
import type { FakeHost } from "../host/fake.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { parseExecutionId } from "../model/id.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { Database } from "../store/driver.ts";
import { insertEvent } from "../store/events.ts";
import { listExecutions, writeStatus } from "../store/executions.ts";
import { resourceBySlug } from "../store/resources.ts";
import { type NamedSchedule, scheduleOf } from "../store/schedules.ts";
import { applyResources } from "./apply.ts";
import type { FakeDeps } from "./fake_deps.ts";
import { fakeDeps } from "./fake_deps.ts";
import { createInProcessTransport } from "./in_process.ts";
import { removeResource } from "./resource_changes.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import { scheduleService } from "./schedules.ts";

const MINUTE = 60_000;

/** A store with a scheduler that looks when it is told to. */
interface Desk extends Disposable {
  readonly deps: FakeDeps;
  readonly host: FakeHost;
  readonly scheduler: Scheduler;
  readonly notes: WorkerNote[];
  apply(schedule: JsonObject | undefined, more?: JsonObject): void;
  schedule(): NamedSchedule | undefined;
  /** The newest first. */
  executions(): readonly ExecutionRecord[];
}

function desk(deps: FakeDeps = fakeDeps()): Desk {
  const { database } = deps.store;
  const notes: WorkerNote[] = [];
  return {
    deps,
    host: deps.host,
    notes,
    scheduler: createScheduler({ ...deps, onNote: (it) => notes.push(it) }),
    apply(schedule, more = {}) {
      const spec: MessageInitShape<typeof ResourceSchema> = {
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
      };
      const answer = applyResources(
        deps,
        create(ApplyResourcesRequestSchema, { resources: [spec] }),
      );
      assert.ok(answer.applied, JSON.stringify(answer.results[0]?.diagnostics));
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

function plain(value: JsonObject): { [key: string]: never } {
  return JSON.parse(JSON.stringify(value));
}

/** What an execution was asked for. */
function specOf(execution: ExecutionRecord | undefined, key: string): Json {
  return execution && isJsonObject(execution.spec)
    ? execution.spec[key] ?? null
    : null;
}

Deno.test("a schedule is made, changed and removed with its workflow", () => {
  using it = desk();
  it.apply(undefined);
  assert.equal(it.schedule(), undefined);
  it.apply({ every: "PT5M" });
  const made = it.schedule();
  assert.equal(made?.dueAtMs, it.host.clock.now() + 5 * MINUTE);
  assert.equal(made?.description, "every 5 minutes");
  it.host.clock.advance(MINUTE);
  it.apply({ every: "PT5M" });
  assert.deepEqual(it.schedule(), made);
  it.apply({ every: "PT5M" }, { description: "Says more" });
  assert.equal(it.schedule()?.dueAtMs, made?.dueAtMs);
  assert.notEqual(it.schedule()?.workflowVersionId, made?.workflowVersionId);
  it.apply({ cron: "0 0 * * *" });
  assert.equal(it.schedule()?.type, "CRON");
  assert.equal(it.schedule()?.dueAtMs, Date.UTC(2026, 0, 2));
  it.apply(undefined);
  assert.equal(it.schedule(), undefined);
  it.apply({ every: "PT5M" });
  removeResource(it.deps, "Workflow", "report");
  assert.equal(it.scheduler.look(), 0);
  it.host.clock.advance(10 * MINUTE);
  assert.equal(it.scheduler.look(), 0);
});

Deno.test("an interval starts one execution a tick, without drift", () => {
  using it = desk();
  const madeAtMs = it.host.clock.now();
  it.apply({ every: "PT5M" });
  assert.equal(it.scheduler.look(), 0);
  it.host.clock.advance(5 * MINUTE + 700);
  assert.equal(it.scheduler.look(), 1);
  assert.equal(it.scheduler.look(), 0);
  it.host.clock.advance(5 * MINUTE);
  assert.equal(it.scheduler.look(), 1);
  const [second, first] = it.executions();
  assert.equal(specOf(first, "scheduledAt"), "2026-01-01T00:05:00.000Z");
  assert.equal(specOf(second, "scheduledAt"), "2026-01-01T00:10:00.000Z");
  assert.deepEqual(second?.input, {});
  assert.equal(it.schedule()?.dueAtMs, madeAtMs + 15 * MINUTE);
  assert.equal(it.schedule()?.startedCount, 2);
  assert.equal(it.schedule()?.lastExecutionId, second?.id);
  assert.deepEqual(
    it.notes.map(({ kind, executionId }) => [kind, executionId]),
    [
      ["scheduled", first?.id],
      ["scheduled", second?.id],
    ],
  );
});

Deno.test("of missed ticks one is run, and the others are counted and told", () => {
  using it = desk();
  it.apply({ cron: "0 * * * *" });
  it.host.clock.advance(5 * 60 * MINUTE + MINUTE);
  assert.equal(it.scheduler.look(), 1);
  assert.equal(it.scheduler.look(), 0);
  const [execution, ...others] = it.executions();
  assert.equal(others.length, 0);
  assert.equal(specOf(execution, "scheduledAt"), "2026-01-01T05:00:00.000Z");
  assert.equal(it.schedule()?.missedCount, 4);
  assert.match(it.notes[0]?.detail ?? "", /4 ticks before it missed$/);
});

Deno.test("a delay counts from the end of the execution before", () => {
  using it = desk();
  const { database } = it.deps.store;
  it.apply({ after: "PT1M" });
  assert.equal(it.scheduler.look(), 1);
  it.host.clock.advance(60 * MINUTE);
  assert.equal(it.scheduler.look(), 0, "it still runs");
  const id = parseExecutionId(it.schedule()?.lastExecutionId ?? "");
  assert.ok(id !== undefined);
  const endedAtMs = it.host.clock.now();
  writeStatus(database, id, {
    status: { phase: "FAILED", completedAtMs: endedAtMs },
    nowMs: endedAtMs,
  });
  it.host.clock.advance(MINUTE / 2);
  assert.equal(it.scheduler.look(), 0);
  assert.equal(it.schedule()?.dueAtMs, endedAtMs + MINUTE);
  it.host.clock.advance(MINUTE / 2);
  assert.equal(it.scheduler.look(), 1);
});

Deno.test("a start that is refused is told, and the schedule goes on", () => {
  using it = desk();
  const env = { TOKEN: { required: true } };
  it.apply({ every: "PT5M" }, { env: plain(env) });
  it.host.clock.advance(5 * MINUTE);
  assert.equal(it.scheduler.look(), 0);
  assert.match(it.schedule()?.lastError ?? "", /TOKEN/);
  assert.equal(it.schedule()?.startedCount, 0);
  assert.equal(it.notes[0]?.kind, "trouble");
  assert.match(it.notes[0]?.detail ?? "", /^Cannot start "report" \(every 5/);
  it.apply({ every: "PT5M" });
  it.host.clock.advance(5 * MINUTE);
  assert.equal(it.scheduler.look(), 1);
  assert.equal(it.schedule()?.lastError, "");
});

Deno.test("a delay whose start is refused tries again after it", () => {
  using it = desk();
  it.apply({ after: "PT1M" }, { env: plain({ TOKEN: { required: true } }) });
  assert.equal(it.scheduler.look(), 0);
  assert.equal(it.scheduler.look(), 0);
  assert.equal(it.notes.length, 1);
  assert.equal(it.schedule()?.dueAtMs, it.host.clock.now() + MINUTE);
});

Deno.test("two schedulers that see one tick start one execution", () => {
  using it = desk();
  it.apply({ every: "PT5M" });
  it.host.clock.advance(5 * MINUTE);
  const other = createScheduler({ ...it.deps, onNote: () => {} });
  assert.equal(it.scheduler.look() + other.look(), 1);
  assert.equal(it.executions().length, 1);
});

Deno.test("a held schedule starts nothing, and what passed is left out", async () => {
  using it = desk();
  const shutdown = new AbortController();
  const client = createClient(
    BackendService,
    createInProcessTransport(scheduleService(it.deps), shutdown.signal),
  );
  const workflow = "report";
  const madeAtMs = it.host.clock.now();
  it.apply({ every: "PT5M" });
  const held = await client.pauseSchedule({ workflow });
  assert.equal(held.schedule?.paused, true);
  assert.equal(held.schedule?.nextAt, undefined);
  it.host.clock.advance(12 * MINUTE);
  assert.equal(it.scheduler.look(), 0);
  await client.resumeSchedule({ workflow });
  assert.equal(it.scheduler.look(), 0);
  assert.equal(it.schedule()?.dueAtMs, madeAtMs + 15 * MINUTE);
  assert.equal(it.schedule()?.missedCount, 0);
});

Deno.test("a scheduler that watches takes each tick when it comes", async () => {
  using it = desk();
  it.apply({ every: "PT5M" });
  const stopped = new AbortController();
  const watching = it.scheduler.watch(stopped.signal);
  // Time stands still between the steps, so that each one is looked at.
  for (let i = 0; i < 4000 && it.executions().length < 2; i++) {
    it.host.clock.advance(200);
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }
  stopped.abort();
  it.host.clock.advance(1000);
  await watching;
  const [second, first] = it.executions();
  assert.equal(specOf(first, "scheduledAt"), "2026-01-01T00:05:00.000Z");
  assert.equal(specOf(second, "scheduledAt"), "2026-01-01T00:10:00.000Z");
  assert.equal(it.schedule()?.missedCount, 0);
});

/** Keeps an event as if it had been published. */
function publish(it: Desk, type: string, data: Json): void {
  const id = `${it.host.random.fraction()}`;
  const nowMs = it.host.clock.now();
  const event = { specversion: "1.0", id, source: "/test", type, data };
  insertEvent(it.deps.store.database, event, { nowMs });
}

Deno.test("events start executions with what they carry", () => {
  using it = desk();
  publish(it, "order.placed", { n: 0 });
  it.apply({ on: { one: { with: { type: "order.placed" } } } });
  assert.equal(it.schedule()?.description, "on order.placed");
  assert.equal(it.scheduler.look(), 0, "it came before the schedule");
  publish(it, "order.placed", { n: 1 });
  publish(it, "order.packed", { n: 2 });
  publish(it, "order.placed", { n: 3 });
  assert.equal(it.scheduler.look(), 2);
  assert.equal(it.scheduler.look(), 0);
  const executions = it.executions();
  const inputs = executions.map(({ input }) => JSON.stringify(input)).sort();
  assert.deepEqual(inputs, ['[{"n":1}]', '[{"n":3}]']);
  assert.equal(
    specOf(executions[0], "scheduledAt"),
    "2026-01-01T00:00:00.000Z",
  );
});

Deno.test("events are collected across looks, and read as the schedule says", () => {
  using it = desk();
  const filters = ["a", "b"].map((type) => ({ with: { type } }));
  it.apply({ on: { all: filters }, read: "envelope" });
  publish(it, "a", 1);
  assert.equal(it.scheduler.look(), 0);
  it.apply({ on: { all: filters }, read: "envelope" }, { description: "New" });
  publish(it, "b", 2);
  assert.equal(it.scheduler.look(), 1);
  const [execution] = it.executions();
  const types = JSON.stringify(execution?.input).match(/"type":"(\w)"/g);
  assert.deepEqual(types, ['"type":"a"', '"type":"b"']);
});

Deno.test("thousands of events between two looks start as many executions", () => {
  using it = desk();
  it.apply({ on: { any: [{ with: { type: "x" } }] } });
  for (let i = 0; i < 1000; i++) publish(it, i % 2 === 0 ? "x" : "y", i);
  assert.equal(it.scheduler.look(), 500);
  assert.equal(it.schedule()?.startedCount, 500);
});

Deno.test("a flood of events is taken piece by piece beside the runs", async () => {
  using it = desk();
  it.apply({ on: { one: { with: { type: "x" } } } });
  const { database } = it.deps.store;
  database.transaction(() => {
    for (let i = 0; i < 1500; i++) publish(it, "x", i);
  });
  const stopped = new AbortController();
  const watching = it.scheduler.watch(stopped.signal);
  assert.equal(it.schedule()?.startedCount, 1000);
  for (let i = 0; i < 1000 && it.schedule()?.startedCount !== 1500; i++) {
    it.host.clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stopped.abort();
  it.host.clock.advance(100);
  await watching;
  assert.equal(it.schedule()?.startedCount, 1500);
});

Deno.test("of two schedulers that see one event, one alone takes it", () => {
  using it = desk();
  it.apply({ on: { any: [] } });
  publish(it, "x", 1);
  const other = createScheduler({ ...it.deps, onNote: () => {} });
  assert.equal(it.scheduler.look() + other.look(), 1);
});

Deno.test("events that come while a schedule is held are left out", async () => {
  using it = desk();
  const client = createClient(
    BackendService,
    createInProcessTransport(
      scheduleService(it.deps),
      new AbortController().signal,
    ),
  );
  it.apply({ on: { any: [] } });
  await client.pauseSchedule({ workflow: "report" });
  publish(it, "x", 1);
  assert.equal(it.scheduler.look(), 0);
  await client.resumeSchedule({ workflow: "report" });
  assert.equal(it.scheduler.look(), 0);
  publish(it, "x", 2);
  assert.equal(it.scheduler.look({ eventsOnly: true }), 1);
  assert.deepEqual(it.executions()[0]?.input, [2]);
});

Deno.test("a graph takes the events as an input", () => {
  using it = desk();
  const graph: JsonObject = {
    inputs: { events: { type: "array" } },
    tasks: [{ name: "a", set: { x: "${workflow.inputs.events}" } }],
  };
  it.apply({ on: { any: [] } }, graph);
  publish(it, "x", 1);
  assert.equal(it.scheduler.look(), 1);
  assert.deepEqual(it.executions()[0]?.input, { events: [1] });
});

Deno.test("a condition that fails gives up what was collected, and says so", () => {
  using it = desk();
  it.apply({
    on: { any: [{ with: { type: "x" } }], until: "${ .[0].n > (1 | error) }" },
  });
  publish(it, "x", { n: 1 });
  assert.equal(it.scheduler.look(), 0);
  assert.match(it.schedule()?.lastError ?? "", /^Cannot evaluate /);
  assert.deepEqual(it.schedule()?.state, {});
  closeExpressions();
});

Deno.test("a definition that is not valid any more holds up no other", () => {
  using it = desk();
  it.apply({ every: "PT5M" });
  const { database } = it.deps.store;
  database.execute(
    "UPDATE workflows SET spec = json_set(spec, '$.schedule.every', 'soon')",
  );
  it.host.clock.advance(5 * MINUTE);
  assert.equal(it.scheduler.look(), 0);
  assert.equal(it.scheduler.look(), 0);
  assert.equal(it.notes.length, 1);
  assert.match(it.notes[0]?.detail ?? "", /is not valid any more/);
  assert.equal(it.schedule()?.dueAtMs, undefined);
  it.apply({ every: "PT1M" });
  it.host.clock.advance(MINUTE);
  assert.equal(it.scheduler.look(), 1);
});

Deno.test("a schedule that was given up goes on when the same is applied again", () => {
  using it = desk();
  it.apply({ every: "PT5M" });
  const { database } = it.deps.store;
  database.execute(
    `UPDATE workflows SET spec = json_set(spec, '$.do', json('[{"a":{"x":1}}]'))`,
  );
  it.host.clock.advance(5 * MINUTE);
  assert.equal(it.scheduler.look(), 0);
  assert.match(it.schedule()?.lastError ?? "", /is not valid any more/);
  it.apply({ every: "PT5M" });
  assert.equal(it.schedule()?.lastError, "");
  assert.equal(it.schedule()?.dueAtMs, it.host.clock.now() + 5 * MINUTE);
});

Deno.test("events count since the schedule goes by them", () => {
  using it = desk();
  it.apply({ every: "PT5M" });
  publish(it, "x", 1);
  it.apply({ on: { any: [{ with: { type: "x" } }] } });
  publish(it, "x", 2);
  it.apply({ on: { any: [{ with: { type: "x" } }, { with: { type: "y" } }] } });
  publish(it, "y", 3);
  assert.equal(it.scheduler.look(), 2);
  const inputs = it.executions().map(({ input }) => JSON.stringify(input));
  assert.deepEqual(inputs.toSorted(), ["[2]", "[3]"]);
});

/** A store whose transactions fail for as long as a test says so. */
function failing(isFailing: () => boolean): FakeDeps {
  const deps = fakeDeps();
  const real = deps.store.database;
  const database: Database = {
    path: real.path,
    prepare: (sql) => real.prepare(sql),
    execute: (sql) => real.execute(sql),
    transaction(work) {
      if (isFailing()) throw new Error("disk I/O error");
      return real.transaction(work);
    },
    close: () => real.close(),
    [Symbol.dispose]: () => real.close(),
  };
  return { ...deps, store: { ...deps.store, database } };
}

Deno.test("a schedule on events that met with trouble is looked at again", async () => {
  let isFailing = false;
  using it = desk(failing(() => isFailing));
  it.apply({ on: { any: [] } });
  publish(it, "x", 1);
  isFailing = true;
  const stopped = new AbortController();
  const watching = it.scheduler.watch(stopped.signal);
  const step = async (): Promise<void> => {
    it.host.clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (let i = 0; i < 1000 && it.notes.length === 0; i++) await step();
  assert.match(it.notes[0]?.detail ?? "", /disk I\/O error/);
  // Nothing is written that would tell that it works again.
  isFailing = false;
  for (let i = 0; i < 1000 && it.executions().length === 0; i++) await step();
  stopped.abort();
  await step();
  await watching;
  assert.deepEqual(it.executions().map(({ input }) => input), [[1]]);
});

Deno.test("collections that are given up for being too many are told", () => {
  using it = desk();
  it.apply({
    on: { all: [{ with: { type: "x" } }, { with: { type: "y" } }] },
  });
  for (let i = 0; i <= COLLECTIONS_MAX; i++) publish(it, "x", i);
  assert.equal(it.scheduler.look(), 0);
  assert.match(
    it.schedule()?.lastError ?? "",
    /oldest .* given up: 1000 are open/,
  );
});
