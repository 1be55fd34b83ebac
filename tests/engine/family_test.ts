import assert from "node:assert/strict";
import { answerSignal } from "../../src/model/answer.ts";
import type { Activity } from "../../src/model/durable.ts";
import type { ExecutionId } from "../../src/model/id.ts";
import { requestAnswer } from "../../src/store/answers.ts";
import { getExecution, listExecutions } from "../../src/store/executions.ts";
import { addWorker } from "../../src/store/leases.ts";
import { requestResume } from "../../src/store/requests.ts";
import type { Plan, Task } from "../../src/workflow/tree.ts";
import { type Home, openHome, reaches, submit, workOn } from "./fixture.ts";
import { base, call, plan, template } from "./plans.ts";

function child(name: string): Task {
  return { ...base(name), kind: "agent", agent: template(name) };
}

const PLANS: Readonly<Record<string, Plan>> = {
  top: plan([child("middle")]),
  middle: plan([child("bottom")]),
  bottom: plan([call("work")]),
  asking: plan([child("question")]),
  question: plan([{
    ...base("sure"),
    kind: "human",
    prompt: template("Sure?"),
    outcomes: [],
  }]),
};

const HANGS: Activity = (_input, { signal }) =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });

async function withHome(test: (home: Home) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-family-" });
  try {
    using home = openHome(path);
    await test(home);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

async function childOf(home: Home, id: ExecutionId): Promise<ExecutionId> {
  const endMs = Date.now() + 20_000;
  for (;;) {
    const [found] = listExecutions(home.database, { parentExecutionId: id }, {
      size: 1,
      token: "",
    }).items;
    if (found !== undefined) return found.id;
    assert.ok(Date.now() < endMs, `${id} has a child`);
    await home.host.clock.sleep(5);
  }
}

/** Starts a family whose youngest hangs, and leaves it as its worker goes. */
async function leftBehind(home: Home): Promise<ExecutionId> {
  await using worker = workOn(home, { plans: PLANS, effect: HANGS });
  const top = submit(home, "top");
  await worker.own(top);
  const bottom = await childOf(home, await childOf(home, top));
  await reaches(home, bottom, "RUNNING");
  return top;
}

/** Makes it look as after a `kill -9`: all is owned by who lives no more. */
function ownedByTheDead(home: Home): void {
  const dead = addWorker(home.database, {
    id: "wrk-01k3v8z6q4m9d2c7r5t1w0x8yb",
    pid: 1,
    hostname: home.host.platform.hostname,
    startedAtMs: 0,
    leaseUntilMs: home.host.clock.now() + 15_000,
  });
  home.database.prepare("UPDATE runs SET owner = ?, due_at_ms = NULL")
    .run(dead);
}

for (const how of ["left", "died"] as const) {
  Deno.test(`who owns a run goes on with all below it, when who had it ${how}`, async () => {
    await withHome(async (home) => {
      const top = await leftBehind(home);
      if (how === "died") ownedByTheDead(home);
      await using worker = workOn(home, { plans: PLANS });
      requestResume(home.database, top, {
        nowMs: home.host.clock.now(),
        isAlive: () => false,
      });
      await worker.own(top);
      const record = await reaches(home, top);
      assert.deepEqual([record.phase, record.output], ["COMPLETED", "work"]);
    });
  });
}

Deno.test("who owns a run goes on with its child that was answered without a worker", async () => {
  await withHome(async (home) => {
    const top = submit(home, "asking");
    {
      await using worker = workOn(home, { plans: PLANS });
      await worker.own(top);
      await reaches(home, await childOf(home, top), "WAITING");
      await reaches(home, top, "WAITING");
    }
    requestAnswer(home.database, await childOf(home, top), {
      nowMs: home.host.clock.now(),
      name: answerSignal("/do/0/sure", 1),
      payload: { outcome: "yes" },
      afterSequence: 0,
    });
    await using worker = workOn(home, { plans: PLANS });
    await worker.own(top);
    assert.deepEqual((await reaches(home, top)).output, { outcome: "yes" });
  });
});

Deno.test("who owns a run takes its child, too, once who had that is gone", async () => {
  await withHome(async (home) => {
    const top = submit(home, "top");
    const other = workOn(home, { plans: PLANS, effect: HANGS });
    await other.own(top);
    const middle = await childOf(home, top);
    const bottom = await childOf(home, middle);
    await reaches(home, bottom, "RUNNING");
    // The parent is this worker's from here on, its family the other's.
    home.database.prepare(
      "UPDATE runs SET owner = NULL, due_at_ms = NULL WHERE execution_id = ?",
    ).run(top);
    await using worker = workOn(home, { plans: PLANS });
    await worker.own(top);
    await reaches(home, top, "WAITING");
    assert.equal(getExecution(home.database, bottom)?.phase, "RUNNING");
    await other.close();
    assert.equal((await reaches(home, top)).output, "work");
  });
});
