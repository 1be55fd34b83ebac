import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { WorkEvent } from "../backend/open.ts";
import { styleOf } from "./style.ts";
import { createWorkLines } from "./work_lines.ts";

/** The lines of what happened to a run. */
function linesOf(events: readonly string[]): readonly string[] {
  const lineOf = createWorkLines(styleOf(false));
  return events.flatMap((it) => {
    const [kind = "", detail = ""] = it.split(": ");
    const event = { executionId: "wex-1", kind, detail } as WorkEvent;
    return lineOf(event) ?? [];
  });
}

Deno.test("a run that comes and goes is told of once, and how often at its end", () => {
  const round = ["taken: flow", 'parked: timer of "nap"'];
  deepStrictEqual(
    linesOf([...round, ...round, ...round, "taken: flow", "completed"]),
    [
      "wex-1 taken: flow",
      'wex-1 parked: timer of "nap"',
      "wex-1 completed: parked 3 times",
    ],
  );
});

Deno.test("each new thing that a run waits for is told of, and a failure with its reason", () => {
  deepStrictEqual(
    linesOf([
      "taken: flow",
      "parked: event a.b",
      "taken: flow",
      "parked: event c.d",
      "taken: flow",
      "failed: no\nway",
      "taken: flow",
    ]),
    [
      "wex-1 taken: flow",
      "wex-1 parked: event a.b",
      "wex-1 parked: event c.d",
      "wex-1 failed: no way",
      "wex-1 taken: flow",
    ],
  );
});

Deno.test("a run that waits for something else each time is told of twenty times", () => {
  const rounds = Array.from({ length: 30 }, (_, i) => `parked: event ${i}`);
  const lines = linesOf(["taken: flow", ...rounds, "cancelled"]);
  strictEqual(lines.length, 22);
  strictEqual(lines.at(-1), "wex-1 cancelled: parked 30 times");
});
