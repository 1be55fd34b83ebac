import assert from "node:assert/strict";
import {
  type DurableContext,
  jsonOf,
  serve,
  StepError,
  StigmerError,
  t,
  TerminalError,
  valueOf,
  workflow,
} from "../../src/sdk/mod.ts";
import { until } from "../until.ts";
import { failureOf, openHome, untilStands } from "./home.ts";

Deno.test("a durable function gives what its last task gives", async () => {
  await using home = await openHome();
  const sum = workflow("sum")
    .task("double", (_, input: { ns: number[] }) => input.ns.map((n) => n * 2))
    .task("add", (_, ns) => ({ total: ns.reduce((a, b) => a + b, 0) }));
  const { backend } = home;
  const { output, id } = await sum.run({ ns: [1, 2] }, { backend });
  assert.deepEqual(output, { total: 6 });
  const { execution } = await backend.client.getExecution({ id });
  assert.deepEqual(
    execution?.status?.tasks.map((it) => [it.name, it.kind]),
    [["double", "call typescript"], ["add", "call typescript"]],
  );
  const { workflow: stored } = await backend.client.getWorkflow({
    name: "sum",
  });
  assert.equal(stored?.spec?.do.length, 2);
});

Deno.test("a durable function takes no longer than it says", async () => {
  await using home = await openHome();
  const slow = workflow("slow", { timeout: "50ms" }).task(
    "run",
    async (ctx) => {
      await ctx.sleep("1h");
    },
  );
  const failed = await failureOf(slow.execute({}, { backend: home.backend }));
  assert.equal(failed.status, 408);
  assert.equal(failed.message, "The execution took longer than 0.05 s");
});

Deno.test("a second call with an id gives the first one's output", async () => {
  await using home = await openHome();
  let runs = 0;
  const once = workflow("once")
    .task("run", (ctx) => ctx.step("count", () => ++runs));
  const options = { backend: home.backend, id: "order-1" };
  assert.equal(await once.execute({}, options), 1);
  assert.equal(await once.execute({}, options), 1);
  assert.equal(await once.execute({}, { ...options, id: "order-2" }), 2);
});

Deno.test("a step that fails is tried again, and no longer than it may", async () => {
  await using home = await openHome();
  const { backend } = home;
  const tries: number[] = [];
  const keys = new Set<string>();
  const flaky = workflow("flaky").task(
    "run",
    (ctx, input: { fails: number }) =>
      ctx.step("try", ({ attempt, idempotencyKey }) => {
        tries.push(attempt);
        keys.add(idempotencyKey);
        if (attempt <= input.fails) throw new RangeError(`no ${attempt}`);
        return attempt;
      }, { retry: { attempts: 3, delay: "1ms" } }),
  );
  assert.equal(await flaky.execute({ fails: 2 }, { backend }), 3);
  assert.deepEqual(tries.splice(0), [1, 2, 3]);
  assert.equal(keys.size, 1);
  const failed = await failureOf(flaky.execute({ fails: 9 }, { backend }));
  assert.deepEqual(tries, [1, 2, 3]);
  assert.equal(failed.message, "RangeError: no 3");
  assert.equal(failed.phase, "FAILED");
});

Deno.test("a terminal error is not tried again, and can be caught", async () => {
  await using home = await openHome();
  let tries = 0;
  const pay = workflow("pay").task("run", async (ctx) => {
    try {
      return await ctx.step("charge", () => {
        tries++;
        throw new TerminalError("No funds");
      }, { retry: 5 });
    } catch (error) {
      assert.ok(error instanceof StepError);
      return `caught ${error.message}`;
    }
  });
  assert.equal(
    await pay.execute({}, { backend: home.backend }),
    "caught No funds",
  );
  assert.equal(tries, 1);
});

Deno.test("a step that takes too long fails by its timeout", async () => {
  await using home = await openHome();
  let aborted = false;
  const slow = workflow("slow").task(
    "run",
    (ctx) =>
      ctx.step(
        "hang",
        ({ signal }) =>
          new Promise<never>((_, reject) =>
            signal.addEventListener("abort", () => {
              aborted = true;
              reject(signal.reason);
            })
          ),
        { timeout: "20ms" },
      ),
  );
  const failed = await failureOf(slow.execute({}, { backend: home.backend }));
  assert.equal(failed.status, 408);
  assert.ok(aborted);
});

