import assert from "node:assert/strict";
import type { EventType, JournalEvent } from "../model/durable.ts";
import { failureOf, failureToJson } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import { checkWorkflow } from "../workflow/check.ts";
import { leavingOut } from "./retry_point.ts";
import { createServedMachine, reuseServed } from "./served.ts";

const { plan } = checkWorkflow({
  document: { dsl: "1.0.3", namespace: "a", name: "w", version: "1.0.0" },
  do: [{ one: { call: "typescript" } }, { two: { call: "typescript" } }],
});
assert.ok(plan);

function journal(
  ...entries: readonly (readonly [
    type: EventType,
    path?: string,
    data?: Json,
    attempt?: number,
  ])[]
): readonly JournalEvent[] {
  return entries.map(([type, path = "", data = null, attempt = 1], i) => ({
    sequence: i + 1,
    timeMs: 1000 + i,
    type,
    path,
    name: path.split("/").at(-1) ?? "",
    attempt: path === "" ? 0 : attempt,
    data,
  }));
}

function fold(events: readonly JournalEvent[]) {
  assert.ok(plan);
  const machine = createServedMachine(plan, undefined, { traced: true });
  for (const event of events) machine.apply(event);
  assert.deepEqual(machine.decide(), { kind: "blocked", commands: [] });
  return machine.tasks();
}

const FAILURE = failureToJson(failureOf("runtime", "no"));
const FETCH = "/do/0/one/step/fetch";

Deno.test("the journal alone tells how the tasks of a function stand", () => {
  const tasks = fold(journal(
    ["EXECUTION_CREATED", "", { n: 1 }],
    ["EXECUTION_STARTED"],
    ["TASK_STARTED", FETCH],
    ["TASK_FAILED", FETCH, FAILURE],
    ["TASK_RETRYING", FETCH, FAILURE],
    ["TIMER_FIRED", `${FETCH}/retry`],
    ["TASK_STARTED", FETCH, null, 2],
    ["TASK_COMPLETED", FETCH, 7, 2],
    ["TASK_COMPLETED", "/do/0/one", { rows: 7 }],
    ["TIMER_SET", "/do/1/two/sleep/sleep"],
    ["CHILD_STARTED", "/do/1/two/agent/judge", { executionId: "aex-1" }],
  ));
  assert.deepEqual(
    tasks.map((it) => [it.path, it.kind, it.phase, it.attempts]),
    [
      ["/do/0/one", "call typescript", "COMPLETED", 1],
      [FETCH, "step", "COMPLETED", 2],
      ["/do/1/two", "call typescript", "RUNNING", 1],
      ["/do/1/two/sleep/sleep", "sleep", "WAITING", 1],
      ["/do/1/two/agent/judge", "agent", "RUNNING", 1],
    ],
  );
  const [one, fetch, two, , judge] = tasks;
  assert.deepEqual([one?.input, one?.output], [{ n: 1 }, { rows: 7 }]);
  assert.equal(fetch?.failure, undefined);
  assert.deepEqual(two?.input, { rows: 7 });
  assert.equal(judge?.childExecutionId, "aex-1");
});

Deno.test("a wait for a signal has a row, until it comes or its time is over", () => {
  const waits = (name: string) =>
    ["EXECUTION_WAITING", "", { waitingFor: `signal "${name}"` }] as const;
  const go = "/do/0/one/signal/go";
  const came = (name: string): JournalEvent[] =>
    journal(["SIGNAL_RECEIVED"]).map((it) => ({ ...it, name }));
  const begun = journal(["EXECUTION_CREATED"], ["EXECUTION_STARTED"]);
  const stands = (events: readonly JournalEvent[]) =>
    fold([...begun, ...events]).slice(1).map((it) => [it.path, it.phase]);
  const waiting = journal(waits("go"), waits("go"));
  assert.deepEqual(stands(waiting), [[go, "WAITING"]]);
  assert.equal(fold([...begun, ...waiting])[1]?.attempts, 1);
  const bad = [...waiting, ...came("go")];
  assert.deepEqual(stands(bad), [[go, "COMPLETED"]]);
  const passed = [...bad, ...journal(["TASK_RETRYING", go, FAILURE])];
  assert.deepEqual(stands(passed), [[go, "WAITING"]]);
  assert.deepEqual(
    stands([...passed, ...came("other"), ...came("go"), ...waiting]),
    [[go, "COMPLETED"], [`${go}#2`, "WAITING"]],
  );
  const late = [...waiting, ...journal(["TIMER_FIRED", `${go}/timeout`])];
  assert.deepEqual(stands(late), [[go, "COMPLETED"]]);
  const left = [...waiting, ...journal(["TASK_COMPLETED", "/do/0/one", 1])];
  assert.deepEqual(stands(left)[0], [go, "CANCELLED"]);
});

Deno.test("what was under way when a run ended was cancelled", () => {
  const tasks = fold(journal(
    ["EXECUTION_CREATED"],
    ["EXECUTION_STARTED"],
    ["TASK_STARTED", FETCH],
    ["EXECUTION_CANCELLED", "", FAILURE],
  ));
  assert.deepEqual(tasks.map((it) => it.phase), ["CANCELLED", "CANCELLED"]);
});

Deno.test("a retry begins with all but what failed, and what came of it", () => {
  const events = journal(
    ["EXECUTION_CREATED", "", 1],
    ["EXECUTION_STARTED"],
    ["TASK_STARTED", FETCH],
    ["TASK_COMPLETED", FETCH, 7],
    ["TASK_COMPLETED", "/do/0/one", 7],
    ["SIGNAL_RECEIVED", "", "go"],
    ["TASK_STARTED", "/do/1/two/step/store"],
    ["TASK_FAILED", "/do/1/two/step/store", FAILURE],
    ["TASK_FAILED", "/do/1/two", FAILURE],
    ["EXECUTION_FAILED", "", FAILURE],
  );
  const tasks = fold(events);
  const isLeftOut = leavingOut(
    { tasks, dependencies: new Map() },
    ["/do/1/two/step/store"],
  );
  const reused = reuseServed({ input: 1, events, isLeftOut, nowMs: 5000 });
  assert.deepEqual(
    reused.events.map((it) => [it.sequence, it.type, it.path]),
    [
      [1, "EXECUTION_CREATED", ""],
      [2, "EXECUTION_STARTED", ""],
      [3, "TASK_STARTED", FETCH],
      [4, "TASK_COMPLETED", FETCH],
      [5, "TASK_COMPLETED", "/do/0/one"],
      [6, "SIGNAL_RECEIVED", ""],
    ],
  );
  assert.equal(reused.resultCount, 3);
});

Deno.test("a task that is done again in part has not ended", () => {
  const events = journal(
    ["EXECUTION_CREATED", "", 1],
    ["EXECUTION_STARTED"],
    ["TASK_STARTED", FETCH],
    ["TASK_COMPLETED", FETCH, 7],
    ["TASK_COMPLETED", "/do/0/one", 7],
    ["TASK_COMPLETED", "/do/1/two", 8],
    ["EXECUTION_COMPLETED", "", 8],
  ).map((it) => ({ ...it, timeMs: 1000 }));
  const isLeftOut = leavingOut(
    { tasks: fold(events), dependencies: new Map() },
    [FETCH],
  );
  const { events: kept } = reuseServed({
    input: 1,
    events,
    isLeftOut,
    nowMs: 5000,
  });
  assert.equal(kept.length, 2);
});
