import assert from "node:assert/strict";
import { createWorkflowMachine } from "../../src/engine/decide.ts";
import type { Decision, JournalEvent } from "../../src/model/durable.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { JOURNAL_FORMAT } from "../../src/model/run.ts";
import { VERSION } from "../../src/model/version.ts";
import { checkWorkflow } from "../../src/workflow/check.ts";
import type { Plan } from "../../src/workflow/tree.ts";
import { CHAOS_PLANS } from "./chaos_plans.ts";
import { CONSTRUCTS } from "./constructs.ts";

/** What a release left behind; the files are never edited. */
interface Kept {
  readonly format: number;
  readonly journals: readonly KeptJournal[];
}

interface KeptJournal {
  /** One of the plans of the tests with crashes … */
  readonly plan?: string;
  /** … or the workflow itself. */
  readonly name?: string;
  readonly spec?: JsonObject;
  readonly executionId?: string;
  readonly decision: Decision;
  readonly events: readonly JournalEvent[];
}

const FOLDER = new URL("./journals/", import.meta.url);

async function read(name: string): Promise<Kept> {
  return JSON.parse(await Deno.readTextFile(new URL(name, FOLDER)));
}

function planOf({ plan: name, spec, ...kept }: KeptJournal): Plan {
  if (spec === undefined) {
    const plan = CHAOS_PLANS[name ?? ""];
    assert.ok(plan !== undefined, `there is a plan "${name}"`);
    return plan;
  }
  const { plan, diagnostics } = checkWorkflow(spec, { name: kept.name ?? "" });
  assert.ok(plan, JSON.stringify(diagnostics));
  return plan;
}

Deno.test("journals of every release replay to what they ended with", async () => {
  const names = [...Deno.readDirSync(FOLDER)].map((it) => it.name);
  assert.ok(names.includes(`${VERSION}.json`), "this release has journals");
  for (const name of names) {
    const { format, journals } = await read(name);
    assert.ok(format <= JOURNAL_FORMAT, name);
    for (const kept of journals) {
      const machine = createWorkflowMachine(planOf(kept), {
        executionId: kept.executionId ?? "wex-test",
        variables: {},
      });
      const what = `${name}: ${kept.plan ?? kept.name}`;
      // The end itself is left out: the machine is to find it by itself.
      const events = kept.spec === undefined
        ? kept.events
        : kept.events.slice(0, -1);
      for (const event of events) machine.apply(event);
      assert.deepEqual(machine.decide(), kept.decision, what);
    }
  }
});

Deno.test("the journals of this release have every construct, as it is written today", async () => {
  const { journals } = await read(`${VERSION}.json`);
  assert.deepEqual(
    journals.map(({ name, spec }) => ({ name, spec })),
    JSON.parse(JSON.stringify(CONSTRUCTS)),
  );
});

Deno.test("a replay of any part of a kept journal asks for nothing that it holds", async () => {
  const { journals } = await read(`${VERSION}.json`);
  for (const kept of journals) {
    const plan = planOf(kept);
    for (let length = 2; length < kept.events.length; length++) {
      const machine = createWorkflowMachine(plan, {
        executionId: kept.executionId ?? "",
        variables: {},
      });
      const past = kept.events.slice(0, length);
      for (const event of past) machine.apply(event);
      const decision = machine.decide();
      if (decision.kind !== "blocked") continue;
      const held = new Set(
        past.map((it) => `${it.type} ${it.attempt} ${it.path}`),
      );
      for (const command of decision.commands) {
        const about = `${command.attempt} ${command.path}`;
        const what = `${kept.name} after ${length}: ${command.kind} ${about}`;
        assert.notEqual(command.kind, "cancel", what);
        assert.ok(!held.has(`TASK_COMPLETED ${about}`), what);
        assert.ok(!held.has(`TIMER_FIRED ${about}`), what);
      }
    }
  }
});