Deno.test("signals are taken in order, each once, also early ones", async () => {
  await using home = await openHome();
  const { backend } = home;
  const { client } = backend;
  const gather = workflow("gather").task("run", async (ctx) => {
    const first = await ctx.signal("item", { schema: t.number() });
    await ctx.sleep("20ms");
    const [second, third] = await ctx.all([
      ctx.signal<number>("item"),
      ctx.signal<number>("item"),
    ]);
    const none = await ctx.signal("never", { timeout: "10ms" });
    return { sum: [first, second, third], late: none === undefined };
  });
  const running = gather.execute({}, { backend });
  const id = await untilStands(
    backend,
    (it) => it.waitingFor === 'signal "item"',
  );
  for (const n of [1, 2, 3]) {
    await client.signalExecution({ id, name: "item", payload: valueOf(n) });
  }
  assert.deepEqual(await running, { sum: [1, 2, 3], late: true });
});

Deno.test("a signal that does not fit its schema is passed over", async () => {
  await using home = await openHome();
  const { backend } = home;
  const { client } = backend;
  const schema = t.object({ by: t.string() });
  const wait = workflow("wait").task("run", async (ctx) => {
    const first = await ctx.signal("go", { schema, timeout: "60s" });
    await ctx.sleep("10ms");
    // Passed over, it is still there for who takes it as it is.
    const second = await ctx.signal("go");
    return [first, second];
  });
  const running = wait.execute({}, { backend });
  const id = await untilStands(backend, (it) => it.waitingFor !== "");
  const send = (payload: { by: string | number }) =>
    client.signalExecution({ id, name: "go", payload: valueOf(payload) });
  await send({ by: 1 });
  const note = await until(() =>
    home.journal(id).find(({ type }) => type === "TASK_RETRYING")
  );
  assert.equal(note.path, "/do/0/run/signal/go");
  assert.match(
    JSON.stringify(note.data),
    /Signal \\"go\\" was passed over: it does not fit its schema, at \/by/,
  );
  await until(async () => {
    const { execution } = await client.getExecution({ id });
    return execution?.status?.waitingFor === 'signal "go"' || undefined;
  });
  await send({ by: "Ada" });
  assert.deepEqual(await running, [{ by: "Ada" }, { by: 1 }]);
});

Deno.test("a signal that fits a later one of two waits goes to that", async () => {
  await using home = await openHome();
  const { backend } = home;
  const both = workflow("both").task("run", (ctx) =>
    ctx.all([
      ctx.signal("go", { schema: t.number() }),
      ctx.signal("go", { schema: t.string() }),
    ]));
  const running = both.execute({}, { backend });
  const id = await untilStands(backend, (it) => it.waitingFor !== "");
  for (const it of ["a", 1]) {
    const payload = valueOf(it);
    await backend.client.signalExecution({ id, name: "go", payload });
  }
  assert.deepEqual(await running, [1, "a"]);
});

Deno.test("a cancelled execution aborts its steps within a second", async () => {
  await using home = await openHome();
  const { backend } = home;
  const begun = Promise.withResolvers<string>();
  let abortedAfterMs = Infinity;
  let cancelledAtMs = 0;
  const hang = workflow("hang").task(
    "run",
    (ctx) =>
      ctx.step("hang", ({ signal }) => {
        begun.resolve(ctx.executionId);
        return new Promise<never>((_, reject) =>
          signal.addEventListener("abort", () => {
            abortedAfterMs = performance.now() - cancelledAtMs;
            reject(signal.reason);
          })
        );
      }),
  );
  const running = failureOf(hang.execute({}, { backend }));
  const id = await begun.promise;
  cancelledAtMs = performance.now();
  await backend.client.cancelExecution({ id, reason: "enough" });
  const failed = await running;
  assert.equal(failed.phase, "CANCELLED");
  assert.equal(failed.message, "Cancelled: enough");
  assert.ok(abortedAfterMs < 1000, `${abortedAfterMs} ms`);
});

