import assert from "node:assert/strict";
import type { JsonObject } from "../model/json.ts";
import { checkWorkflow } from "./check.ts";
import type { Schedule } from "./tree_events.ts";

const TASKS = [{ a: { set: { x: 1 } } }];

/** The errors of a schedule as `pointer: message`, and the schedule. */
function read(schedule: JsonObject, more: JsonObject = { do: TASKS }): {
  readonly schedule: Schedule | undefined;
  readonly errors: readonly string[];
} {
  const { plan, diagnostics } = checkWorkflow({ ...more, schedule }, {
    name: "sample",
  });
  return {
    schedule: plan?.schedule,
    errors: diagnostics.filter((it) => it.severity === "error")
      .map(({ pointer, message }) => `${pointer}: ${message}`),
  };
}

Deno.test("readSchedule() reads each way in which a workflow starts", () => {
  const cases: readonly (readonly [JsonObject, Schedule])[] = [
    [{ every: "PT5M" }, {
      kind: "every",
      interval: { kind: "fixed", ms: 300_000 },
    }],
    [{ every: { hours: 2 } }, {
      kind: "every",
      interval: { kind: "fixed", ms: 7_200_000 },
    }],
    [{ after: { seconds: 30 } }, {
      kind: "after",
      delay: { kind: "fixed", ms: 30_000 },
    }],
    [{ cron: "0 0 * * *" }, {
      kind: "cron",
      expression: "0 0 * * *",
      timeZone: "UTC",
    }],
    [{ cron: "CRON_TZ=Europe/Berlin @daily" }, {
      kind: "cron",
      expression: "@daily",
      timeZone: "Europe/Berlin",
    }],
  ];
  for (const [written, expected] of cases) {
    assert.deepEqual(read(written), { schedule: expected, errors: [] });
    assert.deepEqual(
      read(written, { tasks: [{ name: "a", set: { x: 1 } }] }).schedule,
      expected,
    );
  }
});

Deno.test("readSchedule() refuses what cannot be kept", () => {
  const cases: readonly (readonly [JsonObject, RegExp])[] = [
    [{}, /^\/schedule: A schedule needs "every", "cron", "after" or "on"$/],
    [
      { every: "PT1M", cron: "* * * * *" },
      /^\/schedule: A schedule has one of .* not "every" and "cron"$/,
    ],
    [{ every: { seconds: 0 } }, /^\/schedule\/every: .* more than nothing$/],
    [
      { every: { milliseconds: 999 } },
      /^\/schedule\/every: A schedule starts at most once a second$/,
    ],
    [{ after: "5m" }, /^\/schedule\/after: "5m" is not a duration$/],
    [
      { every: { seconds: "${ .x }" } },
      /^\/schedule\/every: .* no input to compute its time from$/,
    ],
    [{ cron: 5 }, /^\/schedule\/cron: "cron" must be a string/],
    [{ cron: "99 * * * *" }, /^\/schedule\/cron: .* "99" is no minute/],
    [{ interval: "PT1M" }, /^\/schedule\/interval: Unknown field "interval"/],
    [
      { every: "PT1M", read: "data" },
      /^\/schedule\/read: Only a schedule with "on" has "read"$/,
    ],
  ];
  for (const [written, message] of cases) {
    const { schedule, errors } = read(written);
    assert.equal(schedule, undefined);
    assert.ok(errors.some((it) => message.test(it)), JSON.stringify(errors));
  }
});

Deno.test("readSchedule() wants inputs that a graph starts without", () => {
  const graph = (input: JsonObject | string): JsonObject => ({
    inputs: { city: input },
    tasks: [{ name: "a", set: { at: "${workflow.inputs.city}" } }],
  });
  assert.deepEqual(read({ every: "PT1H" }, graph("string")).errors, [
    '/inputs/city: Nothing gives input "city" when the schedule starts this',
  ]);
  const withDefault = { type: "string", default: "Bonn" };
  assert.deepEqual(read({ every: "PT1H" }, graph(withDefault)).errors, []);
});

Deno.test("readSchedule() reads events, of which expressions see nothing else", () => {
  const on = (filter: JsonObject): JsonObject => ({ on: { one: filter } });
  const { schedule, errors } = read(on({ with: { type: "x" } }));
  assert.deepEqual(errors, []);
  assert.equal(schedule?.kind === "on" && schedule.read, "data");
  assert.deepEqual(
    read(on({ with: { data: "${ .n > $context.limit }" } })).errors.length,
    1,
  );
  assert.deepEqual(
    read(on({ with: { data: "${ .n > 1 }" } })).errors,
    [],
  );
  assert.match(
    read({ on: { one: { with: { type: "x" } } }, read: "body" }).errors[0] ??
      "",
    /^\/schedule\/read: /,
  );
});

Deno.test("readSchedule() wants an input for the events of a graph", () => {
  const graph = (inputs: JsonObject): JsonObject => ({
    inputs,
    tasks: [{ name: "a", set: { x: 1 } }],
  });
  const on = { on: { any: [] } };
  assert.deepEqual(read(on, graph({ events: "array" })).errors, []);
  assert.match(
    read(on, graph({})).errors[0] ?? "",
    /^\/schedule\/on: A graph that events start takes them as input "events"$/,
  );
});
