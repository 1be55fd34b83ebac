import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { evaluateTemplate } from "../expr/evaluate.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { checkWorkflow } from "./check.ts";
import { agentReferences } from "./references.ts";
import { TASKS_MAX } from "./limits.ts";
import type { Graph, GraphTask } from "./tree.ts";

function graphOf(spec: JsonObject): Graph {
  const { plan, diagnostics } = checkWorkflow(spec, { name: "g" });
  ok(plan?.body.kind === "graph", JSON.stringify(diagnostics));
  return plan.body;
}

function found(spec: JsonObject): readonly string[] {
  return checkWorkflow(spec, { name: "g" }).diagnostics.map((d) =>
    `${d.severity} ${d.pointer}${
      d.offset === undefined ? "" : `@${d.offset}`
    }` +
    ` ${d.message}${d.hint === undefined ? "" : ` (${d.hint})`}`
  );
}

const REVIEW: JsonObject = {
  inputs: {
    "pr-url": { type: "string", required: true },
    depth: { type: "integer", default: 2 },
    note: "string",
  },
  tasks: [
    {
      name: "fetch-pr",
      agent: "github-analyst",
      inputs: {
        url: "${workflow.inputs.pr-url}",
        depth: "${workflow.inputs.depth}",
      },
      outputs: ["pr-title", "diff"],
    },
    {
      name: "check-tests",
      agent: "test-analyzer",
      message:
        "See ${tasks.fetch-pr.outputs.pr-title}: ${workflow.inputs.note}",
      inputs: { diff: "${tasks.fetch-pr.outputs.diff}", home: "${env.HOME}" },
    },
    {
      name: "sum",
      dependsOn: ["fetch-pr"],
      set: { n: "${tasks.check-tests.output | length + 1}" },
      if: "${tasks.fetch-pr.outputs.diff != null}",
    },
  ],
};

const SCOPE = {
  input: null,
  variables: {
    workflow: { inputs: { "pr-url": "u", depth: 3, note: "n" } },
    tasks: {
      "fetch-pr": { outputs: { "pr-title": "T", diff: [1] }, output: "raw" },
      "check-tests": { outputs: {}, output: "four" },
    },
    env: { HOME: "/h" },
  },
};

Deno.test("a reference in a graph implies a dependency, and keeps its type", () => {
  const graph = graphOf(REVIEW);
  deepStrictEqual(graph.tasks.map(({ dependsOn }) => dependsOn), [
    [],
    ["fetch-pr"],
    ["fetch-pr", "check-tests"],
  ]);
  const [first, second, third] = graph.tasks.map(({ task }) => task);
  ok(first?.kind === "agent" && second?.kind === "agent");
  ok(third?.kind === "set" && first.agentInput && second.agentInput);
  deepStrictEqual(evaluateTemplate(first.agentInput, SCOPE), {
    url: "u",
    depth: 3,
  });
  ok(second.message !== undefined);
  strictEqual(evaluateTemplate(second.message, SCOPE), "See T: n");
  deepStrictEqual(evaluateTemplate(second.agentInput, SCOPE), {
    diff: [1],
    home: "/h",
  });
  deepStrictEqual(evaluateTemplate(third.value, SCOPE), { n: 5 });
});

Deno.test("outputs become a schema that requires them", () => {
  const [first]: readonly GraphTask[] = graphOf(REVIEW).tasks;
  ok(first?.task.kind === "agent");
  deepStrictEqual(first.outputs, ["pr-title", "diff"]);
  deepStrictEqual(first.task.schema, {
    type: "object",
    properties: { "pr-title": {}, diff: {} },
    required: ["pr-title", "diff"],
  });
});

Deno.test("inputs are read in both forms", () => {
  deepStrictEqual(graphOf(REVIEW).inputs, {
    "pr-url": { type: "string", required: true },
    depth: { type: "integer", required: false, default: 2 },
    note: { type: "string", required: true },
  });
});