Deno.test("the loser of a race is withdrawn", async () => {
  await using home = await openHome();
  const { backend } = home;
  let aborted = false;
  const race = workflow("race").task("run", async (ctx) => {
    const won = await ctx.race([
      ctx.sleep("10ms").then(() => "slept"),
      ctx.step(
        "hang",
        ({ signal }) =>
          new Promise<string>((resolve) =>
            signal.addEventListener("abort", () => {
              aborted = true;
              resolve("aborted");
            })
          ),
      ),
    ]);
    await ctx.step("next", () => 1);
    return won;
  });
  const { id, output } = await race.run({}, { backend });
  assert.equal(output, "slept");
  assert.ok(aborted);
  const hang = home.journal(id).filter((it) => it.name === "hang");
  assert.deepEqual(hang.map((it) => it.type), [
    "TASK_STARTED",
    "TASK_CANCELLED",
  ]);
});

Deno.test("a secret is in no journal, no output and no file of the database", async () => {
  await using home = await openHome();
  const { backend } = home;
  const secret = "s3cr3t-Value-0815";
  let seen = "";
  const use = workflow("use", { secrets: ["API_TOKEN"] })
    .task("run", async (ctx) => {
      const token = await ctx.secret("API_TOKEN");
      await ctx.step("call", () => {
        seen = token;
        return { echoed: `Bearer ${token}` };
      });
      await ctx.step("fail", () => {
        throw new Error(`Refused ${token}`);
      }).catch(() => undefined);
      return { got: token, length: token.length };
    });
  const secrets = { API_TOKEN: secret };
  const { id, output } = await use.run({}, { backend, secrets });
  assert.equal(seen, secret);
  assert.deepEqual(output, { got: "***", length: secret.length });
  assert.ok(JSON.stringify(home.journal(id)).includes("Bearer ***"));
  await backend.close();
  for (const { name, isFile } of Deno.readDirSync(home.path)) {
    if (!isFile) continue;
    const bytes = Deno.readFileSync(`${home.path}/${name}`);
    assert.ok(!new TextDecoder("latin1").decode(bytes).includes(secret), name);
  }
});

Deno.test("a secret that is not named cannot be opened, nor handed on", async () => {
  await using home = await openHome();
  const { backend } = home;
  const other = workflow("other", { secrets: ["A"] })
    .task("run", (ctx) => ctx.secret("B"));
  const secrets = { A: "some-secret-text" };
  const failed = await failureOf(other.execute({}, { backend, secrets }));
  assert.match(failed.message, /^Cannot open secret "B"/);
  const hand = workflow("hand", { secrets: ["A"] }).task(
    "run",
    async (ctx) => ctx.agent("any", `Use ${await ctx.secret("A")}`),
  );
  const refused = await failureOf(hand.execute({}, { backend, secrets }));
  assert.match(refused.message, /^Cannot hand a secret to agent "any"/);
});

Deno.test("a secret names nothing that is written down", async () => {
  await using home = await openHome();
  const { backend } = home;
  const secret = "s3cr3t-Value-0815";
  const asks = {
    step: (ctx, token) => ctx.step(`call ${token}`, () => 1),
    signal: (ctx, token) => ctx.signal(token, { timeout: "1ms" }),
    agent: (ctx, token) => ctx.agent(token, "Hi"),
    workflow: (ctx, token) => ctx.workflow(token, {}),
    session: (ctx, token) => ctx.agent("a", "Hi", { session: token }),
    model: (ctx, token) => ctx.agent("a", "Hi", { model: token }),
  } satisfies Record<
    string,
    (ctx: DurableContext, token: string) => Promise<unknown>
  >;
  for (const [name, ask] of Object.entries(asks)) {
    const flow = workflow(`names ${name}`, { secrets: ["TOKEN"] })
      .task("run", async (ctx) => {
        await ask(ctx, await ctx.secret("TOKEN"));
      });
    const secrets = { TOKEN: secret };
    const failed = await failureOf(flow.execute({}, { backend, secrets }));
    assert.match(failed.message, /^Cannot (name a|hand a secret to)/, name);
    const told = JSON.stringify(home.journal(failed.executionId));
    assert.ok(!told.includes(secret), told);
  }
});

