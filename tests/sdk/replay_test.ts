import assert from "node:assert/strict";
import { StepError, t, valueOf, workflow } from "../../src/sdk/mod.ts";
import { until } from "../until.ts";
import { failureOf, openHome, resumedBy, untilStands } from "./home.ts";

Deno.test("a program that asks for something else is told that it changed", async () => {
  await using home = await openHome();
  const flow = (step: string) =>
    workflow("changing").task("run", async (ctx) => {
      const value = await ctx.step(step, () => step);
      await ctx.signal("go");
      return value;
    });
  const failed = await failureOf(
    resumedBy(home, [flow("one"), flow("two")]),
  );
  assert.match(
    failed.message,
    /^The workflow "changing" changed: the journal has step "one" at "\/do\/0\/run\/step\/one"/,
  );
  assert.match(failed.type, /configuration$/);
});

Deno.test("a program that asks for another kind is told that it changed", async () => {
  await using home = await openHome();
  const [before, after] = [true, false].map((isStep) =>
    workflow("kinds").task("run", async (ctx) => {
      if (isStep) await ctx.step("sleep", () => 1);
      else await ctx.sleep("1h");
      await ctx.signal("go");
    })
  );
  assert.ok(before !== undefined && after !== undefined);
  const failed = await failureOf(resumedBy(home, [before, after]));
  assert.match(failed.message, /has step "sleep" at/);
});

Deno.test("a task that has ended may be written anew", async () => {
  await using home = await openHome();
  const flow = (step: string) =>
    workflow("tasks")
      .task("first", (ctx) => ctx.step(step, () => step))
      .task("second", async (ctx, input) => {
        await ctx.signal("go");
        return input;
      });
  const output = await resumedBy(home, [flow("one"), flow("two")]);
  assert.equal(output, "one");
});

Deno.test("a replay takes the way that the journal tells, whatever was faster", async () => {
  await using home = await openHome();
  const order: string[][] = [];
  const flow = (slowMs: Readonly<Record<string, number>>) =>
    workflow("order").task("run", async (ctx) => {
      const seen: string[] = [];
      order.push(seen);
      await ctx.all(["a", "b", "c"].map(async (name) => {
        await ctx.step(
          name,
          () => new Promise((done) => setTimeout(done, slowMs[name])),
        );
        seen.push(name);
        await ctx.step(`${name} after ${seen.length}`, () => 1);
      }));
      await ctx.signal("go");
      return seen;
    });
  const output = await resumedBy(home, [
    flow({ a: 30, b: 15, c: 1 }),
    flow({ a: 1, b: 1, c: 1 }),
  ]);
  assert.deepEqual(output, ["c", "b", "a"]);
  assert.deepEqual(order, [["c", "b", "a"], ["c", "b", "a"]]);
});

Deno.test("a signal that was passed over is passed over in a replay, too", async () => {
  await using home = await openHome();
  const { client } = home.backend;
  const flow = workflow("picky").task(
    "run",
    async (ctx) => [
      await ctx.signal("go", { schema: t.number(), timeout: "1h" }),
      await ctx.signal("go", { schema: t.number() }),
    ],
  );
  const first = home.open();
  const running = flow.execute({}, { backend: first, id: "x" })
    .catch(() => undefined);
  const id = await untilStands(home.backend, (it) => it.waitingFor !== "");
  await client.signalExecution({ id, name: "go", payload: valueOf("a") });
  const notes = () =>
    home.journal(id).filter(({ type }) => type === "TASK_RETRYING").length;
  await until(() => notes() === 1 || undefined);
  await first.close();
  await running;
  const again = flow.execute({}, { backend: home.backend, id: "x" });
  for (const n of [1, 2]) {
    await client.signalExecution({ id, name: "go", payload: valueOf(n) });
  }
  assert.deepEqual(await again, [1, 2]);
  assert.equal(notes(), 1);
});

Deno.test("two steps that changed places are told, and neither is done", async () => {
  await using home = await openHome();
  const done: string[] = [];
  const flow = (...names: readonly string[]) =>
    workflow("swapped").task("run", async (ctx) => {
      for (const name of names) await ctx.step(name, () => done.push(name));
      await ctx.signal("go");
    });
  const failed = await failureOf(
    resumedBy(home, [flow("one", "two"), flow("two", "one")]),
  );
  assert.equal(
    failed.message,
    'The workflow "swapped" changed: the journal has step "one" at ' +
      '"/do/0/run/step/one", where the program asks for step "two"; run it ' +
      "with the program that began it and retry, or give what changed a new " +
      "name",
  );
  assert.deepEqual(done, ["one", "two"]);
});