Deno.test("agentReferences() gives the agents with their places", () => {
  const graph = checkWorkflow({
    tasks: [
      { name: "a", agent: "one" },
      { name: "b", call: "agent", with: { agent: "two" } },
      { name: "c", agent: "${env.AGENT}" },
      { name: "d", do: [{ e: { call: "agent", with: { agent: "three" } } }] },
    ],
  }, { name: "g" });
  ok(graph.plan !== undefined, JSON.stringify(graph.diagnostics));
  deepStrictEqual(agentReferences(graph.plan), [
    { name: "one", pointer: "/tasks/0/agent" },
    { name: "two", pointer: "/tasks/1/with/agent" },
    { name: "three", pointer: "/tasks/3/do/0/e/with/agent" },
  ]);
});

Deno.test("a graph's mistakes are found at their places", () => {
  const one = (task: JsonObject, more: JsonObject = {}): JsonObject => ({
    tasks: [{ name: "a", agent: "x", ...task }],
    ...more,
  });
  const cases: readonly (readonly [JsonObject, readonly string[]])[] = [
    [one({ dependsOn: ["other"] }), [
      'error /tasks/0/dependsOn/0 There is no task "other"',
    ]],
    [one({ dependsOn: ["a"] }), [
      'error /tasks/0/dependsOn/0 Task "a" depends on itself',
    ]],
    [one({ inputs: { x: "see ${tasks.fetch.output}" } }), [
      'error /tasks/0/inputs/x@12 There is no task "fetch" (The tasks are a)',
    ]],
    [
      one({ inputs: { x: "${workflow.inputs.dpth}" } }, {
        inputs: { depth: "integer" },
      }),
      [
        'error /tasks/0/inputs/x@18 There is no input "dpth" (Did you mean "depth"?)',
      ],
    ],
    [one({ model: "${secrets.KEY}" }), [
      'error /tasks/0/model Secrets, as in "secrets.KEY", cannot stand here: it names what is run (Use a variable, or a constant)',
    ]],
    [one({}, { inputs: { depth: "integer" } }), [
      'warning /inputs/depth Nothing uses the input "depth"',
    ]],
    ...[
      "{depth}",
      ". as {depth: $n} | $n",
      "keys",
      "$input.depth",
      "$input | .depth",
      '$workflow.inputs."depth"',
    ].map((it): readonly [JsonObject, readonly string[]] => [
      one({ inputs: { x: `\${${it}}` } }, { inputs: { depth: "integer" } }),
      [],
    ]),
    // It is a member of what is made here, and of no input.
    [
      one({ inputs: { x: "${[1] | .[0].depth}" } }, {
        inputs: { depth: "integer" },
      }),
      ['warning /inputs/depth Nothing uses the input "depth"'],
    ],
    [
      one({ inputs: { x: "${workflow.inputs.n}" } }, {
        inputs: { n: { type: "integer", default: "2" } },
      }),
      ['error /inputs/n/default The default "2" is not of type integer'],
    ],
    [
      one({ inputs: { x: "${workflow.inputs.n}" } }, {
        inputs: { n: "strin" },
      }),
      [
        'error /inputs/n Unknown type "strin" (Did you mean "string"?)',
      ],
    ],
    [one({ dependson: ["b"] }), [
      'error /tasks/0/dependson Unknown field "dependson" of an agent task (Did you mean "dependsOn"?)',
    ]],
    [one({ inputs: { x: "${ .a + }" } }), [
      "error /tasks/0/inputs/x@8 The expression ends too early",
    ]],
    [{ tasks: [{ name: "a" }] }, [
      'error /tasks/0 Task "a" does not say what it does (Give it "agent", or one of call, emit, for, fork, listen, raise, run, set, switch, try, wait, do)',
    ]],
    [{ tasks: [{ agent: "x" }] }, ['error /tasks/0 A task needs "name"']],
    [{ tasks: [{ name: "a", agent: "x" }, { name: "a", agent: "x" }] }, [
      'error /tasks/1/name There is a task "a" already',
    ]],
    [{ tasks: [] }, ["error /tasks A workflow needs at least one task"]],
    [{ tasks: [{ name: "a", set: { x: 1 }, then: "end" }] }, [
      'error /tasks/0/then Tasks of a graph have no "then" (Use "dependsOn")',
    ]],
  ];
  for (const [spec, expected] of cases) {
    deepStrictEqual(found(spec), expected);
  }
});

