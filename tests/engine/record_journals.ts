/**
 * Records the journals that a release leaves behind, and prints them. Run once
 * for each release, by hand; what it printed is kept and never edited:
 *
 * `deno run -A tests/engine/record_journals.ts > tests/engine/journals/VERSION.json`
 *
 * @module
 */

import { createWorkflowMachine } from "../../src/engine/decide.ts";
import type { Activity } from "../../src/model/durable.ts";
import { failureOf } from "../../src/model/failure.ts";
import { JOURNAL_FORMAT } from "../../src/model/run.ts";
import { checkWorkflow } from "../../src/workflow/check.ts";
import type { Plan } from "../../src/workflow/tree.ts";
import { CONSTRUCTS } from "./constructs.ts";
import { runGenerated } from "./generated_home.ts";

const TIMEOUT_MS = 30_000;
const ACTIVITIES = [
  "container",
  "grpc",
  "http",
  "llm",
  "mcp",
  "openapi",
  "script",
  "shell",
];

/** Gives a number; what is flaky succeeds the third time. */
function effect(): Activity {
  const tries = new Map<string, number>();
  return (_input, { executionId, name }) => {
    const count = (tries.get(executionId) ?? 0) + 1;
    tries.set(executionId, count);
    const isFlaky = name === "flaky" && count < 3;
    return Promise.resolve(
      isFlaky
        ? {
          kind: "failed",
          failure: failureOf("communication", "flaky", { status: 503 }),
        }
        : { kind: "completed", output: { n: count, value: count } },
    );
  };
}

function planOf(name: string): Plan {
  const spec = CONSTRUCTS.find((it) => it.name === name)?.spec ?? {};
  const { plan, diagnostics } = checkWorkflow(spec, { name });
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

const plans = Object.fromEntries(
  CONSTRUCTS.map(({ name }) => [name, planOf(name)]),
);
const activity = effect();
const { ended } = await runGenerated(
  CONSTRUCTS.map(({ name }) => ({ name, input: { n: 1 }, plans })),
  {
    timeoutMs: TIMEOUT_MS,
    activities: Object.fromEntries(ACTIVITIES.map((it) => [it, activity])),
  },
);
const journals = CONSTRUCTS.map(({ name, spec }) => {
  const { executionId, events } = ended.get(name) ?? { events: [] };
  if (executionId === undefined) throw new Error(`no journal of "${name}"`);
  const machine = createWorkflowMachine(planOf(name), {
    executionId,
    variables: {},
  });
  // The last one says how it ended, which the machine is to find out.
  for (const event of events.slice(0, -1)) machine.apply(event);
  const decision = machine.decide();
  if (decision.kind === "blocked") throw new Error(`"${name}" has no end`);
  return { name, spec, executionId, decision, events };
});
console.log(JSON.stringify({ format: JOURNAL_FORMAT, journals }));
