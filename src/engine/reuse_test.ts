import assert from "node:assert/strict";
import type { Command, JournalEvent, Machine } from "../model/durable.ts";
import type { Json } from "../model/json.ts";
import { checkWorkflow } from "../workflow/check.ts";
import type { Plan } from "../workflow/tree.ts";
import { createWorkflowMachine } from "./decide.ts";
import { type Reused, reuseResults } from "./reuse.ts";

function machineOf(tasks: Json): Machine {
  const { plan, diagnostics } = checkWorkflow({ do: tasks }, { name: "t" });
  assert.ok(plan !== undefined, JSON.stringify(diagnostics));
  return newMachine(plan);
}

function newMachine(plan: Plan): Machine {
  return createWorkflowMachine(plan, { executionId: "wex-2", variables: {} });
}

/** A journal from what happened in it. */
function journal(
  ...events: readonly Partial<JournalEvent>[]
): readonly JournalEvent[] {
  return events.map((event, index) => ({
    sequence: index + 1,
    timeMs: index,
    type: "TASK_COMPLETED",
    path: "",
    name: "",
    attempt: 1,
    data: null,
    ...event,
  }));
}

function reused(
  machine: Machine,
  events: readonly JournalEvent[],
  leftOut: readonly string[] = [],
): Reused {
  return reuseResults(machine, {
    input: {},
    events,
    isLeftOut: (_, path) => leftOut.includes(path),
    nowMs: 5000,
  });
}

/** What a machine wants that has read a journal. */
function wanted(machine: Machine, events: readonly JournalEvent[]): string[] {
  for (const event of events) machine.apply(event);
  const decision = machine.decide();
  return decision.kind === "blocked"
    ? decision.commands.map(({ kind, path }: Command) => `${kind} ${path}`)
    : [decision.kind];
}

const CALL = { call: "http", with: { method: "get", endpoint: "http://x/" } };
const TASKS = [{ a: CALL }, { b: { wait: "PT1H" } }, { c: CALL }];
const OLD = journal(
  { type: "EXECUTION_CREATED", attempt: 0, data: { old: true } },
  { type: "EXECUTION_STARTED", attempt: 0 },
  { path: "/do/0/a", name: "a", data: 1 },
  { type: "TIMER_SET", path: "/do/1/b", name: "b", data: { dueAtMs: 9 } },
  { type: "TIMER_FIRED", path: "/do/1/b", name: "b" },
  { type: "TASK_FAILED", path: "/do/2/c", name: "c", data: { title: "x" } },
  { type: "EXECUTION_FAILED", attempt: 0, data: { title: "x" } },
);

Deno.test("reuseResults() begins a journal with what the machine asks for", () => {
  const { events, resultCount } = reused(machineOf(TASKS), OLD, ["/do/2/c"]);
  assert.equal(resultCount, 2);
  assert.deepEqual(
    events.map(({ sequence, timeMs, type, path }) => [
      sequence,
      timeMs,
      type,
      path,
    ]),
    [
      [1, 5000, "EXECUTION_CREATED", ""],
      [2, 5000, "EXECUTION_STARTED", ""],
      [3, 5000, "TASK_COMPLETED", "/do/0/a"],
      [4, 5000, "TIMER_SET", "/do/1/b"],
      [5, 5000, "TIMER_FIRED", "/do/1/b"],
    ],
  );
  assert.deepEqual(wanted(machineOf(TASKS), events), ["run /do/2/c"]);
});

Deno.test("reuseResults() takes nothing that is done again, and nothing after it", () => {
  const { events, resultCount } = reused(machineOf(TASKS), OLD, ["/do/0/a"]);
  assert.equal(resultCount, 0);
  assert.deepEqual(wanted(machineOf(TASKS), events), ["run /do/0/a"]);
});

Deno.test("reuseResults() gives a machine of another kind of task nothing", () => {
  const changed = [{ a: { wait: "PT1H" } }, { c: CALL }];
  const { events, resultCount } = reused(machineOf(changed), OLD);
  assert.equal(resultCount, 0);
  assert.deepEqual(wanted(machineOf(changed), events), ["timer /do/0/a"]);
});

Deno.test("reuseResults() finds results in another order than they came", () => {
  const both = [{
    f: { fork: { branches: [{ a: CALL }, { b: CALL }] } },
  }, { c: CALL }];
  const old = journal(
    { path: "/do/1/c", name: "c", data: 3 },
    { path: "/do/0/f/fork/branches/1/b", name: "b", data: 2 },
    { path: "/do/0/f/fork/branches/0/a", name: "a", data: 1 },
  );
  const machine = machineOf(both);
  assert.equal(reused(machine, old).resultCount, 3);
  assert.deepEqual(machine.decide(), { kind: "done", output: 3 });
});

Deno.test("reuseResults() writes anew what only the machine knows", () => {
  const guarded = [{
    g: {
      try: [{ a: CALL }],
      catch: {
        retry: { delay: { seconds: 1 }, limit: { attempt: { count: 1 } } },
      },
    },
  }];
  const old = journal(
    { type: "TASK_FAILED", path: "/do/0/g/try/0/a", name: "a", data: {} },
    { type: "TASK_RETRYING", path: "/do/0/g", name: "g", data: {} },
    { type: "TIMER_FIRED", path: "/do/0/g/retry", name: "g" },
  );
  const { events } = reused(machineOf(guarded), old);
  const retrying = events.find(({ type }) => type === "TASK_RETRYING");
  assert.equal(JSON.stringify(retrying?.data).includes("6000"), true);
  assert.deepEqual(wanted(machineOf(guarded), events), [
    "run /do/0/g/try#2/0/a",
  ]);
});