Deno.test("a circle is printed as the path along it", () => {
  const task = (name: string, on: Json): JsonObject => ({
    name,
    agent: "x",
    dependsOn: on,
  });
  deepStrictEqual(
    found({
      tasks: [task("z", ["a"]), task("a", ["b"]), task("b", ["c"]), {
        name: "c",
        agent: "x",
        inputs: { v: "${tasks.a.output}" },
      }],
    }),
    ["error /tasks/1 Tasks depend on each other in a circle: a → b → c → a"],
  );
});

Deno.test("references in larger expressions keep subtraction apart from hyphens", () => {
  const graph = graphOf({
    inputs: { n: "integer", "n-1": "integer" },
    tasks: [
      { name: "a-1", set: { x: 1 }, outputs: ["x"] },
      {
        name: "b",
        set: {
          both: "${workflow.inputs.n-1}",
          less: "${workflow.inputs.n -1}",
          of: "${tasks.a-1.outputs.x-1}",
          keep: '${ {tasks: 1, "t": "tasks.a-1.output"} }',
          jq: '${ $tasks["a-1"].output }',
        },
      },
    ],
  });
  const second = graph.tasks[1];
  ok(second?.task.kind === "set" && second.task.value.kind === "object");
  deepStrictEqual(second.dependsOn, ["a-1"]);
  const programs = second.task.value.entries.map(([, value]) =>
    value.kind === "expression"
      ? value.expression.program ?? value.expression.source
      : ""
  );
  deepStrictEqual(programs.map((program) => program.trim()), [
    '$workflow.inputs["n-1"]',
    '$workflow.inputs["n"] -1',
    '$tasks["a-1"].outputs["x"]-1',
    '{tasks: 1, "t": "tasks.a-1.output"}',
    '$tasks["a-1"].output',
  ]);
});

Deno.test("a long chain of as many tasks as there can be is checked in one go", () => {
  const tasks = Array.from({ length: TASKS_MAX }, (_, i) => ({
    name: `t${i}`,
    agent: "x",
    dependsOn: i === TASKS_MAX - 1 ? [] : [`t${i + 1}`],
  }));
  strictEqual(graphOf({ tasks }).tasks.length, TASKS_MAX);
  ok(
    found({ tasks: [...tasks, { name: "more", agent: "x" }] })[0]?.includes(
      "at most 10000",
    ),
  );
});

Deno.test("all that may be an input's use counts as one", () => {
  const uses = [
    "${ .note }",
    "${ $input.note }",
    '${ $input["note"] }',
    "${ . }",
    "${ $workflow.inputs | keys }",
  ];
  for (const use of uses) {
    const spec = {
      inputs: { note: "string" },
      tasks: [{ name: "a", agent: "b", message: use }],
    };
    deepStrictEqual(found(spec), [], use);
  }
});

Deno.test("tasks as a whole are known at the end only", () => {
  const task = { name: "a", agent: "b" };
  const whole = "${ $tasks | keys }";
  deepStrictEqual(
    found({ tasks: [task, { name: "c", agent: "b", message: whole }] }),
    [
      'error /tasks/1/message@3 "$tasks" as a whole is not known before all ' +
      'tasks are done (Name the task: "tasks.NAME.outputs")',
    ],
  );
  deepStrictEqual(found({ tasks: [task], output: { as: whole } }), []);
  for (const use of ['$tasks."a"', '$tasks.["a"]', "$tasks .a", "($tasks).a"]) {
    const graph = graphOf({
      tasks: [task, { name: "c", agent: "b", message: `\${ ${use}.output }` }],
    });
    deepStrictEqual(graph.tasks[1]?.dependsOn, ["a"], use);
  }
  deepStrictEqual(
    found({ tasks: [task, { ...task, name: "c", message: "${ $tasks.b }" }] }),
    ['error /tasks/1/message@3 There is no task "b" (The tasks are a, c)'],
  );
});

Deno.test("what stands under use may refer to inputs and tasks", () => {
  const retry = (when: string): JsonObject => ({
    inputs: { again: "boolean" },
    use: { retries: { slow: { when, limit: { attempt: { count: 1 } } } } },
    tasks: [{ name: "a", agent: "b", retry: "slow" }],
  });
  deepStrictEqual(found(retry("${ workflow.inputs.again }")), []);
  strictEqual(found(retry("${ workflow.inputs.agian }")).length, 1);
});
