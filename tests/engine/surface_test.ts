import assert from "node:assert/strict";
import { answerSignal } from "../../src/model/answer.ts";
import type { ExecutionId } from "../../src/model/id.ts";
import { requestAnswer } from "../../src/store/answers.ts";
import { getExecution, listExecutions } from "../../src/store/executions.ts";
import { readEvents } from "../../src/store/journal.ts";
import { surfacedWait } from "../../src/store/waits.ts";
import type { Plan, Task } from "../../src/workflow/tree.ts";
import {
  type Home,
  newExecution,
  openHome,
  reaches,
  submit,
  until,
  workOn,
} from "./fixture.ts";
import { base, fork, plan, template, wait } from "./plans.ts";

function child(name: string): Task {
  return { ...base(name), kind: "agent", agent: template(name) };
}

function ask(name: string): Task {
  return {
    ...base(name),
    kind: "human",
    prompt: template("Deploy?"),
    outcomes: [],
  };
}

const PLANS: Readonly<Record<string, Plan>> = {
  top: plan([child("middle")]),
  middle: plan([fork("both", [wait("long", 60_000), child("bottom")], {
    compete: true,
  })]),
  bottom: plan([ask("sure"), wait("then", 60_000)]),
  late: plan([child("sleeper")]),
  sleeper: plan([wait("nap", 600), ask("sure")]),
};

async function withHome(test: (home: Home) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "stigmer-surface-" });
  try {
    using home = openHome(path);
    await test(home);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/** What an execution waits for, as `execution get` says. */
function waitOf(home: Home, id: ExecutionId): string {
  const record = getExecution(home.database, id);
  if (record?.phase !== "WAITING") return "";
  return surfacedWait(home.database, id, record.waitingFor ?? "");
}

function childOf(home: Home, id: ExecutionId): ExecutionId {
  const [found] = listExecutions(home.database, { parentExecutionId: id }, {
    size: 1,
    token: "",
  }).items;
  assert.ok(found, `${id} has a child`);
  return found.id;
}

function answer(home: Home, id: ExecutionId, path: string): void {
  const receipt = requestAnswer(home.database, id, {
    nowMs: home.host.clock.now(),
    name: answerSignal(path, 1),
    payload: { outcome: "yes" },
    afterSequence: 0,
  });
  assert.notEqual(receipt.kind, "late");
}

Deno.test("what a child asks shows on its parent and on the parent of that, until it is answered", async () => {
  await withHome(async (home) => {
    await using worker = workOn(home, { plans: PLANS });
    const top = newExecution("top");
    await worker.create(top);
    await until(
      home,
      "the question shows at the top",
      () => waitOf(home, top.id).startsWith('answer to "Deploy?" in '),
    );
    const middle = childOf(home, top.id);
    const bottom = childOf(home, middle);
    assert.equal(
      waitOf(home, top.id),
      `answer to "Deploy?" in workflow "bottom" (${bottom}) ` +
        `in workflow "middle" (${middle})`,
    );
    // Who follows the top sees it in its journal.
    const told = readEvents(home.database, top.id).filter((it) =>
      it.type === "EXECUTION_WAITING"
    );
    assert.match(JSON.stringify(told.at(-1)?.data), /answer to .*Deploy/);
    answer(home, bottom, "/do/0/sure");
    await until(
      home,
      "the question is gone",
      () => /timer of "then"/.test(waitOf(home, bottom)),
    );
    assert.doesNotMatch(waitOf(home, top.id), /answer to/);
    assert.match(waitOf(home, top.id), /^timer of "then" in workflow "bottom"/);
  });
});

Deno.test("a parent that was parked before its child asked is told, whoever owns the two", async () => {
  await withHome(async (home) => {
    const stop = new AbortController();
    const id = submit(home, "late");
    await using one = workOn(home, { plans: PLANS });
    await using two = workOn(home, { plans: PLANS });
    const served = [one, two].map((it) => it.serve({ signal: stop.signal }));
    await reaches(home, id, "WAITING");
    const asleep = waitOf(home, id);
    assert.match(asleep, /^(timer of "nap" in workflow|agent) "sleeper"/);
    await until(
      home,
      "the journal of the parent says so",
      () =>
        readEvents(home.database, id).some((it) =>
          it.type === "EXECUTION_WAITING" &&
          /answer to/.test(JSON.stringify(it.data))
        ),
    );
    answer(home, childOf(home, id), "/do/1/sure");
    const { output } = await reaches(home, id);
    assert.deepEqual(output, { outcome: "yes" });
    stop.abort();
    await Promise.all(served);
  });
});

Deno.test("a run that waits for a person holds no memory and no worker", async () => {
  await withHome(async (home) => {
    const id = submit(home, "bottom");
    await using worker = workOn(home, { plans: PLANS });
    await worker.serve({
      untilIdle: true,
      signal: new AbortController().signal,
    });
    assert.equal(getExecution(home.database, id)?.phase, "WAITING");
    assert.equal(home.runs.ownedCount(), 0);
    assert.equal(home.runs.nextDueAtMs(), undefined);
  });
});
