import assert from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import { BackendService } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { parseExecutionId } from "../model/id.ts";
import { writeStatus } from "../store/executions.ts";
import { createInProcessTransport } from "./in_process.ts";
import { removeResource } from "./resource_changes.ts";
import { createScheduler } from "./scheduler.ts";
import { scheduleService } from "./schedules.ts";
import { desk, plain, specOf } from "./fake_desk.ts";

const MINUTE = 60_000;

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
