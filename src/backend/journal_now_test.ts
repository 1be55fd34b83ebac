import assert from "node:assert/strict";
import { parseExecutionId } from "../model/id.ts";
import { insertExecution, runNumber } from "../store/executions.ts";
import { appendEvent } from "../store/journal.ts";
import { fakeDeps } from "./fake_deps.ts";
import { journalNow } from "./journal_now.ts";

const EVENTS = 1234;

Deno.test("journalNow() reads every event once, and none that comes meanwhile", () => {
  using deps = fakeDeps();
  const { database } = deps.store;
  const id = parseExecutionId("wex-01h00000000000000000000000");
  assert.ok(id);
  assert.deepEqual([...journalNow(database, id)], []);
  insertExecution(database, {
    id,
    kind: "WorkflowExecution",
    name: "w",
    labels: {},
    spec: {},
    input: null,
    createdBy: "someone",
  }, { nowMs: 0 });
  const run = runNumber(database, id) ?? 0;
  const append = () =>
    appendEvent(database, run, {
      event: {
        type: "SIGNAL_RECEIVED",
        path: "",
        name: "s",
        attempt: 0,
        data: 1,
      },
      nowMs: 0,
    });
  database.transaction(() => {
    for (let i = 1; i < EVENTS; i++) append();
  });
  const seen: number[] = [];
  for (const { sequence } of journalNow(database, id)) {
    seen.push(sequence);
    if (sequence % 100 === 0) append();
  }
  assert.deepEqual(seen, Array.from({ length: EVENTS }, (_, i) => i + 1));
  const rest = [...journalNow(database, id, { afterSequence: EVENTS })];
  assert.equal(rest.length, Math.floor(EVENTS / 100));
});
