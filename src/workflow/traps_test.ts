import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Json, JsonObject } from "../model/json.ts";
import { evaluateTemplate } from "../expr/evaluate.ts";
import { checkWorkflow } from "./check.ts";
import type { Plan, Task } from "./tree.ts";

const DOCUMENT = {
  dsl: "1.0.3",
  namespace: "test",
  name: "sample",
  version: "1.0.0",
};

function workflow(tasks: Json, more: JsonObject = {}): JsonObject {
  return { document: DOCUMENT, do: tasks, ...more };
}

function planOf(spec: JsonObject): Plan {
  const { plan, diagnostics } = checkWorkflow(spec);
  ok(plan !== undefined, JSON.stringify(diagnostics));
  return plan;
}

function firstTask(plan: Plan): Task {
  const [task] = plan.body.kind === "sequence" ? plan.body.tasks : [];
  ok(task !== undefined);
  return task;
}

/** The errors of a workflow as `pointer: message`. */
function errorsOf(spec: JsonObject): readonly string[] {
  return checkWorkflow(spec).diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ pointer, message }) => `${pointer}: ${message}`);
}

function warningsOf(spec: JsonObject): readonly string[] {
  return checkWorkflow(spec).diagnostics
    .filter(({ severity }) => severity === "warning")
    .map(({ pointer, message }) => `${pointer}: ${message}`);
}

Deno.test("trap 1: then may go back as well as forward", () => {
  const plan = planOf(workflow([
    { a: { set: { x: 1 }, then: "c" } },
    { b: { set: { x: 1 }, then: "end" } },
    { c: { set: { x: 1 }, then: "b" } },
  ]));
  ok(plan.body.kind === "sequence");
  deepStrictEqual(plan.body.tasks.map(({ then }) => then), [
    { kind: "goto", index: 2 },
    { kind: "end" },
    { kind: "goto", index: 1 },
  ]);
});

Deno.test("trap 2: then names tasks of its own list only", () => {
  const errors = errorsOf(workflow([
    { a: { do: [{ b: { set: { x: 1 }, then: "c" } }] } },
    { c: { set: { x: 1 }, then: "b" } },
  ]));
  strictEqual(errors.length, 2);
});

Deno.test("trap 2: end and exit are kept apart, however deep they stand", () => {
  const task = firstTask(planOf(workflow([{
    a: {
      do: [
        { b: { set: { x: 1 }, if: ".x", then: "end" } },
        { c: { set: { x: 1 }, then: "exit" } },
      ],
    },
  }])));
  ok(task.kind === "do");
  deepStrictEqual(task.tasks.map(({ then }) => then.kind), ["end", "exit"]);
});

Deno.test("trap 3: a catch binds the error under its name, by default error", () => {
  const caught = (clause: JsonObject): readonly string[] =>
    errorsOf(
      workflow([{ t: { try: [{ x: { set: { y: 1 } } }], catch: clause } }]),
    );
  const set = (name: string): Json => [{ s: { set: { x: `\${ $${name} }` } } }];
  deepStrictEqual(caught({ do: set("error"), when: "$error.status > 1" }), []);
  deepStrictEqual(caught({ as: "err", do: set("err") }), []);
  strictEqual(caught({ as: "err", do: set("error") }).length, 1);
  strictEqual(caught({ do: set("err") }).length, 1);
});

Deno.test("trap 4: error types are canonical, in whichever family", () => {
  for (
    const base of [
      "https://serverlessworkflow.io/spec/1.0.0/errors/",
      "https://open-workflow-specification.org/spec/1.0.0/errors/",
      "https://serverlessworkflow.io/dsl/errors/types/",
      "https://open-workflow-specification.org/dsl/errors/types/",
    ]
  ) {
    const task = firstTask(planOf(workflow([{
      t: {
        try: [{ x: { set: { y: 1 } } }],
        catch: { errors: { with: { type: `${base}timeout`, status: 408 } } },
      },
    }])));
    ok(task.kind === "try");
    deepStrictEqual(task.catch.with, {
      type: {
        kind: "literal",
        value:
          "https://open-workflow-specification.org/spec/1.0.0/errors/timeout",
      },
      status: { kind: "literal", value: 408 },
    });
  }
});

Deno.test("trap 5: a retry is read inline and by name, with every limit", () => {
  const policy = {
    when: "$error.status == 503",
    delay: { seconds: 3 },
    backoff: { exponential: {} },
    limit: { attempt: { count: 5, duration: "PT1M" }, duration: "PT1H" },
    jitter: { from: { milliseconds: 1 }, to: { milliseconds: 9 } },
  };
  const inline = firstTask(planOf(workflow([
    { t: { try: [{ x: { set: { y: 1 } } }], catch: { retry: policy } } },
  ])));
  const named = firstTask(planOf(workflow([
    { t: { try: [{ x: { set: { y: 1 } } }], catch: { retry: "slow" } } },
  ], { use: { retries: { slow: policy } } })));
  ok(inline.kind === "try" && named.kind === "try");
  const retry = inline.catch.retry;
  ok(retry !== undefined);
  deepStrictEqual({ ...retry, when: 0 }, {
    when: 0,
    delay: { kind: "fixed", ms: 3000 },
    backoff: "exponential",
    attemptsMax: 6,
    attemptTimeout: { kind: "fixed", ms: 60_000 },
    durationMax: { kind: "fixed", ms: 3_600_000 },
    jitter: { from: { kind: "fixed", ms: 1 }, to: { kind: "fixed", ms: 9 } },
  });
  deepStrictEqual({ ...named.catch.retry, when: 0 }, { ...retry, when: 0 });
});

