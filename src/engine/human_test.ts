import assert from "node:assert/strict";
import {
  base,
  fork,
  list,
  plan,
  set,
  template,
  wait,
} from "../../tests/engine/plans.ts";
import {
  type Signal,
  simulate,
  type SimulationResult,
} from "../../tests/engine/simulation.ts";
import type { JournalEvent } from "../model/durable.ts";
import type { Json } from "../model/json.ts";
import type { HumanTask } from "../workflow/tree_calls.ts";
import type { Plan, Task } from "../workflow/tree.ts";
import { createWorkflowMachine } from "./decide.ts";

const ANSWER = {
  outcome: "approve",
  data: { by: "Ada" },
  respondedBy: "local-user",
  respondedAt: "2026-01-01T00:00:00.000Z",
};

function ask(name: string, more: Partial<HumanTask> = {}): Task {
  return {
    ...base(name),
    kind: "human",
    prompt: template("Deploy ${ .what }?"),
    outcomes: ["approve", "reject"],
    ...more,
  };
}

function run(
  it: Plan,
  reply: (signal: Signal) => Json | undefined = () => ANSWER,
): SimulationResult {
  return simulate(
    () => createWorkflowMachine(it, { executionId: "wex-test", variables: {} }),
    { input: { what: "it" }, reply },
  );
}

function outputOf({ decision }: SimulationResult): Json {
  assert.equal(decision.kind, "done", JSON.stringify(decision));
  return decision.kind === "done" ? decision.output : null;
}

function event(
  sequence: number,
  type: JournalEvent["type"],
  more: Partial<JournalEvent> = {},
): JournalEvent {
  const none = { path: "", name: "", attempt: 0, data: null };
  return { sequence, timeMs: sequence, type, ...none, ...more };
}

Deno.test("a person's answer is the output, and its journal says who gave it", () => {
  const result = run(plan([ask("sure")]));
  assert.deepEqual(outputOf(result), ANSWER);
  const [signal] = result.journal.filter((it) => it.type === "SIGNAL_RECEIVED");
  assert.equal(signal?.name, "respond:/do/0/sure");
  assert.deepEqual(
    result.machine.tasks().map((it) => [it.kind, it.phase, it.human]),
    [["call human", "COMPLETED", undefined]],
  );
});

Deno.test("what is asked is there to see while it waits", () => {
  const result = run(
    plan([
      ask("sure", {
        patience: { kind: "fixed", ms: 60_000 },
        timeout: { kind: "fixed", ms: 30_000 },
        schema: { type: "object" },
      }),
    ]),
    () => undefined,
  );
  assert.equal(result.decision.kind, "failed");
  const machine = createWorkflowMachine(
    plan([ask("sure", { patience: { kind: "fixed", ms: 60_000 } })]),
    { executionId: "wex-test", variables: {} },
  );
  machine.apply(event(1, "EXECUTION_CREATED", { data: { what: "x" } }));
  machine.apply(event(2, "EXECUTION_STARTED"));
  const decision = machine.decide();
  assert.equal(decision.kind, "blocked");
  if (decision.kind !== "blocked") return;
  assert.deepEqual(decision.commands.map((it) => it.kind), [
    "signal",
    "timer",
  ]);
  const [signal] = decision.commands;
  assert.equal(
    signal?.kind === "signal" ? signal.waitingFor : "",
    'answer to "Deploy x?"',
  );
  assert.deepEqual(machine.tasks()[0]?.human, {
    prompt: "Deploy x?",
    outcomes: ["approve", "reject"],
    dueAtMs: 60_002,
  });
  assert.equal(machine.tasks()[0]?.phase, "WAITING");
});