Deno.test("two backends that execute one id at once do each step once", async () => {
  await using home = await openHome();
  const done: string[] = [];
  const shared = workflow("shared").task("run", async (ctx) => {
    await ctx.step("first", () => done.push("first"));
    await ctx.sleep("30ms");
    return await ctx.step("second", () => done.push("second"));
  });
  const outputs = await Promise.all(
    [home.open(), home.open()].map((backend) =>
      shared.execute({}, { backend, id: "same" })
    ),
  );
  assert.deepEqual(done, ["first", "second"]);
  assert.deepEqual(outputs, [2, 2]);
});

Deno.test("names of all sorts are told apart", async () => {
  await using home = await openHome();
  const names = ["a", "a", "a#2", "a/b", "a~1b", "ä ö", "#", "a#2"];
  const odd = workflow("odd-names").task("run", async (ctx) => {
    const given: string[] = [];
    for (const [i, name] of names.entries()) {
      given.push(await ctx.step(name, () => `${i}`));
    }
    return given;
  });
  const { output, id } = await odd.run({}, { backend: home.backend });
  assert.deepEqual(output, names.map((_, i) => `${i}`));
  const { execution } = await home.backend.client.getExecution({ id });
  assert.deepEqual(
    execution?.status?.tasks.slice(1).map((it) => it.name),
    names,
  );
});

Deno.test("what waits for something else is waited for", async () => {
  await using home = await openHome();
  const later = (ms: number) =>
    new Promise<void>((done) => void setTimeout(done, ms));
  const foreign = workflow("foreign").task("run", async (ctx) => {
    await later(20);
    const first = await ctx.step("first", () => 1);
    // Nobody tells the engine of this one while the other one is slept.
    const beside = later(30).then(() => ctx.step("beside", () => 2));
    await ctx.sleep("100ms");
    await later(20);
    return [first, await beside, await ctx.step("last", () => 3)];
  });
  assert.deepEqual(
    await foreign.execute({}, { backend: home.backend }),
    [1, 2, 3],
  );
});

Deno.test("an execution that is held does nothing until it is resumed", async () => {
  await using home = await openHome();
  const { backend } = home;
  let done = 0;
  const held = workflow("held").task("run", async (ctx) => {
    await ctx.sleep("60ms");
    return await ctx.step("after", () => ++done);
  });
  const running = held.execute({}, { backend });
  const id = await untilStands(backend, () => true);
  await backend.client.pauseExecution({ id });
  await until(() =>
    home.journal(id).some(({ type }) => type === "EXECUTION_PAUSED")
  );
  await new Promise((resolve) => setTimeout(resolve, 120));
  assert.equal(done, 0);
  await backend.client.resumeExecution({ id });
  assert.equal(await running, 1);
});

Deno.test("an agent and a workflow are children of a function", async () => {
  await using home = await openHome();
  const { backend } = home;
  const inner = workflow("inner").task(
    "half",
    (_, input: { n: number }) => input.n / 2,
  );
  const outer = workflow("outer").task("run", async (ctx) => {
    const four = await ctx.workflow("inner", { n: 8 }, { schema: t.number() });
    const none = await ctx.agent("nobody", "Hi").catch((error) => {
      assert.ok(error instanceof StepError);
      return error.message;
    });
    return [four, none];
  });
  const stop = new AbortController();
  const serving = serve([inner], { backend: home.open(), signal: stop.signal });
  await until(async () => {
    const { workflows } = await backend.client.listWorkflows({});
    return workflows.length > 0;
  });
  const [four, none] = await outer.execute({}, { backend });
  assert.equal(four, 4);
  assert.match(`${none}`, /agent "nobody"/);
  stop.abort();
  await serving;
});

Deno.test("one that ends takes nothing from another one of its workflow", async () => {
  await using home = await openHome();
  const { backend } = home;
  const nap = workflow("nap").task(
    "run",
    async (ctx, input: { ms: number }) => {
      await ctx.sleep(`${input.ms}ms`);
      return await ctx.step("done", () => input.ms);
    },
  );
  const long = nap.execute({ ms: 400 }, { backend });
  assert.equal(await nap.execute({ ms: 1 }, { backend }), 1);
  assert.equal(await long, 400);
});

