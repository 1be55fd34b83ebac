import assert from "node:assert/strict";
import {
  base,
  call,
  each,
  fork,
  jq,
  list,
  plan,
  raise,
  set,
  template,
  wait,
} from "../../tests/engine/plans.ts";
import {
  type Effect,
  simulate,
  type SimulationOptions,
  type SimulationResult,
} from "../../tests/engine/simulation.ts";
import type { ActivityOutcome } from "../model/durable.ts";
import { type Failure, failureOf, failureToJson } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { CatchClause, Plan, RetryPolicy, Task } from "../workflow/tree.ts";
import { createWorkflowMachine } from "./decide.ts";

type Options = Partial<SimulationOptions>;

function run(it: Plan, options: Options = {}): SimulationResult {
  return simulate(
    () =>
      createWorkflowMachine(it, {
        executionId: "wex-test",
        variables: { REGION: "eu" },
      }),
    { input: {}, answer: echo, ...options },
  );
}

/** Answers with the body, which is the task's input. */
function echo(effect: Effect): ActivityOutcome {
  return { kind: "completed", output: bodyOf(effect) };
}

function bodyOf(effect: Effect): Json {
  if (effect.kind === "child") return effect.request.input;
  const { input } = effect.request;
  return (input as { body: Json }).body;
}

function failing(status: number): ActivityOutcome {
  return {
    kind: "failed",
    failure: failureOf("communication", `answered ${status}`, { status }),
  };
}

function outputOf(result: SimulationResult): Json {
  assert.equal(result.decision.kind, "done", JSON.stringify(result.decision));
  return result.decision.kind === "done" ? result.decision.output : null;
}

function failureOfRun(result: SimulationResult): Failure {
  assert.equal(result.decision.kind, "failed", JSON.stringify(result.decision));
  if (result.decision.kind !== "failed") throw new Error("unreachable");
  return result.decision.failure;
}

function check(
  it: Plan,
  expected: Json,
  options: Options = {},
): SimulationResult {
  const result = run(it, options);
  assert.deepEqual(outputOf(result), expected);
  return result;
}

function names(result: SimulationResult): string[] {
  return result.machine.tasks().map((it) => `${it.path} ${it.phase}`);
}

const RETRY: RetryPolicy = {
  delay: { kind: "fixed", ms: 100 },
  backoff: "constant",
  attemptsMax: 3,
};

function attempt(
  name: string,
  tasks: readonly Task[],
  clause: Partial<CatchClause> = {},
): Task {
  return {
    ...base(name),
    kind: "try",
    tasks,
    catch: { with: {}, as: "error", ...clause },
  };
}

Deno.test("decide() gives each task the output of the one before", () => {
  check(
    plan([
      set("one", { a: 1 }),
      set("two", { b: "${ .a }" }),
      call("three"),
    ]),
    { b: 1 },
  );
});

Deno.test("decide() runs the data flow in order", () => {
  const task = set("t", { seen: "${ .x }" }, {
    input: { from: template("${ .outer }") },
    output: { as: template({ wrapped: "${ . }" }) },
    export: { as: template({ kept: "${ .wrapped.seen }" }) },
  });
  check(
    plan([task, set("u", { context: "${ $context.kept }", input: "${ . }" })]),
    { context: 7, input: { wrapped: { seen: 7 } } },
    { input: { outer: { x: 7 } } },
  );
});

Deno.test("decide() transforms the workflow's input and output", () => {
  check(
    plan([set("t", "${ . }")], {
      input: { from: template("${ .a }") },
      output: {
        as: template({ result: "${ . }", was: "${ $workflow.input.a }" }),
      },
    }),
    { result: 5, was: 5 },
    { input: { a: 5 } },
  );
});

Deno.test("decide() fails with a validation error where a schema is not met", () => {
  const schema = { type: "object", required: ["a"] };
  const cases: readonly [string, Plan][] = [
    ["input of the workflow", plan([set("t", {})], { input: { schema } })],
    ["output of the workflow", plan([set("t", {})], { output: { schema } })],
    ["input", plan([set("t", {}, { input: { schema } })])],
    ["output", plan([set("t", {}, { output: { schema } })])],
    ["export", plan([set("t", {}, { export: { as: template({}), schema } })])],
  ];
  for (const [what, it] of cases) {
    const failure = failureOfRun(run(it));
    assert.match(failure.type, /errors\/validation$/, what);
    assert.match(failure.detail, /"a"/, what);
  }
});

