import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import {
  openHome,
  reaches,
  story,
  submit,
  workOn,
} from "../../tests/engine/fixture.ts";
import { systemHost } from "../host/system.ts";
import type { JournalEvent } from "../model/durable.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import type { Json } from "../model/json.ts";
import { readEvents } from "../store/journal.ts";
import { checkWorkflow } from "../workflow/check.ts";
import type { Plan } from "../workflow/tree.ts";
import { createWorkflowMachine } from "./decide.ts";

/** Some hundred thousand steps. */
const LONG = "${ [limit(200000; repeat(1))] | length }";

function planOf(evaluate: Json): Plan {
  const attempt = {
    try: [{ long: { set: { x: LONG } } }],
    catch: { do: [{ caught: { set: { why: "${ $error.detail }" } } }] },
  };
  const { plan, diagnostics } = checkWorkflow(
    { evaluate, do: [{ attempt }] },
    { name: "p" },
  );
  deepStrictEqual(diagnostics, []);
  ok(plan !== undefined);
  return plan;
}

/** Runs a plan on a machine where each look at the clock takes so long. */
async function ran(plan: Plan, lookMs: number): Promise<{
  readonly record: ExecutionRecord;
  readonly told: readonly string[];
  readonly journal: readonly JournalEvent[];
}> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-engine-" });
  const system = systemHost();
  let lateMs = 0;
  const monotonic = () => system.clock.monotonic() + (lateMs += lookMs);
  const host = { ...system, clock: { ...system.clock, monotonic } };
  try {
    using home = openHome(path, host);
    const worker = workOn(home, { plans: { p: plan } });
    const stop = new AbortController();
    const served = worker.serve({ signal: stop.signal });
    const id = submit(home, "p");
    const record = await reaches(home, id);
    stop.abort();
    await served;
    await worker.close();
    const journal = readEvents(home.database, id);
    return { record, told: story(home, id), journal };
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

function machineOf(plan: Plan, journal: readonly JournalEvent[]) {
  const machine = createWorkflowMachine(plan, {
    executionId: "wex-test",
    variables: {},
  });
  for (const event of journal) machine.apply(event);
  return machine;
}

function replayed(plan: Plan, journal: readonly JournalEvent[]) {
  return machineOf(plan, journal).decide();
}

/** How the tasks of a run stand, by their names. */
function phasesOf(plan: Plan, journal: readonly JournalEvent[]) {
  const tasks = machineOf(plan, journal).tasks();
  return Object.fromEntries(tasks.map(({ name, phase }) => [name, phase]));
}

Deno.test("an evaluation that takes too long ends the run: no task catches it, a replay knows", async () => {
  const plan = planOf({});
  const { record, told, journal } = await ran(plan, 2500);
  strictEqual(record.phase, "FAILED");
  match(record.failure?.type ?? "", /expression$/);
  strictEqual(record.failure?.instance, "/do/0/attempt/try/0/long");
  match(
    record.failure?.detail ?? "",
    /it takes longer than 8\.0 s, do it in a script, which may take/,
  );
  deepStrictEqual(told, [
    "EXECUTION_CREATED",
    "EXECUTION_STARTED",
    "EXECUTION_FAILED",
  ]);
  const again = replayed(plan, journal);
  strictEqual(again.kind, "failed");
  deepStrictEqual(again.kind === "failed" && again.failure, record.failure);
});

Deno.test("the task that took too long is shown as failed, and what it is a part of", async () => {
  const plan = planOf({});
  const { journal, record } = await ran(plan, 2500);
  deepStrictEqual(phasesOf(plan, journal), {
    attempt: "FAILED",
    long: "FAILED",
  });
  const long = machineOf(plan, journal).tasks().at(-1);
  deepStrictEqual(long?.failure, record.failure);
});

Deno.test("a replay computes nothing again that took too long, and nothing after it", async () => {
  const { plan, diagnostics } = checkWorkflow({
    do: [
      { first: { set: { x: 1 } } },
      { long: { set: { x: LONG } } },
      { next: { set: { y: 1 } } },
    ],
  }, { name: "p" });
  deepStrictEqual(diagnostics, []);
  ok(plan !== undefined);
  const { journal, record } = await ran(plan, 2500);
  deepStrictEqual(phasesOf(plan, journal), {
    first: "COMPLETED",
    long: "FAILED",
  });
  // Of a journal that does not say where, the end is known all the same.
  const older = journal.map((it) =>
    it.type === "EXECUTION_FAILED" ? { ...it, data: { ...record.failure } } : it
  );
  deepStrictEqual(replayed(plan, older), replayed(plan, journal));
});

Deno.test("what is replayed is not timed: it was done in time", async () => {
  const plan = planOf({});
  const { record, journal } = await ran(plan, 0);
  deepStrictEqual(record.output, { x: 200_000 });
  deepStrictEqual(replayed(plan, journal), {
    kind: "done",
    output: { x: 200_000 },
  });
});

Deno.test("a definition sets how many steps an evaluation may take, and a task catches the end of them", async () => {
  const plan = planOf({ limits: { steps: 1000 } });
  const { record, journal } = await ran(plan, 0);
  strictEqual(record.phase, "COMPLETED");
  match(
    JSON.stringify(record.output),
    /it takes more than 1000 steps, raise \\"evaluate\.limits\.steps\\"/,
  );
  deepStrictEqual(replayed(plan, journal), {
    kind: "done",
    output: record.output,
  });
});
