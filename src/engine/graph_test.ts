import assert from "node:assert/strict";
import { base, call, plan, set, template } from "../../tests/engine/plans.ts";
import {
  type Effect,
  simulate,
  type SimulationOptions,
  type SimulationResult,
} from "../../tests/engine/simulation.ts";
import type { ActivityOutcome } from "../model/durable.ts";
import { failureOf } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import { checkWorkflow } from "../workflow/check.ts";
import type { GraphInput, GraphTask, Task } from "../workflow/tree.ts";
import { createWorkflowMachine } from "./decide.ts";

interface Draft extends Partial<Omit<GraphTask, "task">> {
  readonly task: Task;
}

function run(
  drafts: readonly Draft[],
  options: Partial<SimulationOptions> & {
    readonly inputs?: Readonly<Record<string, GraphInput>>;
  } = {},
): SimulationResult {
  const it = plan([], {
    body: {
      kind: "graph",
      inputs: options.inputs ?? {},
      tasks: drafts.map((draft) => ({ dependsOn: [], outputs: [], ...draft })),
    },
  });
  return simulate(
    () => createWorkflowMachine(it, { executionId: "wex-test", variables: {} }),
    { input: {}, answer: named, ...options },
  );
}

function named(effect: Effect): ActivityOutcome {
  return { kind: "completed", output: effect.name };
}

function check(result: SimulationResult, expected: Json): void {
  assert.deepEqual(result.decision, { kind: "done", output: expected });
}

function detailOf(result: SimulationResult): string {
  return result.decision.kind === "failed"
    ? result.decision.failure.detail
    : JSON.stringify(result.decision);
}

const ANY: GraphInput = { type: "any", required: false };

Deno.test("a graph starts each task as soon as those it depends on are done", () => {
  const result = run([
    { task: call("last"), dependsOn: ["b", "a"] },
    { task: call("a") },
    { task: call("b"), dependsOn: ["a"] },
    { task: call("free") },
  ]);
  check(result, { a: "a", free: "free", b: "b", last: "last" });
  const order = result.effects.map((it) => it.name);
  assert.deepEqual(order.slice(0, 2), ["a", "free"]);
  assert.ok(order.indexOf("b") < order.indexOf("last"));
});

Deno.test("a graph gives tasks the inputs and the outputs of others", () => {
  const task = set("sum", {
    input: "${ $workflow.inputs.depth }",
    whole: '${ $tasks["pre-pare"].outputs }',
    one: '${ $tasks["pre-pare"].outputs.n }',
  });
  const result = run([
    { task, dependsOn: ["pre-pare"] },
    { task: call("pre-pare"), outputs: ["n"] },
  ], {
    inputs: { depth: { type: "integer", required: false, default: 2 } },
    answer: () => ({ kind: "completed", output: { n: 5 } }),
  });
  check(result, {
    "pre-pare": { n: 5 },
    sum: { input: 2, whole: { n: 5 }, one: 5 },
  });
});

Deno.test("a graph's own output may refer to its tasks, those skipped too", () => {
  const { plan: checked, diagnostics } = checkWorkflow({
    tasks: [
      { name: "a-b", set: { x: 1 } },
      { name: "c", set: "${tasks.a-b.output.x}" },
      { name: "no", if: "false", set: { x: 1 } },
    ],
    output: {
      as: { x: "${tasks.a-b.output.x}", names: "${ $tasks | keys }" },
    },
  }, { name: "g" });
  assert.deepEqual(diagnostics, []);
  assert.ok(checked !== undefined);
  const result = simulate(
    () =>
      createWorkflowMachine(checked, { executionId: "wex-t", variables: {} }),
    { input: {} },
  );
  check(result, { x: 1, names: ["a-b", "c", "no"] });
});

Deno.test("a graph fails a task without a key that its outputs name, by that key", () => {
  const result = run([{ task: call("t"), outputs: ["title", "diff"] }], {
    answer: () => ({ kind: "completed", output: { title: "x" } }),
  });
  assert.match(detailOf(result), /Task "t" gave no output "diff"/);
  assert.equal(result.machine.tasks()[0]?.phase, "FAILED");
});

Deno.test("a graph retries a task, also one that lacks an output", () => {
  let calls = 0;
  const retry = {
    delay: { kind: "fixed", ms: 10 },
    backoff: "constant",
    attemptsMax: 3,
  } as const;
  const answer = (): ActivityOutcome => {
    calls++;
    if (calls === 1) {
      return { kind: "failed", failure: failureOf("communication", "no") };
    }
    return { kind: "completed", output: calls === 2 ? {} : { n: 1 } };
  };
  const result = run([{ task: call("t"), outputs: ["n"], retry }], { answer });
  check(result, { t: { n: 1 } });
  assert.deepEqual(result.effects.map((it) => [it.path, it.attempt]), [
    ["/tasks/0/t", 1],
    ["/tasks/0/t", 2],
    ["/tasks/0/t", 3],
  ]);
  assert.equal(result.machine.tasks()[0]?.attempts, 3);
  assert.equal(result.machine.tasks().length, 1);
});

Deno.test("a graph gives null for a task that was skipped", () => {
  const skipped: Task = {
    ...base("skipped", {
      if: { source: "false", pointer: "", literal: { value: false } },
    }),
    kind: "set",
    value: template(1),
  };
  const result = run([
    { task: skipped, outputs: ["k"] },
    {
      task: set("after", "${ $tasks.skipped.outputs }"),
      dependsOn: ["skipped"],
    },
  ]);
  check(result, { skipped: null, after: null });
});

Deno.test("a graph runs a bounded number of tasks at once", () => {
  const drafts = Array.from(
    { length: 40 },
    (_, i) => ({ task: call(`t${i}`) }),
  );
  const result = run(drafts, { answer: () => undefined });
  assert.equal(result.effects.length, 16);
  assert.equal(run(drafts).effects.length, 40);
});

Deno.test("a graph cancels what runs when a task fails for good", () => {
  const result = run([{ task: call("hang") }, { task: call("bad") }], {
    answer: (it) =>
      it.name === "bad"
        ? { kind: "failed", failure: failureOf("runtime", "broken") }
        : undefined,
  });
  assert.match(detailOf(result), /broken/);
  assert.equal(result.machine.tasks()[0]?.phase, "CANCELLED");
});

Deno.test("a graph checks its inputs by name and type", () => {
  const cases: readonly [Json, GraphInput, RegExp | undefined][] = [
    [{ x: 1 }, { type: "integer", required: true }, undefined],
    [{ x: 1.5 }, { type: "integer", required: true }, /"x" of type number/],
    [{}, { type: "string", required: true }, /lacks "x"/],
    [{}, { type: "string", required: false }, undefined],
    [{ y: 1 }, ANY, /"y", which the workflow does not declare/],
    [[], ANY, /must be an object, not array/],
    [null, ANY, undefined],
  ];
  for (const [input, x, problem] of cases) {
    const result = run([{ task: set("t", 1) }], { input, inputs: { x } });
    if (problem === undefined) check(result, { t: 1 });
    else assert.match(detailOf(result), problem);
  }
});