Deno.test("decide() never evaluates expressions in data", () => {
  const text = "${ .secret } and ${ $env.REGION }";
  check(plan([set("t", { copy: "${ .text }" }), call("c")]), { copy: text }, {
    input: { text, secret: 1 },
  });
});

Deno.test("decide() gives expressions their variables", () => {
  check(
    plan([set("t", {
      env: "${ $env.REGION }",
      task: "${ $task.name }",
      pointer: "${ $task.reference }",
      id: "${ $workflow.id }",
      runtime: "${ $runtime.name }",
      input: "${ $input.a }",
    })]),
    {
      env: "eu",
      task: "t",
      pointer: "/test/t",
      id: "wex-test",
      runtime: "stigmer",
      input: 1,
    },
    { input: { a: 1 } },
  );
});

Deno.test("decide() skips a task whose condition does not hold, and ignores its then", () => {
  const result = check(
    plan([
      set("skipped", { no: true }, { if: jq(".go"), then: { kind: "end" } }),
      set("last", { input: "${ . }" }),
    ]),
    { input: { go: false } },
    { input: { go: false } },
  );
  assert.deepEqual(names(result), [
    "/do/0/skipped SKIPPED",
    "/do/1/last COMPLETED",
  ]);
});

Deno.test("decide() follows then: exit leaves the list, end the workflow", () => {
  const inner = (then: "exit" | "end") =>
    list("inner", [set("a", "a", { then: { kind: then } }), set("b", "b")]);
  check(plan([inner("exit"), set("after", '${ . + "!" }')]), "a!");
  check(plan([inner("end"), set("after", "after")]), "a");
});

Deno.test("decide() ends the workflow from within for and fork", () => {
  const ending = set("stop", "stopped", { then: { kind: "end" } });
  check(
    plan([
      each("f", { in: "[1, 2]", tasks: [call("c"), ending] }),
      set("x", 1),
    ]),
    "stopped",
  );
  check(plan([fork("f", [call("slow"), ending]), set("x", 1)]), "stopped");
});

Deno.test("decide() jumps back with then, under a path of its own, and within a bound", () => {
  const draft = call("draft");
  const review: Task = {
    ...base("review", { then: { kind: "end" } }),
    kind: "switch",
    cases: [{
      name: "again",
      when: jq(".rounds < 3"),
      then: { kind: "goto", index: 0 },
    }],
  };
  const count = (effect: Effect): ActivityOutcome => ({
    kind: "completed",
    output: { rounds: (bodyOf(effect) as { rounds: number }).rounds + 1 },
  });
  const result = check(plan([draft, review]), { rounds: 3 }, {
    input: { rounds: 0 },
    answer: count,
  });
  assert.deepEqual(result.effects.map((it) => it.path), [
    "/do/0/draft",
    "/do/0/draft#2",
    "/do/0/draft#3",
  ]);
  const endless = plan([set("a", 1, { then: { kind: "goto", index: 0 } })]);
  assert.match(failureOfRun(run(endless)).detail, /more than 10000 times/);
});

Deno.test("decide() takes the first case that matches, else the task's own then", () => {
  const it = (color: string) =>
    run(
      plan([
        {
          ...base("s", { then: { kind: "goto", index: 3 } }),
          kind: "switch",
          cases: [
            {
              name: "red",
              when: jq('.c == "red"'),
              then: { kind: "goto", index: 1 },
            },
            {
              name: "also",
              when: jq('.c == "red"'),
              then: { kind: "goto", index: 2 },
            },
          ],
        },
        set("one", 1, { then: { kind: "end" } }),
        set("two", 2, { then: { kind: "end" } }),
        set("other", 3),
      ]),
      { input: { c: color } },
    );
  assert.equal(outputOf(it("red")), 1);
  assert.equal(outputOf(it("blue")), 3);
});

Deno.test("decide() runs for over the items at its start, and over null not at all", () => {
  const body = set("add", {
    items: "${ .items + [9] }",
    seen: "${ (.seen // []) + [[$color, $i]] }",
  });
  check(
    plan([
      each("loop", { in: ".items", each: "color", at: "i", tasks: [body] }),
    ]),
    { items: [1, 2, 9, 9], seen: [[1, 0], [2, 1]] },
    { input: { items: [1, 2] } },
  );
  check(plan([each("none", { in: ".nothing", tasks: [body] })]), { a: 1 }, {
    input: { a: 1 },
  });
  assert.match(
    failureOfRun(
      run(plan([each("bad", { in: ".a", tasks: [body] })]), {
        input: { a: 1 },
      }),
    ).detail,
    /needs an array for "for.in", not a number/,
  );
});