Deno.test("trap 6: a fork competes only when it says so, and has branches that run at once", () => {
  const fork = (more: JsonObject): JsonObject =>
    workflow([{
      f: {
        fork: {
          branches: [{ a: { set: { x: 1 } } }, { b: { set: { x: 2 } } }],
          ...more,
        },
      },
    }]);
  for (const compete of [true, false]) {
    const task = firstTask(planOf(fork({ compete })));
    ok(task.kind === "fork");
    strictEqual(task.compete, compete);
    deepStrictEqual(task.branches.map(({ name }) => name), ["a", "b"]);
  }
  const task = firstTask(planOf(fork({})));
  ok(task.kind === "fork" && !task.compete);
  deepStrictEqual(errorsOf(fork({ compete: "yes" })), [
    "/do/0/f/fork/compete: This must be true or false, not a string",
  ]);
  deepStrictEqual(errorsOf(fork({ branches: [] })), [
    "/do/0/f/fork/branches: A list of tasks needs at least one task",
  ]);
  const jump = { a: { set: { x: 1 }, then: "b" } };
  deepStrictEqual(
    errorsOf(fork({ branches: [jump, { b: { set: { x: 2 } } }] })),
    ['/do/0/f/fork/branches/0/a/then: Branch "a" cannot go to another branch'],
  );
  const choice = { a: { switch: [{ "c/d": { when: ".x", then: "b" } }] } };
  const handled = {
    b: { try: [{ c: { set: { x: 1 } } }], catch: { then: "a" } },
  };
  deepStrictEqual(errorsOf(fork({ branches: [choice, handled] })), [
    '/do/0/f/fork/branches/0/a/switch/0/c~1d/then: Branch "a" cannot go to another branch',
    '/do/0/f/fork/branches/1/b/catch/then: Branch "b" cannot go to another branch',
  ]);
});

Deno.test("trap 7: a secret is refused by name wherever it is used, never an empty text", () => {
  const uses: readonly JsonObject[] = [
    { set: { k: "${ $secrets.key }" } },
    { set: { k: "Bearer ${ $secrets.key }" } },
    { set: { x: 1 }, if: "$secrets.key != null" },
    { set: { x: 1 }, output: { as: "$secrets.key" } },
    { for: { in: "[$secrets.key]" }, do: [{ s: { set: { x: 1 } } }] },
  ];
  for (const use of uses) {
    const [error, ...more] = errorsOf(workflow([{ a: use }]));
    ok(
      /^\/do\/0\/a\/[^:]+: Unknown secret "key"$/.test(error ?? ""),
      error,
    );
    deepStrictEqual(more, []);
  }
  const [wait] = errorsOf(
    workflow([{ a: { wait: { seconds: "${ $secrets.seconds }" } } }]),
  );
  ok(/^\/do\/0\/a\/wait\/seconds: Secrets, as in/.test(wait ?? ""), wait);
});

Deno.test("trap 8: names with dots, slashes, tildes and unicode survive", () => {
  const plan = planOf(
    workflow([{ "a.b/c~d ü": { do: [{ "/": { set: "." } }] } }]),
  );
  const task = firstTask(plan);
  strictEqual(task.pointer, "/do/0/a.b~1c~0d ü");
  ok(task.kind === "do");
  strictEqual(task.tasks[0]?.pointer, "/do/0/a.b~1c~0d ü/do/0/~1");
});

Deno.test("trap 10: the case without a condition comes last, wherever it stands", () => {
  const task = firstTask(planOf(workflow([
    {
      s: {
        switch: [
          { other: { then: "end" } },
          { one: { when: ".a", then: "t" } },
        ],
      },
    },
    { t: { set: { x: 1 } } },
  ])));
  ok(task.kind === "switch");
  deepStrictEqual(task.cases.map(({ name }) => name), ["one", "other"]);
});

Deno.test("trap 10: reading a switch leaves the definition as it was", () => {
  const spec = workflow([
    {
      s: { switch: [{ d: { then: "end" } }, { a: { when: ".a", then: "t" } }] },
    },
    { t: { set: { x: 1 } } },
  ]);
  const before = JSON.stringify(spec);
  const first = planOf(spec);
  strictEqual(JSON.stringify(spec), before);
  deepStrictEqual(planOf(spec), first);
});

