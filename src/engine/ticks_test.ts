import assert from "node:assert/strict";
import type { Schedule } from "../workflow/tree_events.ts";
import { dueTick, firstTick, tickAfterPause } from "./ticks.ts";

const NOW = Date.UTC(2026, 0, 1, 12, 0, 30);
const MINUTE = 60_000;

const EVERY: Schedule = {
  kind: "every",
  interval: { kind: "fixed", ms: 5 * MINUTE },
};
const CRON: Schedule = {
  kind: "cron",
  expression: "0 * * * *",
  timeZone: "UTC",
};
const AFTER: Schedule = { kind: "after", delay: { kind: "fixed", ms: MINUTE } };
const ON: Schedule = {
  kind: "on",
  to: { kind: "any", filters: [] },
  read: "data",
};

Deno.test("firstTick() waits for an interval or the clock, and not for an end that never was", () => {
  assert.equal(firstTick(EVERY, NOW), NOW + 5 * MINUTE);
  assert.equal(firstTick(CRON, NOW), Date.UTC(2026, 0, 1, 13));
  assert.equal(firstTick(AFTER, NOW), NOW);
  assert.equal(firstTick(ON, NOW), undefined);
});

Deno.test("dueTick() runs the newest tick, counts those before, and keeps the phase", () => {
  const cases: readonly (readonly [number, number, number])[] = [
    [0, 0, 0],
    [4 * MINUTE, 0, 0],
    [5 * MINUTE, 1, 5 * MINUTE],
    [23 * MINUTE, 4, 20 * MINUTE],
  ];
  for (const [lateMs, missedCount, newestMs] of cases) {
    assert.deepEqual(dueTick(EVERY, { dueAtMs: NOW, nowMs: NOW + lateMs }), {
      tickMs: NOW + newestMs,
      missedCount,
      nextMs: NOW + newestMs + 5 * MINUTE,
    });
  }
});

Deno.test("dueTick() counts the hours that a cron expression missed", () => {
  const dueAtMs = Date.UTC(2026, 0, 1, 13);
  assert.deepEqual(dueTick(CRON, { dueAtMs, nowMs: dueAtMs + 20 }), {
    tickMs: dueAtMs,
    missedCount: 0,
    nextMs: Date.UTC(2026, 0, 1, 14),
  });
  const nowMs = Date.UTC(2026, 0, 2, 1, 30);
  assert.deepEqual(dueTick(CRON, { dueAtMs, nowMs }), {
    tickMs: Date.UTC(2026, 0, 2, 1),
    missedCount: 12,
    nextMs: Date.UTC(2026, 0, 2, 2),
  });
});

Deno.test("dueTick() of a delay has no next one before the end", () => {
  assert.deepEqual(dueTick(AFTER, { dueAtMs: NOW, nowMs: NOW + 90 * MINUTE }), {
    tickMs: NOW,
    missedCount: 0,
    nextMs: undefined,
  });
});

Deno.test("tickAfterPause() leaves out what passed", () => {
  const held = { dueAtMs: NOW, nowMs: NOW + 12 * MINUTE };
  assert.equal(tickAfterPause(EVERY, held), NOW + 15 * MINUTE);
  assert.equal(tickAfterPause(AFTER, held), held.nowMs);
  const early = { dueAtMs: NOW + MINUTE, nowMs: NOW };
  assert.equal(tickAfterPause(EVERY, early), NOW + MINUTE);
  assert.equal(
    tickAfterPause(ON, { dueAtMs: undefined, nowMs: NOW }),
    undefined,
  );
});