Deno.test("decide() stops for where while no longer holds", () => {
  check(
    plan([each("loop", {
      in: "[1, 2, 3, 4]",
      while: "$item < 3",
      tasks: [set("sum", "${ . + $item }")],
    })]),
    3,
    { input: 0 },
  );
});

Deno.test("decide() keeps rounds of nested loops apart by their paths", () => {
  const result = check(
    plan([each("outer", {
      in: "[1, 2]",
      each: "a",
      tasks: [each("inner", {
        in: "[10, 20]",
        each: "b",
        tasks: [set("pair", "${ . + [$a * $b] }"), call("effect")],
      })],
    })]),
    [10, 20, 20, 40],
    { input: [] },
  );
  assert.deepEqual(result.effects.map((it) => it.path), [
    "/do/0/outer/for/0/do/0/inner/for/0/do/1/effect",
    "/do/0/outer/for/0/do/0/inner/for/1/do/1/effect",
    "/do/0/outer/for/1/do/0/inner/for/0/do/1/effect",
    "/do/0/outer/for/1/do/0/inner/for/1/do/1/effect",
  ]);
});

Deno.test("decide() gives fork's outputs in the order of its branches", () => {
  check(
    plan([
      fork("f", [
        wait("slow", 50, { output: { as: template("slow") } }),
        set("fast", "fast"),
      ]),
    ]),
    ["slow", "fast"],
  );
});

Deno.test("decide() gives a competing fork the first branch to finish, and cancels the others", () => {
  const result = check(
    plan([
      fork("race", [
        wait("slow", 500),
        call("quick", { output: { as: template("quick") } }),
      ], { compete: true }),
    ]),
    "quick",
  );
  assert.deepEqual(names(result), [
    "/do/0/race COMPLETED",
    "/do/0/race/fork/branches/0/slow CANCELLED",
    "/do/0/race/fork/branches/1/quick COMPLETED",
  ]);
});

Deno.test("decide() fails a fork with its first failing branch", () => {
  const result = run(
    plan([fork("f", [call("hang"), call("bad")])]),
    { answer: (it) => it.name === "bad" ? failing(500) : undefined },
  );
  assert.equal(failureOfRun(result).instance, "/test/bad");
  assert.deepEqual(names(result), [
    "/do/0/f FAILED",
    "/do/0/f/fork/branches/0/hang CANCELLED",
    "/do/0/f/fork/branches/1/bad FAILED",
  ]);
});

Deno.test("decide() catches what every given field matches, in both families of types", () => {
  const body = [call("bad")];
  const handler = [
    set("handled", { got: "${ $err.status }", at: "${ $err.instance }" }),
  ];
  const cases: readonly [Record<string, Json>, boolean][] = [
    [{}, true],
    [{ status: 404 }, true],
    [{ status: 503 }, false],
    [{
      type: "https://serverlessworkflow.io/dsl/errors/types/communication",
      status: 404,
    }, true],
    [
      { type: "https://serverlessworkflow.io/spec/1.0.0/errors/communication" },
      true,
    ],
    [{
      type: "https://serverlessworkflow.io/spec/1.0.0/errors/timeout",
      status: 404,
    }, false],
    [{ title: "Communication error", status: 404 }, true],
  ];
  for (const [fields, caught] of cases) {
    const clause = {
      as: "err",
      tasks: handler,
      with: Object.fromEntries(
        Object.entries(fields).map(([key, value]) => [key, template(value)]),
      ),
    };
    const result = run(plan([attempt("t", body, clause)]), {
      answer: () => failing(404),
    });
    assert.equal(
      result.decision.kind,
      caught ? "done" : "failed",
      JSON.stringify(fields),
    );
    if (caught) {
      assert.deepEqual(outputOf(result), { got: 404, at: "/test/bad" });
    }
  }
});

Deno.test("decide() asks when and exceptWhen after the fields", () => {
  const it = (clause: Partial<CatchClause>) =>
    run(
      plan([
        attempt("t", [raise("r", { type: "mine", status: 400 })], {
          tasks: [set("h", "caught")],
          ...clause,
        }),
      ]),
    ).decision.kind;
  assert.equal(it({ when: jq("$error.status == 400") }), "done");
  assert.equal(it({ when: jq("$error.status == 401") }), "failed");
  assert.equal(it({ exceptWhen: jq("$error.status == 400") }), "failed");
});

Deno.test("decide() lets a caught error without a handler pass with the task's input", () => {
  check(plan([attempt("t", [raise("r", { type: "mine", status: 400 })])]), {
    a: 1,
  }, { input: { a: 1 } });
});