Deno.test("trap 11: loops nest, each with its own variables, and none takes a name that has a meaning", () => {
  const nested = (inner: string): JsonObject =>
    workflow([{
      outer: {
        for: { each: "row", in: ".rows" },
        do: [{
          inner: {
            for: { each: "cell", at: "column", in: "$row" },
            do: [{ s: { set: { x: `\${ ${inner} }` } } }],
          },
        }],
      },
    }]);
  deepStrictEqual(errorsOf(nested("[$row, $index, $cell, $column]")), []);
  strictEqual(errorsOf(nested("$item")).length, 1);
  const named = (names: JsonObject): readonly string[] =>
    errorsOf(workflow([{
      l: { for: { in: ".x", ...names }, do: [{ s: { set: { x: 1 } } }] },
    }]));
  deepStrictEqual(named({ each: "context" }), [
    '/do/0/l/for/each: "context" cannot be the name of a variable',
  ]);
  deepStrictEqual(named({ each: "i", at: "i" }), [
    '/do/0/l/for: The item and its index cannot both be called "i"',
  ]);
  deepStrictEqual(named({ each: "index", at: "item" }), []);
});

Deno.test("trap 11: for takes an expression or an array, and names its variables", () => {
  const loop = (over: Json, value: string): Task =>
    firstTask(planOf(workflow([{
      l: {
        for: { each: "color", in: over, at: "i" },
        while: "$i < 3",
        do: [{ s: { set: { x: value } } }],
      },
    }])));
  const bare = loop(".colors", "${ $color }");
  ok(bare.kind === "for");
  strictEqual(bare.in.kind, "expression");
  const inline = loop([{ name: "red" }, "${ .b }"], "${ $i }");
  ok(inline.kind === "for");
  strictEqual(inline.in.kind, "array");
});

Deno.test("trap 12: null and an array add up in a set", () => {
  const task = firstTask(planOf(workflow([
    { s: { set: { colors: '${ .colors + ["red"] }' } } },
  ])));
  ok(task.kind === "set");
  for (const input of [{ colors: null }, {}]) {
    deepStrictEqual(
      evaluateTemplate(task.value, { input, variables: {} }),
      { colors: ["red"] },
    );
  }
});

Deno.test("trap 13: an HTTP call has its defaults filled in", () => {
  const task = firstTask(planOf(workflow([{
    h: {
      call: "http",
      with: { method: "get", endpoint: { uri: "https://a/{x}" } },
    },
  }])));
  ok(task.kind === "http");
  deepStrictEqual(
    [task.method, task.endpoint, task.result, task.redirect],
    [
      { kind: "literal", value: "GET" },
      { uri: { kind: "literal", value: "https://a/{x}" } },
      "content",
      false,
    ],
  );
});

Deno.test("traps 14 and 15: emit and listen stand wherever a task can", () => {
  const kinds: readonly JsonObject[] = [
    { emit: { event: { with: { source: "/s", type: "t" } } } },
    { listen: { to: { any: [] } } },
  ];
  for (const kind of kinds) {
    const around: readonly JsonObject[] = [
      kind,
      { do: [{ b: kind }] },
      { fork: { branches: [{ b: kind }] } },
      { for: { in: ".x" }, do: [{ b: kind }] },
      { try: [{ b: kind }], catch: { do: [{ c: kind }] } },
    ];
    for (const task of around) {
      deepStrictEqual(errorsOf(workflow([{ a: task }])), []);
    }
  }
});

Deno.test("trap 16: a timeout on an attempt stands beside those on task and workflow", () => {
  const task = firstTask(planOf(workflow([{
    t: {
      try: [{ s: { wait: "PT9S" } }],
      timeout: { after: "PT5S" },
      catch: { retry: { limit: { attempt: { duration: "PT1S" } } } },
    },
  }])));
  ok(task.kind === "try");
  deepStrictEqual(
    [task.timeout, task.catch.retry?.attemptTimeout],
    [{ kind: "fixed", ms: 5000 }, { kind: "fixed", ms: 1000 }],
  );
});

Deno.test("trap 16: timeouts are read on the workflow, on tasks and by name", () => {
  const plan = planOf(workflow([
    { a: { wait: "PT1S", timeout: "short" } },
    { b: { wait: "PT1S", timeout: { after: "${ .limit }" } } },
  ], {
    timeout: { after: { hours: 1 } },
    use: { timeouts: { short: { after: "PT2S" } } },
  }));
  deepStrictEqual(plan.timeout, { kind: "fixed", ms: 3_600_000 });
  ok(plan.body.kind === "sequence");
  deepStrictEqual(plan.body.tasks[0]?.timeout, { kind: "fixed", ms: 2000 });
  strictEqual(plan.body.tasks[1]?.timeout?.kind, "computed");
});

Deno.test("trap 18: a case that runs on into another is a warning", () => {
  const tasks = (then: JsonObject): Json => [
    {
      s: {
        switch: [
          { a: { when: ".x", then: "one" } },
          { b: { when: ".y", then: "two" } },
        ],
        then: "end",
      },
    },
    { one: { set: { x: 1 }, ...then } },
    { two: { set: { x: 1 } } },
  ];
  deepStrictEqual(warningsOf(workflow(tasks({}))), [
    '/do/1/one: Task "one" runs on into "two", another case of "s"',
  ]);
  deepStrictEqual(warningsOf(workflow(tasks({ then: "end" }))), []);
});
