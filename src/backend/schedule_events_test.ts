import assert from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { COLLECTIONS_MAX } from "../engine/collect.ts";
import type { JsonObject } from "../model/json.ts";
import type { Database } from "../store/driver.ts";
import type { FakeDeps } from "./fake_deps.ts";
import { fakeDeps } from "./fake_deps.ts";
import { createInProcessTransport } from "./in_process.ts";
import { createScheduler } from "./scheduler.ts";
import { scheduleService } from "./schedules.ts";
import { desk, publish, specOf } from "./fake_desk.ts";

/** A store whose transactions fail for as long as a test says so. */
function failing(isFailing: () => boolean): FakeDeps {
  const deps = fakeDeps();
  const real = deps.store.database;
  const database: Database = {
    path: real.path,
    driver: real.driver,
    prepare: (sql) => real.prepare(sql),
    execute: (sql) => real.execute(sql),
    transaction(work) {
      if (isFailing()) throw new Error("disk I/O error");
      return real.transaction(work);
    },
    unsynced: (work) => real.unsynced(work),
    close: () => real.close(),
    [Symbol.dispose]: () => real.close(),
  };
  return { ...deps, store: { ...deps.store, database } };
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
