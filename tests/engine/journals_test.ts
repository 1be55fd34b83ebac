import assert from "node:assert/strict";
import { createWorkflowMachine } from "../../src/engine/decide.ts";
import type { Decision, JournalEvent } from "../../src/model/durable.ts";
import { JOURNAL_FORMAT } from "../../src/model/run.ts";
import { CHAOS_PLANS } from "./chaos_plans.ts";

/** What a release left behind; the files are never edited. */
interface Kept {
  readonly format: number;
  readonly journals: readonly {
    readonly plan: string;
    readonly decision: Decision;
    readonly events: readonly JournalEvent[];
  }[];
}

const FOLDER = new URL("./journals/", import.meta.url);

Deno.test("journals of every release replay to what they ended with", async () => {
  const names = [...Deno.readDirSync(FOLDER)].map((it) => it.name);
  assert.ok(names.length > 0);
  for (const name of names) {
    const kept: Kept = JSON.parse(
      await Deno.readTextFile(new URL(name, FOLDER)),
    );
    assert.ok(kept.format <= JOURNAL_FORMAT, name);
    for (const { plan, decision, events } of kept.journals) {
      const it = CHAOS_PLANS[plan];
      assert.ok(it !== undefined, `${name} has a plan "${plan}"`);
      const machine = createWorkflowMachine(it, {
        executionId: "wex-test",
        variables: {},
      });
      for (const event of events) machine.apply(event);
      assert.deepEqual(machine.decide(), decision, `${name}: ${plan}`);
    }
  }
});