Deno.test("nobody but its program takes an execution; what serves it does", async () => {
  await using home = await openHome();
  const { backend } = home;
  const { client } = backend;
  const greet = workflow("greet").task(
    "say",
    (_, input: { name: string }) => `Hello ${input.name}`,
  );
  // Registers it, and ends: nobody serves it then.
  await greet.execute({ name: "one" }, { backend });
  const { execution } = await client.createExecution({
    kind: "Workflow",
    name: "greet",
    input: valueOf({ name: "Ada" }),
  });
  const id = execution?.metadata?.id ?? "";
  await home.open().work({
    untilIdle: true,
    signal: new AbortController().signal,
  });
  const left = await client.getExecution({ id });
  assert.equal(
    left.execution?.status?.waitingFor,
    'the TypeScript program that serves "greet"',
  );
  const stop = new AbortController();
  const serving = serve([greet], {
    backend: home.open(),
    signal: stop.signal,
  });
  const output = await until(async () => {
    const { execution } = await client.getExecution({ id });
    return jsonOf(execution?.status?.output);
  });
  assert.equal(output, "Hello Ada");
  stop.abort();
  await serving;
});

Deno.test("a failed execution is retried with what it recorded", async () => {
  await using home = await openHome();
  const { backend } = home;
  let broken = true;
  const done: string[] = [];
  const flow = workflow("mended").task("run", async (ctx) => {
    const first = await ctx.step("first", () => done.push("first"));
    const second = await ctx.step("second", () => {
      if (broken) throw new Error("broken");
      return done.push("second");
    });
    return [first, second];
  });
  const { executionId } = await failureOf(flow.execute({}, { backend }));
  broken = false;
  const stop = new AbortController();
  const serving = serve([flow], { backend: home.open(), signal: stop.signal });
  const { execution, reusedCount } = await backend.client.retryExecution({
    id: executionId,
  });
  assert.equal(reusedCount, 1);
  const id = execution?.metadata?.id ?? "";
  const output = await until(async () => {
    const { execution } = await backend.client.getExecution({ id });
    return jsonOf(execution?.status?.output);
  });
  assert.deepEqual(output, [1, 2]);
  assert.deepEqual(done, ["first", "second"]);
  stop.abort();
  await serving;
});

Deno.test("a run that ended by a signal that did not fit is retried past it", async () => {
  await using home = await openHome();
  const { backend } = home;
  const { client } = backend;
  let isStrict = true;
  const flow = workflow("strict").task("run", async (ctx) => {
    if (!isStrict) return await ctx.signal("go", { schema: t.number() });
    const carried = await ctx.signal("go");
    if (typeof carried !== "number") throw new Error("It does not fit");
    return carried;
  });
  const failing = failureOf(flow.execute({}, { backend }));
  const first = await untilStands(backend, (it) => it.waitingFor !== "");
  await client.signalExecution({
    id: first,
    name: "go",
    payload: valueOf("a"),
  });
  await failing;
  isStrict = false;
  const stop = new AbortController();
  const serving = serve([flow], { backend: home.open(), signal: stop.signal });
  const { execution } = await client.retryExecution({ id: first });
  const id = execution?.metadata?.id ?? "";
  await until(async () => {
    const { execution } = await client.getExecution({ id });
    return execution?.status?.waitingFor === 'signal "go"' || undefined;
  });
  await client.signalExecution({ id, name: "go", payload: valueOf(7) });
  const output = await until(async () => {
    const { execution } = await client.getExecution({ id });
    return jsonOf(execution?.status?.output);
  });
  assert.equal(output, 7);
  stop.abort();
  await serving;
});

Deno.test("an input that does not fit is refused, by name", async () => {
  await using home = await openHome();
  const typed = workflow("typed", { input: t.object({ n: t.number() }) })
    .task("run", (_, { n }) => n);
  const wrong = { n: "1" } as unknown as { n: number };
  const failed = await failureOf(
    typed.execute(wrong, { backend: home.backend }),
  );
  assert.match(failed.message, /does not fit its schema: at \/n/);
});

Deno.test("what JSON cannot hold is refused, by its place", async () => {
  await using home = await openHome();
  const odd = workflow("odd").task(
    "run",
    (ctx) => ctx.step("make", () => ({ rows: [{ n: NaN }] })),
  );
  const failed = await failureOf(odd.execute({}, { backend: home.backend }));
  assert.equal(
    failed.message,
    'Cannot record what step "make" gives: NaN is not JSON at /rows/0/n',
  );
});

