import assert from "node:assert/strict";
import { plan, set } from "../../tests/engine/plans.ts";
import type { JournalEvent } from "../model/durable.ts";
import type { Json } from "../model/json.ts";
import { createWorkflowMachine } from "./decide.ts";

/** What `$runtime.version` is in a run that was started as told. */
function versionSeen(starts: readonly Json[]): Json {
  const machine = createWorkflowMachine(
    plan([set("v", "${ $runtime.version }")]),
    { executionId: "wex-test", variables: {} },
  );
  const none = { path: "", name: "", attempt: 0, timeMs: 1 };
  machine.apply({ ...none, sequence: 1, type: "EXECUTION_CREATED", data: {} });
  starts.forEach((data, i) =>
    machine.apply(
      {
        ...none,
        sequence: i + 2,
        type: "EXECUTION_STARTED",
        data,
      } satisfies JournalEvent,
    )
  );
  const decision = machine.decide();
  return decision.kind === "done" ? decision.output : null;
}

Deno.test("$runtime is the release that started a run, also once a newer one goes on", () => {
  assert.equal(versionSeen([{ epoch: 1, version: "0.9.0" }]), "0.9.0");
  assert.equal(
    versionSeen([{ epoch: 1, version: "0.2.0" }, {
      epoch: 2,
      version: "9.0.0",
    }]),
    "0.2.0",
  );
  assert.equal(versionSeen([{ epoch: 1 }]), "0.1.0", "it did not say");
});
