import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import type { NewExecution } from "../model/execution.ts";
import { newId, parseExecutionId } from "../model/id.ts";
import { openRunStore } from "./runs.ts";
import { openStore } from "./open.ts";

const HOST = systemHost();

function newExecution(servedBy?: string): NewExecution {
  const id = parseExecutionId(newId("wex", {
    now: () => HOST.clock.now(),
    bytes: (length) => HOST.random.bytes(length),
  }));
  assert.ok(id);
  return {
    id,
    kind: "WorkflowExecution",
    name: id,
    labels: {},
    spec: {},
    input: null,
    createdBy: "x",
    ...(servedBy === undefined ? {} : { servedBy }),
  };
}

Deno.test("runs of a program are claimed by who serves it, and nobody else", () => {
  const folder = Deno.makeTempDirSync();
  using stack = new DisposableStack();
  stack.defer(() => Deno.removeSync(folder, { recursive: true }));
  const store = openStore(`${folder}/stigmer.db`, { host: HOST });
  stack.defer(() => store.close());
  const runs = openRunStore(store.database);
  const [plain, one, other] = [
    newExecution(),
    newExecution("one"),
    newExecution("other"),
  ];
  for (const it of [plain, one, other]) runs.insert(it, { nowMs: 10 });
  const owner = runs.addWorker({
    id: "w",
    pid: 1,
    hostname: "h",
    startedAtMs: 0,
    leaseUntilMs: 1e15,
  });
  const claim = { owner, nowMs: 20, limit: 9 };
  assert.equal(runs.claim(one.id, { owner }), "unserved");
  assert.equal(runs.claim(one.id, { owner, served: ["other"] }), "unserved");
  const among = [one.id, other.id];
  assert.deepEqual(runs.claimDue({ ...claim, among }), []);
  const ids = (options: Parameters<typeof runs.claimDue>[0]) =>
    runs.claimDue(options).map((it) => it.executionId);
  assert.deepEqual(
    ids({ ...claim, served: ["one"], onlyServed: true }),
    [one.id],
  );
  assert.deepEqual(ids(claim), [plain.id]);
  assert.equal(runs.nextDueAtMs(), undefined);
  assert.equal(runs.nextDueAtMs(["one", "other"]), 10);
  assert.deepEqual(ids({ ...claim, among, served: ["other"] }), [other.id]);
});
