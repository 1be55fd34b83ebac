import assert from "node:assert/strict";
import { createWorkflowMachine } from "../../src/engine/decide.ts";
import { failureOf } from "../../src/model/failure.ts";
import type { Plan, Task } from "../../src/workflow/tree.ts";
import { base, call, each, fork, list, plan, set, wait } from "./plans.ts";
import { seeded, simulate } from "./simulation.ts";

/** Rounds of the property; the seed of a failing one is printed. */
const ROUNDS = 150;
const SEED = Number(Deno.env.get("STIGMER_SEED") ?? 20260101);

/** Makes a random plan: effects, waits, forks, loops and retries, nested. */
function randomPlan(random: () => number): Plan {
  let count = 0;
  const pick = (n: number): number => Math.floor(random() * n);
  const tasks = (depth: number): Task[] =>
    Array.from({ length: 1 + pick(3) }, () => task(depth));
  const task = (depth: number): Task => {
    const name = `t${count++}`;
    switch (depth <= 0 ? pick(3) : pick(7)) {
      case 0:
        return set(name, { [name]: pick(10) });
      case 1:
        return wait(name, pick(500));
      case 3:
        return fork(name, tasks(depth - 1));
      case 4:
        return each(name, { in: "[1, 2, 3]", tasks: tasks(depth - 1) });
      case 5:
        return list(name, tasks(depth - 1));
      case 6:
        return {
          ...base(name),
          kind: "try",
          tasks: tasks(depth - 1),
          catch: {
            with: {},
            as: "error",
            retry: {
              delay: { kind: "fixed", ms: 20 },
              backoff: "exponential",
              attemptsMax: 3,
            },
            tasks: [set(`${name}caught`, "caught")],
          },
        };
      default:
        return call(name);
    }
  };
  return plan(tasks(3));
}

Deno.test("a run that crashes anywhere, any number of times, ends as one that does not", () => {
  let crashes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const seed = SEED + round;
    const it = randomPlan(seeded(seed));
    const machine = () =>
      createWorkflowMachine(it, { executionId: "wex-test", variables: {} });
    const answer = (effect: { path: string }) =>
      ({ kind: "completed", output: { [effect.path]: 1 } }) as const;
    const calm = simulate(machine, { input: {}, answer });
    const wild = simulate(machine, {
      input: {},
      answer,
      random: seeded(seed + 1),
      crash: 0.2,
    });
    crashes += wild.crashes;
    assert.deepEqual(wild.decision, calm.decision, `STIGMER_SEED=${seed}`);
    const results = (journal: typeof calm.journal) =>
      journal.filter((event) => event.type === "TASK_COMPLETED")
        .map((event) => `${event.path} ${event.attempt}`).sort();
    assert.deepEqual(
      results(wild.journal),
      results(calm.journal),
      `STIGMER_SEED=${seed}`,
    );
  }
  assert.ok(crashes > ROUNDS / 2, `${crashes} crashes`);
});

Deno.test("a run with failing effects ends, crashes or not, and records nothing twice", () => {
  for (let round = 0; round < ROUNDS; round++) {
    const seed = SEED + round;
    const random = seeded(seed);
    const it = randomPlan(random);
    const { decision } = simulate(
      () =>
        createWorkflowMachine(it, { executionId: "wex-test", variables: {} }),
      {
        input: {},
        answer: ({ path, name }) =>
          path.length % 5 === 0
            ? { kind: "failed", failure: failureOf("runtime", name) }
            : { kind: "completed", output: path },
        random,
        crash: 0.2,
      },
    );
    assert.notEqual(decision.kind, "blocked", `STIGMER_SEED=${seed}`);
  }
});

Deno.test("a replay of any part of a journal asks for what was outstanding then", () => {
  for (let round = 0; round < 20; round++) {
    const it = randomPlan(seeded(SEED + round));
    const machine = () =>
      createWorkflowMachine(it, { executionId: "wex-test", variables: {} });
    const { journal } = simulate(machine, {
      input: {},
      answer: (effect) => ({ kind: "completed", output: effect.path }),
    });
    for (let length = 2; length <= journal.length; length++) {
      const replayed = machine();
      for (const event of journal.slice(0, length)) replayed.apply(event);
      const decision = replayed.decide();
      if (decision.kind !== "blocked") continue;
      const done = new Set(
        journal.slice(0, length).filter((event) =>
          /^(TASK_COMPLETED|TIMER_FIRED)$/.test(event.type)
        ).map((event) => event.path),
      );
      for (const command of decision.commands) {
        assert.notEqual(command.kind, "cancel");
        if (command.kind === "record") continue;
        assert.ok(!done.has(command.path), `${command.path} again`);
      }
    }
  }
});