Deno.test("a step that was put in is not begun when it does not fit", async () => {
  await using home = await openHome();
  const done: string[] = [];
  const flow = (...names: readonly string[]) =>
    workflow("longer").task("run", async (ctx) => {
      for (const name of names) await ctx.step(name, () => done.push(name));
      await ctx.signal("go");
    });
  const failed = await failureOf(
    resumedBy(home, [flow("one"), flow("new", "one")]),
  );
  assert.match(failed.message, /has step "one".*asks for step "new"/);
  assert.deepEqual(done, ["one"]);
  const paths = home.journal(failed.executionId).map(({ path }) => path);
  assert.ok(!paths.includes("/do/0/run/step/new"), `${paths}`);
});

/** A step that fails some times, under a policy of so many tries. */
function flaky(attempts: number, fails: number) {
  return workflow("flaky").task("run", async (ctx) => {
    const said = await ctx.step("try", ({ attempt }) => {
      if (attempt <= fails) throw new Error(`no ${attempt}`);
      return `yes ${attempt}`;
    }, { retry: { attempts, delay: "1ms" } }).catch((error) => {
      assert.ok(error instanceof StepError);
      return error.message;
    });
    const after = await ctx.step(`after ${said}`, () => "done");
    await ctx.signal("go");
    return [said, after];
  });
}

Deno.test("tries that were made count, whatever the program says now", async () => {
  await using home = await openHome();
  const output = await resumedBy(home, [flaky(5, 2), flaky(1, 0)]);
  assert.deepEqual(output, ["yes 3", "done"]);
});

Deno.test("a step that failed for good has failed, whatever the program says now", async () => {
  await using home = await openHome();
  const output = await resumedBy(home, [flaky(1, 9), flaky(5, 0)]);
  assert.deepEqual(output, ["no 1", "done"]);
});

Deno.test("two at once that failed for good are given in their order", async () => {
  await using home = await openHome();
  const flow = (attempts: number) =>
    workflow("both").task("run", async (ctx) => {
      const order: string[] = [];
      const one = async (name: string) => {
        const how = { retry: { attempts, delay: "1ms" } } as const;
        await ctx.step(name, () => {
          throw new Error(name);
        }, how).catch(() => order.push(name));
        await ctx.step("next", () => name);
      };
      await ctx.all([one("left"), one("right")]);
      await ctx.signal("go");
      return order;
    });
  const output = await resumedBy(home, [flow(1), flow(4)]);
  assert.deepEqual(output, ["left", "right"]);
});

Deno.test("nothing is asked for within a step", async () => {
  await using home = await openHome();
  const { backend } = home;
  const nested = workflow("nested").task(
    "run",
    (ctx) =>
      ctx.step("outer", async () => {
        await Promise.resolve();
        return 1 + await ctx.step("inner", () => 5);
      }),
  );
  const failed = await failureOf(nested.execute({}, { backend }));
  assert.match(
    failed.message,
    /^Cannot ask for step "inner" within step "outer"/,
  );
});

Deno.test("another workflow may be executed within a step", async () => {
  await using home = await openHome();
  const { backend } = home;
  const inner = workflow("inner")
    .task("run", (ctx) => ctx.step("five", () => 5));
  const outer = workflow("outer").task(
    "run",
    (ctx) => ctx.step("whole", () => inner.execute({}, { backend })),
  );
  assert.equal(await outer.execute({}, { backend }), 5);
});

