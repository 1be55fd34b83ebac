import assert from "node:assert/strict";
import {
  type FixtureOptions,
  newExecution,
  openHome,
  reaches,
  story,
  submit,
  until,
  workOn,
} from "../../tests/engine/fixture.ts";
import { base, call, plan, set } from "../../tests/engine/plans.ts";
import type { Activity } from "../model/durable.ts";
import type { NewExecution } from "../model/execution.ts";
import {
  getExecution,
  insertExecution,
  runNumber,
} from "../store/executions.ts";
import { appendEvent } from "../store/journal.ts";
import type { Task } from "../workflow/tree.ts";

const DETACHED: Task = {
  ...base("start"),
  kind: "workflow",
  namespace: "test",
  workflow: "child",
  version: "latest",
  await: false,
};

/** A parent that leaves its child to itself, and what it started. */
function fixture(): FixtureOptions & { readonly children: NewExecution[] } {
  const children: NewExecution[] = [];
  const effect: Activity = (_input, { signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  return {
    children,
    effect,
    plans: {
      p: plan([DETACHED, set("end", { got: "${ .x }" })]),
      child: plan([call("hang")]),
    },
    options: {
      prepareChild: (_parent, _path, request) => {
        const child = newExecution(request.resource, request.input);
        children.push(child);
        return Promise.resolve(child);
      },
    },
  };
}

Deno.test("a child that nobody waits for outlives its parent", async () => {
  const path = await Deno.makeTempDir();
  {
    using home = openHome(path);
    const it = fixture();
    const worker = workOn(home, it);
    const stop = new AbortController();
    const served = worker.serve({ signal: stop.signal });
    const id = submit(home, "p", { x: 1 });
    const record = await reaches(home, id);
    assert.deepEqual(record.output, { got: 1 });
    assert.deepEqual(story(home, id).slice(2), [
      "CHILD_STARTED /do/0/start",
      "TASK_COMPLETED /do/0/start",
      "EXECUTION_COMPLETED",
    ]);
    const [child] = it.children;
    assert.ok(child !== undefined);
    assert.equal((await reaches(home, child.id, "RUNNING")).phase, "RUNNING");
    assert.deepEqual(child.input, { x: 1 });
    stop.abort();
    await served;
    await worker.close();
    assert.notEqual(getExecution(home.database, child.id)?.phase, "CANCELLED");
  }
  await Deno.remove(path, { recursive: true });
});

Deno.test("a child that was started before a crash is not started again", async () => {
  const path = await Deno.makeTempDir();
  {
    using home = openHome(path);
    const it = fixture();
    const nowMs = home.host.clock.now();
    const child = newExecution("child");
    insertExecution(home.database, child, { nowMs });
    const id = submit(home, "p", { x: 1 });
    const run = runNumber(home.database, id);
    assert.ok(run !== undefined);
    const common = { name: "", attempt: 0, path: "" };
    const task = { name: "start", attempt: 1, path: "/do/0/start" };
    const events = [
      { ...common, type: "EXECUTION_STARTED", data: { epoch: 1 } },
      { ...task, type: "CHILD_STARTED", data: { executionId: child.id } },
    ] as const;
    for (const event of events) {
      appendEvent(home.database, run, { event, nowMs });
    }
    const worker = workOn(home, it);
    const stop = new AbortController();
    const served = worker.serve({ signal: stop.signal });
    const record = await reaches(home, id);
    assert.deepEqual(record.output, { got: 1 });
    assert.equal(it.children.length, 0);
    await until(
      home,
      "one task completed",
      () =>
        story(home, id).filter((line) => line === "TASK_COMPLETED /do/0/start")
          .length === 1,
    );
    stop.abort();
    await served;
    await worker.close();
  }
  await Deno.remove(path, { recursive: true });
});