Deno.test("the first answer counts, and one that comes twice changes nothing", () => {
  const machine = createWorkflowMachine(
    plan([ask("first"), ask("second")]),
    { executionId: "wex-test", variables: {} },
  );
  const answer = (sequence: number, name: string, outcome: string): void =>
    machine.apply(event(sequence, "SIGNAL_RECEIVED", {
      name,
      data: { outcome },
    }));
  machine.apply(event(1, "EXECUTION_CREATED", { data: { what: "x" } }));
  machine.apply(event(2, "EXECUTION_STARTED"));
  answer(3, "respond:/do/0/first", "approve");
  answer(4, "respond:/do/0/first", "reject");
  answer(5, "something else", "reject");
  assert.deepEqual(
    machine.tasks().map((it) => it.phase),
    ["COMPLETED", "WAITING"],
  );
  answer(6, "respond:/do/1/second", "reject");
  assert.deepEqual(machine.decide(), {
    kind: "done",
    output: { outcome: "reject" },
  });
});

Deno.test("without an answer in time there is an outcome, or an error that try catches", () => {
  const patience = { kind: "fixed", ms: 5000 } as const;
  assert.deepEqual(
    outputOf(run(
      plan([ask("sure", { patience, onTimeout: "reject" })]),
      () => undefined,
    )),
    { outcome: "reject", timedOut: true },
  );
  const caught = plan([{
    ...base("try"),
    kind: "try",
    tasks: [ask("sure", { patience })],
    catch: {
      with: { status: template(408) },
      as: "error",
      tasks: [set("late", { why: "${ $error.detail }" })],
    },
  }]);
  assert.deepEqual(outputOf(run(caught, () => undefined)), {
    why: 'Nobody answered "Deploy it?" of task "sure" within 5 s',
  });
});

Deno.test("the task's own timeout ends the asking too", () => {
  const { decision, machine } = run(
    plan([ask("sure", { timeout: { kind: "fixed", ms: 2000 } })]),
    () => undefined,
  );
  assert.equal(decision.kind, "failed");
  assert.match(
    decision.kind === "failed" ? decision.failure.type : "",
    /timeout$/,
  );
  assert.equal(machine.tasks()[0]?.human, undefined);
});

Deno.test("two people are asked at once in a fork, each by the path of the task", () => {
  const result = run(
    plan([fork("both", [ask("a"), list("b", [ask("c")])])]),
    (signal) => ({
      outcome: signal.name.endsWith("/c") ? "reject" : "approve",
    }),
  );
  assert.deepEqual(outputOf(result), [
    { outcome: "approve" },
    { outcome: "reject" },
  ]);
});

Deno.test("who is asked in a losing branch is asked no more", () => {
  const { decision, machine } = run(
    plan([fork("race", [ask("slow"), wait("fast", 10)], { compete: true })]),
    () => undefined,
  );
  assert.equal(decision.kind, "done");
  const [, slow] = machine.tasks();
  assert.deepEqual([slow?.phase, slow?.human], ["CANCELLED", undefined]);
});

Deno.test("a task that is asked anew takes no old answer", () => {
  const names: string[] = [];
  const result = run(
    plan([{
      ...base("try"),
      kind: "try",
      tasks: [ask("sure", {
        output: { schema: { properties: { outcome: { const: "approve" } } } },
      })],
      catch: {
        with: {},
        as: "error",
        retry: {
          delay: { kind: "fixed", ms: 10 },
          backoff: "constant",
          attemptsMax: 3,
        },
      },
    }]),
    ({ name }) => {
      if (!names.includes(name)) names.push(name);
      return { outcome: names.length === 1 ? "reject" : "approve" };
    },
  );
  assert.deepEqual(outputOf(result), { outcome: "approve" });
  assert.deepEqual(names, [
    "respond:/do/0/try/try/0/sure",
    "respond:/do/0/try/try#2/0/sure",
  ]);
});

Deno.test("an empty question is an error, not a wait for ever", () => {
  const { decision } = run(
    plan([ask("sure", { prompt: template("${ .no }") })]),
  );
  assert.equal(decision.kind, "failed");
  const empty = run(plan([ask("sure", { prompt: template('${ " " }') })]));
  assert.match(
    empty.decision.kind === "failed" ? empty.decision.failure.detail : "",
    /nothing to ask/,
  );
});

Deno.test("data of an answer is never evaluated", () => {
  const answer = { outcome: "approve", comment: "${ .what }" };
  assert.deepEqual(
    outputOf(
      run(plan([ask("sure"), set("s", { it: "${ . }" })]), () => answer),
    ),
    { it: answer },
  );
});