Deno.test("what a function does to what it was given is not in the journal", async () => {
  await using home = await openHome();
  const { backend } = home;
  interface Row {
    n: number;
  }
  const seen: string[] = [];
  const flow = () =>
    workflow("changes")
      .task("first", async (ctx, input: { rows: Row[] }) => {
        input.rows.push({ n: 0 });
        const made = await ctx.step("make", () => [{ n: 1 }]);
        made.push({ n: 2 });
        const again = await ctx.step("again", () => made);
        again[0] = { n: 9 };
        return { made, again };
      })
      .task("second", async (ctx, given) => {
        given.made.length = 0;
        const told = await ctx.signal<{ by: string[] }>("go");
        told.by.push("me");
        await ctx.step("last", () => 1);
        seen.push(JSON.stringify([given, told]));
        await ctx.signal("end");
        return [given, told];
      });
  const first = home.open();
  const input = { rows: [{ n: 7 }] };
  const running = flow().execute(input, { backend: first, id: "x" })
    .catch(() => undefined);
  const stands = (name: string) => (it: { waitingFor: string }) =>
    it.waitingFor === `signal "${name}"`;
  const id = await untilStands(backend, stands("go"));
  const payload = valueOf({ by: ["Ada"] });
  await backend.client.signalExecution({ id, name: "go", payload });
  await untilStands(backend, stands("end"));
  await first.close();
  await running;
  await backend.client.signalExecution({ id, name: "end" });
  const output = await flow().execute(input, { backend, id: "x" });
  const told = JSON.stringify([
    { made: [], again: [{ n: 9 }, { n: 2 }] },
    { by: ["Ada", "me"] },
  ]);
  assert.deepEqual(seen, [told, told]);
  assert.equal(JSON.stringify(output), told);
  const data = new Map(
    home.journal(id).filter(({ type }) => type !== "TASK_STARTED")
      .map((it) => [it.path, JSON.stringify(it.data)]),
  );
  assert.equal(data.get("/do/0/first/step/make"), '[{"n":1}]');
  assert.equal(data.get("/do/0/first/step/again"), '[{"n":1},{"n":2}]');
  assert.equal(
    data.get("/do/0/first"),
    '{"made":[{"n":1},{"n":2}],"again":[{"n":9},{"n":2}]}',
  );
});

Deno.test("what a task leaves behind is given up when it ends", async () => {
  await using home = await openHome();
  const { backend } = home;
  let aborted = false;
  const flow = workflow("leaves")
    .task("first", async (ctx) => {
      const begun = Promise.withResolvers<void>();
      void ctx.step("left", ({ signal }) => {
        begun.resolve();
        return new Promise<string>((resolve) =>
          signal.addEventListener("abort", () => {
            aborted = true;
            resolve("aborted");
          })
        );
      });
      await begun.promise;
      return await ctx.step("done", () => 1);
    })
    .task("second", (ctx, n) => ctx.step("after", () => n + 1));
  const { id, output } = await flow.run({}, { backend });
  assert.equal(output, 2);
  assert.ok(aborted);
  const left = home.journal(id).filter(({ name }) => name === "left");
  assert.deepEqual(left.map(({ type }) => type), [
    "TASK_STARTED",
    "TASK_CANCELLED",
  ]);
});

Deno.test("an execution that failed says so by its name", async () => {
  await using home = await openHome();
  const bad = workflow("bad").task("run", () => {
    throw new Error("No");
  });
  const failed = await failureOf(bad.execute({}, { backend: home.backend }));
  assert.equal(`${failed}`, "ExecutionError: No");
  const { executionId, cause, stack } = failed;
  assert.ok(cause instanceof Error);
  assert.ok(
    cause.message.includes(`stigmer execution get ${executionId}, `),
    cause.message,
  );
  // It begins where it was called, and not within the SDK.
  assert.doesNotMatch(stack ?? "", /src\/sdk/);
  assert.match(stack ?? "", /replay_test\.ts/);
});

Deno.test("a failure that is met late ends nothing but its wait", async () => {
  await using home = await openHome();
  const { backend } = home;
  let tries = 0;
  const late = workflow("late").task("run", async (ctx) => {
    const helper = async (): Promise<string> => {
      const said = await ctx.step("bad", (): string => {
        tries++;
        throw new Error("No");
      });
      return `said ${said}`;
    };
    const wrapped = async (): Promise<string> => {
      try {
        return await helper();
      } catch (cause) {
        throw new Error("wrapped", { cause });
      }
    };
    const met = [helper(), wrapped(), ctx.step("", () => 1).then(String)];
    await ctx.sleep("50ms");
    return await Promise.all(
      met.map((it) => it.catch((error: Error) => error.message)),
    );
  });
  const good = workflow("good").task("run", (ctx) => ctx.sleep("80ms"));
  const goes = good.execute({}, { backend });
  await assert.rejects(
    late.execute({}, { backend }),
    /Cannot ask for a step without a name/,
  );
  await goes;
  const named = workflow("named").task("run", async (ctx) => {
    const helper = async () =>
      await ctx.step("bad", () => {
        tries++;
        throw new Error("No");
      });
    const one = helper();
    const two = (async () => await ctx.step("", () => 1))();
    await ctx.sleep("50ms");
    return await Promise.all(
      [one, two].map((it) => it.catch((error: Error) => error.message)),
    );
  });
  tries = 0;
  assert.deepEqual(await named.execute({}, { backend }), [
    "No",
    "Cannot ask for a step without a name",
  ]);
  assert.equal(tries, 1);
});