Deno.test("what is not JSON is told by whose it is, and not tried again", async () => {
  await using home = await openHome();
  const { backend } = home;
  let tries = 0;
  const step = workflow("step").task(
    "run",
    (ctx) => ctx.step("get", () => (tries++, new Response("x")), { retry: 3 }),
  );
  assert.equal(
    (await failureOf(step.execute({}, { backend }))).message,
    'Cannot record what step "get" gives: an instance of Response is not JSON',
  );
  assert.equal(tries, 1);
  const task = workflow("task").task("run", () => ({ at: [1n] }));
  assert.equal(
    (await failureOf(task.execute({}, { backend }))).message,
    'Cannot record what task "run" gives: a bigint is not JSON at /at/0',
  );
  const child = workflow("child").task(
    "run",
    (ctx) => ctx.workflow("other", { m: new Map() }),
  );
  assert.match(
    (await failureOf(child.execute({}, { backend }))).message,
    /^Cannot hand an input to workflow "other": an instance of Map is not JSON at \/m/,
  );
  await assert.rejects(
    workflow("input").task("run", (_, input: unknown) => input)
      .execute({ n: 1n }, { backend }),
    /^StigmerError: Cannot execute workflow "input": its input is none, a bigint/,
  );
});

Deno.test("what cannot be asked for is told to who asks, before anything is done", async () => {
  await using home = await openHome();
  const { backend } = home;
  let done = 0;
  const effect = () => ++done;
  const no = undefined as unknown as string;
  const asks: Readonly<
    Record<string, (ctx: DurableContext) => Promise<unknown>>
  > = {
    "as a length of time": (ctx) => ctx.sleep({ seconds: NaN }),
    "as a length of time ": (ctx) =>
      ctx.signal("r", { timeout: { seconds: -1 } }),
    " as a length of time": (ctx) =>
      ctx.step("s", effect, { timeout: { seconds: Infinity } }),
    'read "x"': (ctx) =>
      ctx.step("s", effect, {
        retry: { attempts: 2, delay: "x" as unknown as "1s" },
      }),
    'grow by "weird"': (ctx) =>
      ctx.step("s", effect, {
        retry: { attempts: 2, backoff: "weird" as unknown as "linear" },
      }),
    "a step without a name": (ctx) => ctx.step(no, effect),
    "none is NUL": (ctx) => ctx.step("a\0b", effect),
    "up to 1000 letters": (ctx) => ctx.step("x".repeat(1001), effect),
  };
  const odd = workflow("odd").task("run", async (ctx) => {
    const told: string[] = [];
    for (const ask of Object.values(asks)) {
      await (async () => await ask(ctx))()
        .catch((error: Error) => told.push(error.message));
    }
    return told;
  });
  const told = await odd.execute({}, { backend });
  Object.keys(asks).forEach((reason, i) =>
    assert.ok(told[i]?.includes(reason.trim()), `${reason}: ${told[i]}`)
  );
  assert.equal(told.length, Object.keys(asks).length);
  assert.equal(done, 0);
});

Deno.test("what cannot be executed is told by an error with its code", async () => {
  await using home = await openHome();
  const { backend } = home;
  const flow = workflow("f").task("run", () => 1);
  const environments = ["nowhere"];
  await assert.rejects(
    flow.execute({}, { backend, environments }),
    (error: Error) =>
      error instanceof StigmerError && error.code === "NOT_FOUND",
  );
  const needy = workflow("needy", { secrets: ["TOKEN"] }).task("run", () => 1);
  await assert.rejects(
    needy.execute({}, { backend }),
    (error: Error) =>
      error instanceof StigmerError && /TOKEN/.test(error.hints.join()),
  );
  const reason = new Error("Enough");
  await assert.rejects(
    flow.execute({}, { backend, signal: AbortSignal.abort(reason) }),
    reason,
  );
  const stop = new AbortController();
  const waits = workflow("waits").task("run", (ctx) => ctx.signal("never"));
  const running = waits.execute({}, { backend, signal: stop.signal });
  await untilStands(backend, (it) => it.waitingFor !== "");
  stop.abort(reason);
  await assert.rejects(running, reason);
  await assert.rejects(
    serve([], { backend }),
    /^StigmerError: Cannot serve not/,
  );
});
