import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Json, JsonObject } from "../model/json.ts";
import { checkWorkflow } from "./check.ts";
import { TASKS_MAX } from "./limits.ts";
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

Deno.test("checkWorkflow() finds eight different mistakes at once", () => {
  const { plan, diagnostics } = checkWorkflow(workflow([
    { get: { call: "http", with: { method: "get", url: "https://a.test" } } },
    { sum: { set: { total: "${ .a + }" } } },
    { pause: { wait: "30s" } },
    { choose: { switch: [{ a: { when: ".x", then: "sumn" } }] } },
    { sum: { set: { x: 1 } } },
    { stop: { raise: { error: { type: "https://a.test/x", status: 42 } } } },
    { again: { try: [{ x: { set: { y: 1 } } }], catch: { retry: "defalt" } } },
    { hear: { listen: { to: {} } } },
  ], { use: { retries: { default: { delay: "PT1S" } } } }));
  strictEqual(plan, undefined);
  deepStrictEqual(
    diagnostics.map(({ pointer, atKey, offset, hint }) => [
      pointer,
      atKey ?? offset ?? "",
      hint ?? "",
    ]),
    [
      ["/do/4/sum", true, ""],
      ["/do/0/get/with/url", true, 'Did you mean "endpoint"?'],
      ["/do/1/sum/set/total", 8, ""],
      [
        "/do/2/pause/wait",
        "",
        "Write it as {seconds: 30}",
      ],
      ["/do/3/choose/switch/0/a/then", "", 'Did you mean "sum"?'],
      ["/do/5/stop/raise/error/status", "", ""],
      ["/do/6/again/catch/retry", "", 'Did you mean "default"?'],
      ["/do/7/hear/listen/to", "", 'Give one of "one", "all" and "any"'],
      ["/do/6/again", true, ""],
      ["/do/7/hear", true, ""],
    ],
  );
});

Deno.test("checkWorkflow() names each mistake in its own words", () => {
  const cases: readonly (readonly [Json, RegExp])[] = [
    [[{ a: { sett: {} } }], /Unknown field "sett" of a task/],
    [[{ a: {} }], /"a" does not say what it does/],
    [[{ a: { set: 1 } }], /must be an object or an expression, not a number/],
    [[{ a: { set: {} } }], /nothing to set/],
    [[{ set: { a: 1 } }], /does not say what it does|Unknown field/],
    [[{ a: { set: { x: 1 } }, b: { set: { x: 1 } } }], /under one key/],
    ["x", /must be an array, not a string/],
    [[{ a: { call: "htpp", with: {} } }], /Unknown function "htpp"/],
    [[{ a: { call: "http", with: { method: "get" } } }], /needs "endpoint"/],
    [[{ a: { call: "http" } }], /needs "with"/],
    [
      [{ a: { call: "http", with: { method: "g t", endpoint: "https://a" } } }],
      /"g t" is not a method/,
    ],
    [
      [{ a: { call: "http", with: { method: "get", endpoint: "a.test" } } }],
      /must begin with "http:\/\/"/,
    ],
    [
      [{
        a: { call: "http", with: { method: "get", endpoint: "https://a/{x" } },
      }],
      /has no partner/,
    ],
    [
      [{
        a: {
          call: "http",
          with: { method: "get", endpoint: "https://a", output: "text" },
        },
      }],
      /one of "content", "response", "raw"/,
    ],
    [[{ a: { wait: "P1Y" } }], /years or months/],
    [[{ a: { wait: {} } }], /must not be empty/],
    [[{ a: { wait: "P99999D" } }], /at most 100 years/],
    [[{ a: { wait: { days: 30_000, hours: 200_000 } } }], /at most 100 years/],
    [[{ a: { wait: { second: 1 } } }], /Unknown field "second" of a duration/],
    [[{ a: { wait: { seconds: 1.5 } } }], /whole number/],
    [[{ a: { for: {}, do: [] } }], /needs "in"/],
    [[{ a: { for: { in: ".x" } } }], /needs "do"/],
    [
      [{ a: { for: { in: ".x", each: "$y" }, do: [] } }],
      /cannot be the name of a variable/,
    ],
    [[{ a: { fork: {} } }], /needs "branches"/],
    [[{ a: { try: [{ x: { set: { y: 1 } } }] } }], /needs "catch"/],
    [[{ a: { switch: [] } }], /at least one case/],
    [[{ a: { switch: [{ x: { when: ".a" } }] } }], /needs "then"/],
    [
      [{ a: { switch: [{ x: { then: "end" } }, { y: { then: "end" } }] } }],
      /Only one case/,
    ],
    [[{ a: { run: {} } }], /does not say what it runs/],
    [[{ a: { run: { shell: {} } } }], /needs "command"/],
    [[{ a: { raise: { error: "nope" } } }], /Unknown error "nope"/],
    [[{ a: { raise: { error: { type: "x" } } } }], /needs "status"/],
    [[{ a: { set: { x: 1 }, timeout: "long" } }], /Unknown timeout "long"/],
    [[{ a: { set: { x: 1 }, if: ".a ==" } }], /ends too early/],
    [[{ a: { set: { x: "${ $nope }" } } }], /Unknown variable "\$nope"/],
    [[{ a: { set: { x: "${ $secrets.k }" } } }], /Unknown secret "k"/],
    [[{ a: { set: { x: 1 }, then: "b" } }], /no task "b" in this list/],
    [[{ a: { call: "agent", with: { message: "x" } } }], /needs "agent"/],
    [
      [{ a: { set: { x: 1 }, input: { schema: { document: 1 } } } }],
      /must be an object, not a number/,
    ],
  ];
  for (const [tasks, message] of cases) {
    const errors = errorsOf(workflow(tasks));
    ok(
      errors.some((error) => message.test(error)),
      JSON.stringify({
        tasks,
        errors,
      }),
    );
  }
});