Deno.test("decide() retries as its policy says, each round under its own path", () => {
  const cases: readonly [Partial<RetryPolicy>, readonly number[]][] = [
    [{ backoff: "constant" }, [100, 100, 100]],
    [{ backoff: "linear" }, [100, 200, 300]],
    [{ backoff: "exponential" }, [100, 200, 400]],
  ];
  for (const [policy, delays] of cases) {
    const result = run(
      plan([
        attempt("t", [call("c")], {
          retry: { ...RETRY, attemptsMax: 4, ...policy },
        }),
      ]),
      { answer: () => failing(503) },
    );
    assert.equal(failureOfRun(result).status, 503);
    assert.deepEqual(result.effects.map((it) => it.path), [
      "/do/0/t/try/0/c",
      "/do/0/t/try#2/0/c",
      "/do/0/t/try#3/0/c",
      "/do/0/t/try#4/0/c",
    ]);
    const retrying = result.journal.filter((it) => it.type === "TASK_RETRYING");
    assert.deepEqual(
      retrying.map((it) =>
        (it.data as { nextAttemptAtMs: number }).nextAttemptAtMs - it.timeMs
      ),
      delays,
    );
    assert.equal(result.machine.tasks()[0]?.attempts, 4);
  }
});

Deno.test("decide() adds a jitter that a replay repeats", () => {
  const jitter = {
    from: { kind: "fixed", ms: 10 },
    to: { kind: "fixed", ms: 90 },
  } as const;
  const it = plan([attempt("t", [call("c")], { retry: { ...RETRY, jitter } })]);
  const delays = () =>
    run(it, { answer: () => failing(503) }).journal
      .filter((event) => event.type === "TASK_RETRYING")
      .map((event) =>
        (event.data as { nextAttemptAtMs: number }).nextAttemptAtMs -
        event.timeMs
      );
  assert.deepEqual(delays(), delays());
  for (const delay of delays()) {
    assert.ok(delay >= 110 && delay <= 190, `${delay}`);
  }
  assert.notEqual(delays()[0], delays()[1]);
});

Deno.test("decide() hands over to the handler once the retries are used up", () => {
  const result = check(
    plan([
      attempt("t", [call("c")], {
        retry: RETRY,
        tasks: [set("h", "${ $error.status }")],
      }),
    ]),
    503,
    { answer: () => failing(503) },
  );
  assert.equal(result.effects.length, 3);
});

Deno.test("decide() stops retrying where retry.when no longer holds", () => {
  const retry = { ...RETRY, attemptsMax: 10, when: jq("$error.status == 503") };
  let calls = 0;
  const result = run(plan([attempt("t", [call("c")], { retry })]), {
    answer: () => failing(++calls < 3 ? 503 : 400),
  });
  assert.equal(failureOfRun(result).status, 400);
  assert.equal(result.effects.length, 3);
});

Deno.test("decide() counts work and waiting against the duration of all attempts", () => {
  const retry: RetryPolicy = {
    delay: { kind: "fixed", ms: 100 },
    backoff: "constant",
    durationMax: { kind: "fixed", ms: 1000 },
  };
  const slow = list("slow", [wait("w", 350), call("c")]);
  const result = run(plan([attempt("t", [slow], { retry })]), {
    answer: () => failing(503),
  });
  assert.equal(result.effects.length, 3);
  assert.ok(result.nowMs - (result.journal[0]?.timeMs ?? 0) < 1300);
});

Deno.test("decide() bounds one attempt, and the next one begins afresh", () => {
  const retry: RetryPolicy = {
    ...RETRY,
    attemptTimeout: { kind: "fixed", ms: 50 },
  };
  let calls = 0;
  const result = check(plan([attempt("t", [call("c")], { retry })]), "third", {
    answer: () =>
      ++calls < 3 ? undefined : { kind: "completed", output: "third" },
  });
  assert.equal(result.effects.length, 3);
});

Deno.test("decide() raises a timeout that a try can catch: task, nested, workflow", () => {
  const limit = { kind: "fixed", ms: 100 } as const;
  const caught = (task: Task) =>
    check(
      plan([attempt("t", [task], { tasks: [set("h", "${ $error.status }")] })]),
      408,
      { answer: () => undefined },
    );
  caught(wait("w", 5000, { timeout: limit }));
  caught(list("l", [call("hang")], { timeout: limit }));
  caught(fork("f", [call("hang"), wait("w", 5000)], { timeout: limit }));
  const result = run(plan([wait("w", 5000)], { timeout: limit }));
  assert.match(failureOfRun(result).type, /timeout$/);
  assert.equal(result.nowMs - (result.journal[0]?.timeMs ?? 0), 100);
});

