import assert from "node:assert/strict";
import type {
  CollectGarbageResponse,
  Retention,
} from "../../gen/stigmer/backend/v1/operations_pb.ts";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { LocalBackend } from "../../src/backend/local.ts";
import {
  DAY_MS,
  days,
  furnish,
  LARGE,
  laterHost,
  newHome,
  openHere,
  runFlow,
  wrongIn,
} from "./keeping.ts";

/** Things that happen to a database before garbage is collected. */
const STEPS = 24;
/** Times that garbage is collected in one life. */
const ROUNDS = 3;

/** Numbers by chance from a seed (mulberry32). */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Does one thing by chance. */
async function step(
  backend: LocalBackend,
  of: { readonly pick: (below: number) => number; readonly at: number },
): Promise<void> {
  const { client } = backend;
  const { pick, at } = of;
  const text = pick(2) === 0 ? "small" : `${LARGE}${pick(4)}`;
  switch (pick(6)) {
    case 0:
      await runFlow(backend, "parent", { input: { text } });
      return;
    case 1:
      await runFlow(backend, "waiting", {
        input: { text },
        until: Phase.WAITING,
      });
      return;
    case 2: {
      const { workflow } = await client.getWorkflow({ name: "flow" });
      assert.ok(workflow?.spec);
      workflow.spec.description = `at ${at}`;
      await client.updateWorkflow({ workflow });
      return;
    }
    case 3:
      await client.publishEvent({
        cloudEvent: { id: `${at}`, source: "/t", type: "t" },
      });
      return;
    default: {
      const id = await runFlow(backend, "flow", { input: { text } });
      if (pick(2) === 0) return;
      await client.storeArtifact({
        executionId: id,
        name: "a.txt",
        content: new TextEncoder().encode(text),
      });
    }
  }
}

function someRetention(
  pick: (below: number) => number,
): Partial<Pick<Retention, "versions">> & Record<string, unknown> {
  const some = (name: string): Record<string, unknown> =>
    pick(3) === 0 ? {} : { [name]: days(1 + pick(20)) };
  return {
    ...some("executions"),
    ...some("journals"),
    ...some("artifacts"),
    ...some("events"),
    ...some("audit"),
    ...(pick(2) === 0 ? {} : { versions: 1 + pick(4) }),
  };
}

/** All that is told of the executions which have not ended. */
async function liveOnes({ client }: LocalBackend): Promise<unknown> {
  const { executions } = await client.listExecutions({
    page: { size: 1000 },
    phases: [Phase.WAITING, Phase.RUNNING, Phase.PENDING],
  });
  const told = [];
  for (const it of executions) {
    const id = it.metadata?.id ?? "";
    const events = [];
    for await (
      const { event } of client.watchExecution({ id, stopAtEnd: true })
    ) events.push(event?.sequence);
    told.push([await client.getExecution({ id }), events]);
  }
  return told;
}

function countsOf(answer: CollectGarbageResponse): readonly unknown[] {
  const { $typeName: _, $unknown: __, freedBytes: ___, ...counts } = answer;
  return Object.entries(counts);
}

for (const seed of [1, 2, 3]) {
  Deno.test(`garbage by chance, seed ${seed}: what is needed stays`, async () => {
    await using home = newHome();
    const host = laterHost();
    await using backend = openHere(home.path, host);
    const { client } = backend;
    await furnish(backend);
    const pick = chance(seed);
    let at = 0;
    let removed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < STEPS; i++) {
        await step(backend, { pick, at: at++ });
        host.pass(pick(2 * DAY_MS));
      }
      const retention = someRetention(pick);
      const before = await liveOnes(backend);
      const dry = await client.collectGarbage({ retention, dryRun: true });
      const real = await client.collectGarbage({ retention });
      assert.deepEqual(countsOf(real), countsOf(dry));
      removed += real.executionCount + real.journalCount + real.valueCount;
      assert.deepEqual(await liveOnes(backend), before);
      assert.deepEqual(wrongIn(`${home.path}/stigmer.db`), []);
      const again = await client.collectGarbage({ retention });
      assert.deepEqual(
        countsOf(again).filter((it) => Array.isArray(it) && it[1] !== 0),
        [],
      );
    }
    assert.ok(removed > 0);
  });
}
