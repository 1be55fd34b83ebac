import assert from "node:assert/strict";
import { scheduleText } from "./schedule_text.ts";
import type { EventFilter, Schedule } from "./tree_events.ts";

function every(ms: number): Schedule {
  return { kind: "every", interval: { kind: "fixed", ms } };
}

function ofType(type: string): EventFilter {
  return {
    with: [["type", { kind: "literal", value: type }]],
    correlate: [],
  };
}

Deno.test("scheduleText() says when a workflow starts", () => {
  const one = ofType("com.example.a");
  const two = ofType("com.example.b");
  const cases: readonly (readonly [Schedule, string])[] = [
    [every(300_000), "every 5 minutes"],
    [every(3_600_000), "every 1 hour"],
    [every(90_061_001), "every 1 day 1 hour 1 minute 1 second 1 millisecond"],
    [
      { kind: "after", delay: { kind: "fixed", ms: 30_000 } },
      "30 seconds after the end",
    ],
    [{ kind: "cron", expression: "@daily", timeZone: "UTC" }, "@daily"],
    [
      { kind: "cron", expression: "0 9 * * *", timeZone: "Europe/Berlin" },
      "0 9 * * * in Europe/Berlin",
    ],
    [
      { kind: "on", to: { kind: "one", filter: one }, read: "data" },
      "on com.example.a",
    ],
    [
      { kind: "on", to: { kind: "all", filters: [one, two] }, read: "data" },
      "on com.example.a and com.example.b",
    ],
    [
      { kind: "on", to: { kind: "any", filters: [one, two] }, read: "data" },
      "on com.example.a or com.example.b",
    ],
    [
      { kind: "on", to: { kind: "any", filters: [] }, read: "data" },
      "on any event",
    ],
    [
      {
        kind: "on",
        to: { kind: "one", filter: { with: [], correlate: [] } },
        read: "data",
      },
      "on some event",
    ],
  ];
  for (const [schedule, text] of cases) {
    assert.equal(scheduleText(schedule), text);
  }
});