Deno.test("decide() gives effects their time limit with the request", () => {
  const result = run(plan([call("c", { timeout: { kind: "fixed", ms: 77 } })]));
  const [effect] = result.effects;
  assert.equal(effect?.kind === "run" ? effect.request.timeoutMs : 0, 77);
});

Deno.test("decide() names task, field and cause where an expression fails", () => {
  const failure = failureOfRun(
    run(plan([set("t", "${ .a.b.c }")]), { input: { a: { b: "text" } } }),
  );
  assert.match(failure.type, /expression$/);
  assert.match(failure.detail, /"set" of task "t"/);
  assert.equal(failure.instance, "/test/t");
});

Deno.test("decide() writes down a failure without an effect", () => {
  const result = run(plan([raise("r", { type: "mine", status: 418 })]));
  const failed = result.journal.find((it) => it.type === "TASK_FAILED");
  assert.equal(failed?.path, "/do/0/r");
  assert.equal(failureOfRun(result).status, 418);
});

Deno.test("decide() leaves no task running once the run was ended from outside", () => {
  const ends = [
    "EXECUTION_CANCELLED",
    "EXECUTION_FAILED",
    "EXECUTION_COMPLETED",
  ] as const;
  for (const type of ends) {
    const { machine, journal } = run(plan([list("l", [call("hang")])]), {
      answer: () => undefined,
    });
    machine.apply({
      sequence: journal.length + 1,
      timeMs: 9_999_999_999_999,
      type,
      path: "",
      name: "",
      attempt: 0,
      data: type === "EXECUTION_COMPLETED"
        ? null
        : failureToJson(failureOf("runtime", "over")),
    });
    for (const task of machine.tasks()) {
      assert.equal(task.phase, "CANCELLED", `${type} ${task.path}`);
      assert.equal(task.completedAtMs, 9_999_999_999_999);
    }
  }
});

Deno.test("decide() keeps names with dots, slashes, tildes and unicode apart", () => {
  const result = check(
    plan([call("a.b/c~d é"), call("a.b"), set("end", 1)]),
    1,
  );
  assert.deepEqual(result.effects.map((it) => it.path), [
    "/do/0/a.b~1c~0d é",
    "/do/1/a.b",
  ]);
});

Deno.test("decide() starts an agent as a child with what the task says", () => {
  const agent: Task = {
    ...base("ask"),
    kind: "agent",
    agent: template("helper"),
    message: template("Look at ${ .what }"),
    model: template("script:x"),
    schema: { type: "object" },
  };
  const result = check(plan([agent]), "answer", {
    input: { what: "it" },
    answer: () => ({ kind: "completed", output: "answer" }),
  });
  const [effect] = result.effects;
  assert.deepEqual(effect?.kind === "child" ? effect.request : undefined, {
    kind: "Agent",
    resource: "helper",
    input: {},
    message: "Look at it",
    model: "script:x",
    outputSchema: { type: "object" },
  });
});

Deno.test("decide() expands what the definition writes in an address, not what data holds", () => {
  const at = (endpoint: Json): string => {
    const task = {
      ...call("c"),
      endpoint: { uri: template(endpoint) },
    } as Task;
    const [effect] =
      run(plan([task]), { input: { id: "7", evil: "{id}" } }).effects;
    return effect?.kind === "run"
      ? String((effect.request.input as { url: string }).url)
      : "";
  };
  assert.equal(at("http://h/pets/{id}"), "http://h/pets/7");
  assert.equal(at("http://h/${ .evil }/{id}"), "http://h/{id}/7");
});

Deno.test("decide() replays a long sequence and a long loop in time that grows with its length", () => {
  // Counted in steps of the machine, not in time: each event is applied once,
  // and asks for exactly one command.
  const tasks = Array.from({ length: 300 }, (_, i) => call(`t${i}`));
  const it = plan(tasks);
  const { journal } = check(it, {});
  const machine = createWorkflowMachine(it, {
    executionId: "wex-test",
    variables: {},
  });
  for (const event of journal) machine.apply(event);
  assert.deepEqual(machine.decide(), { kind: "done", output: {} });
  assert.equal(machine.tasks().length, 300);
});

Deno.test("decide() ends a loop without effects rather than to spin", () => {
  const inner = each("inner", { in: "[range(2000)]", tasks: [set("x", 1)] });
  const outer = each("outer", { in: "[range(1000)]", tasks: [inner] });
  assert.match(failureOfRun(run(plan([outer]))).detail, /never ends/);
});