Deno.test("checkWorkflow() offers what short words stand for", () => {
  const hintOf = (task: Json): string | undefined =>
    checkWorkflow(workflow([{ a: task }])).diagnostics[0]?.hint;
  const rest = 'Name a task of the same list, or "continue", "exit" or "end"';
  const cases: readonly (readonly [Json, string | undefined])[] = [
    [{ set: { x: 1 }, then: "en" }, 'Did you mean "end"?'],
    [{ set: { x: 1 }, then: "cont" }, 'Did you mean "continue"?'],
    [{ set: { x: 1 }, then: "e" }, rest],
    [{ wait: { secs: 1 } }, 'Did you mean "seconds"?'],
    [{ wait: { years: 1 } }, undefined],
  ];
  for (const [task, hint] of cases) strictEqual(hintOf(task), hint);
});

Deno.test("checkWorkflow() reads the head of a document", () => {
  const cases: readonly (readonly [JsonObject, RegExp])[] = [
    [{ do: [] }, /needs "document"/],
    [{ document: DOCUMENT }, /needs "do", a list of at least one task/],
    [{ document: { ...DOCUMENT, dsl: "0.8" }, do: [] }, /Version "0.8"/],
    [{ document: { ...DOCUMENT, name: "a b" }, do: [] }, /"a b" is not a name/],
    [{ document: { ...DOCUMENT, version: "1" }, do: [] }, /is not a version/],
    [{ document: { ...DOCUMENT, nam: 1 }, do: [] }, /Unknown field "nam"/],
    [{ ...workflow([]), evaluate: { language: "js" } }, /not supported yet/],
    [{ ...workflow([]), evaluate: { mode: "lose" } }, /"strict", "loose"/],
    [{ ...workflow([]), tasks: [] }, /not both/],
    [{}, /needs tasks/],
  ];
  for (const [spec, message] of cases) {
    const errors = errorsOf(spec);
    ok(errors.some((error) => message.test(error)), JSON.stringify(errors));
  }
  const named = checkWorkflow({ do: [{ a: { set: { x: 1 } } }] }, {
    name: "mine",
  });
  strictEqual(named.plan?.name, "mine");
});

Deno.test("checkWorkflow() warns of tasks that are never reached", () => {
  deepStrictEqual(
    warningsOf(workflow([
      { a: { set: { x: 1 }, then: "c" } },
      { b: { set: { x: 1 } } },
      { c: { raise: { error: { type: "t", status: 400 } }, if: ".x" } },
      { d: { set: { x: 1 }, then: "end" } },
      { e: { set: { x: 1 } } },
    ])),
    [
      '/do/1/b: Task "b" is never reached',
      '/do/4/e: Task "e" is never reached',
    ],
  );
});

Deno.test("checkWorkflow() bounds tasks and their nesting", () => {
  const many = Array.from({ length: TASKS_MAX + 1 }, (_, i) => ({
    [`t${i}`]: { set: { x: 1 } },
  }));
  ok(errorsOf(workflow(many)).some((e) => /at most 10000 tasks/.test(e)));
  let deep: Json = [{ a: { set: { x: 1 } } }];
  for (let i = 0; i < 40; i++) deep = [{ a: { do: deep } }];
  ok(errorsOf(workflow(deep)).some((e) => /lists deep/.test(e)));
});

Deno.test("call: agent takes its schema bare or as a document", () => {
  const schema = { type: "object", required: ["a"] };
  for (const given of [schema, { format: "json", document: schema }]) {
    const task = firstTask(planOf(workflow([{
      a: {
        call: "agent",
        with: {
          agent: "writer",
          message: "Hello ${ .name }",
          input: { n: "${ .n }" },
          model: "anthropic/x",
          output: { schema: given },
        },
      },
    }])));
    ok(task.kind === "agent");
    deepStrictEqual(task.schema, schema);
    deepStrictEqual(task.agent, { kind: "literal", value: "writer" });
    strictEqual(task.message?.kind, "text");
  }
});

Deno.test("run: shell is read with all its parts", () => {
  const task = firstTask(planOf(workflow([{
    s: {
      run: {
        shell: {
          command: 'echo "$1" ${ .x }',
          arguments: ["a", "${ .b }"],
          stdin: "${ . }",
          environment: { A: "1", B: "${ .c }" },
        },
        return: "all",
        await: false,
      },
    },
  }])));
  ok(task.kind === "shell");
  deepStrictEqual(
    [task.command.kind, task.arguments?.kind, task.stdin?.kind, task.return],
    ["text", "array", "expression", "all"],
  );
  strictEqual(task.await, false);
});

Deno.test("checkWorkflow() refuses lists without tasks, each at its place", () => {
  const some = [{ x: { set: { y: 1 } } }];
  deepStrictEqual(
    errorsOf(workflow([
      { a: { try: [], catch: { do: [] } } },
      { b: { do: [] } },
      { c: { for: { in: ".x" }, do: [] } },
      { d: { try: some, catch: {} } },
    ])),
    ["/do/0/a/try", "/do/0/a/catch/do", "/do/1/b/do", "/do/2/c/do"].map((it) =>
      `${it}: A list of tasks needs at least one task`
    ),
  );
});

Deno.test("checkWorkflow() warns of a method that is nearly another", () => {
  const call = (method: string): Json => ({
    call: "http",
    with: { method, endpoint: "https://a.test" },
  });
  const { diagnostics } = checkWorkflow(workflow([
    { a: call("got") },
    { b: call("gett") },
    { c: call("patch") },
    { d: call("PURGE") },
    { e: call("propfind") },
  ]));
  deepStrictEqual(
    diagnostics.map(({ severity, pointer, hint }) => [severity, pointer, hint]),
    [
      ["warning", "/do/0/a/with/method", 'Did you mean "GET"?'],
      ["warning", "/do/1/b/with/method", 'Did you mean "GET"?'],
    ],
  );
});

Deno.test("checkWorkflow() tells the shell's variables from expressions", () => {
  const hintOf = (command: string): string | undefined => {
    const { diagnostics } = checkWorkflow(
      workflow([{ a: { run: { shell: { command } } } }]),
    );
    return diagnostics[0]?.hint;
  };
  const whole = '"${…}" is an expression of the workflow; for the shell\'s ' +
    "own variable write ";
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["cd ${HOME}", `${whole}$HOME or \${ "\${HOME}" }`],
    ["cd ${dir:-/tmp}/x", `${whole}\${ "\${dir:-/tmp}" }`],
    ["echo ${#list}", `${whole}\${ "\${#list}" }`],
    ["cd ${ .dir", undefined],
    ['cd ${ "${HOME:-/tmp}" } $HOME ${ .dir }', undefined],
  ];
  for (const [command, hint] of cases) {
    strictEqual(hintOf(command), hint, command);
  }
});

Deno.test("checkWorkflow() says of a number which field wants it in quotes", () => {
  const { diagnostics } = checkWorkflow({
    document: { ...DOCUMENT, dsl: 1, version: 0.1, name: 8 },
    do: [{ a: { set: { x: 1 } } }],
  });
  deepStrictEqual(
    diagnostics.map(({ message, hint }) => `${message} (${hint})`),
    [
      '"dsl" must be a string, not the number 1 (Quote it, as "1.0.3")',
      '"name" must be a string, not the number 8 (Quote it, as "8")',
      '"version" must be a string, not the number 0.1 (Quote it, as "0.1.0")',
    ],
  );
});
