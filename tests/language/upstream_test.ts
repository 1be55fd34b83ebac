import assert from "node:assert/strict";
import { parse } from "yaml";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { convertResource, formOf } from "../../src/manifest/convert.ts";
import { printResource } from "../../src/manifest/print.ts";
import { readManifests } from "../../src/manifest/read.ts";
import { renderDiagnostic } from "../../src/manifest/render.ts";
import type { Json } from "../../src/model/json.ts";
import { CONVERTERS, REFUSED } from "../../src/workflow/upstream_kinds.ts";
import { exampleHosts } from "../servers/example_hosts.ts";
import {
  failureOfExecution,
  outputOf,
  type RunOptions,
  runWorkflow,
} from "./run_example.ts";

/** A workflow as later releases of upstream write it, and what it gives. */
interface Case extends RunOptions {
  readonly topic: string;
  readonly tasks: string;
  readonly output?: Json;
  readonly failure?: { readonly status: number; readonly detail: string };
}

const CASES: readonly Case[] = [
  {
    topic: "set: the variables are the output, and $data keeps them",
    input: { who: "Ada" },
    tasks: `
    - name: first
      kind: SET
      task_config: { variables: { greeting: "Hello \${ .who }", n: 1 } }
    - name: second
      kind: set_vars
      task_config: { variables: { all: "\${ $data.greeting }!", n: "\${ .n + 1 }" } }
    - name: third
      kind: set
      task_config: { variables: { both: "\${ $data }" } }
`,
    output: { both: { greeting: "Hello Ada", n: 2, all: "Hello Ada!" } },
  },
  {
    topic: "an export is kept under the name of its task",
    input: { a: 1 },
    tasks: `
    - { name: one, kind: set_vars, task_config: { variables: { v: 1 } }, export: { as: "\${ . }" } }
    - { name: two, kind: set_vars, task_config: { variables: { v: 2 } }, export: { as: { twice: "\${ .v * 2 }", text: "v=\${ .v }" } } }
    - { name: sum, kind: set_vars, task_config: { variables: { v: "\${ $context.one.v + $context.two.twice }", t: "\${ $context.two.text }" } } }
`,
    output: { v: 5, t: "v=2" },
  },
  {
    topic: "switch: the first case that holds, else the one without when",
    input: { total: 5 },
    tasks: `
    - name: choose
      kind: switch_case
      task_config:
        cases:
          - { name: large, when: "\${ .total > 100 }", then: large }
          - { name: other, then: small }
    - { name: large, kind: set, task_config: { variables: { size: large } }, flow: { then: end } }
    - { name: small, kind: set, task_config: { variables: { size: small } } }
`,
    output: { size: "small" },
  },
  {
    topic: "a revision loop goes back, which upstream could not",
    input: { n: 0 },
    tasks: `
    - { name: work, kind: set, task_config: { variables: { n: "\${ .n + 1 }" } } }
    - name: check
      kind: SWITCH
      task_config: { cases: [ { name: again, when: "\${ .n < 3 }", then: work }, { name: done, then: end } ] }
`,
    output: { n: 3 },
  },
  {
    topic: "foreach: the output is the list of what the rounds gave",
    input: { items: [{ v: 1 }, { v: 2 }, { v: 3 }], add: 10 },
    tasks: `
    - name: each
      kind: for_each
      task_config:
        each: it
        in: "\${ .items }"
        at: i
        do:
          - { name: sum, kind: set, task_config: { variables: { sum: "\${ $data.it.v + .add }", i: "\${ $i }", same: "\${ it.v }" } } }
          - { name: stop, kind: set, task_config: { variables: { r: "\${ .sum + .i + .same }" } }, flow: { then: end } }
          - { name: never, kind: set, task_config: { variables: { r: -1 } } }
      export: { as: "\${ length }" }
    - { name: last, kind: set, task_config: { variables: { rounds: "\${ . }", count: "\${ $context.each }" } } }
`,
    output: { rounds: [{ r: 12 }, { r: 15 }, { r: 18 }], count: 3 },
  },
  {
    topic: "foreach: nested, over a number, and as long as a condition holds",
    tasks: `
    - name: outer
      kind: FOR
      task_config:
        each: a
        in: 3
        while: "\${ $a < 2 }"
        do:
          - name: inner
            kind: for_each
            task_config: { each: b, in: "\${ [10, 20] }", do: [ { name: sum, kind: set, task_config: { variables: { v: "\${ $a + $b }" } } } ] }
          - { name: values, kind: transform, task_config: { expression: "map(.v)" } }
`,
    output: [[10, 20], [11, 21]],
  },
  {
    topic: "parallel: outputs by branch",
    input: { n: 2 },
    tasks: `
    - name: both
      kind: fork
      task_config:
        branches:
          - { name: double, do: [ { name: d, kind: set, task_config: { variables: { v: "\${ .n * 2 }" } } } ] }
          - { name: square-it, do: [ { name: s, kind: set, task_config: { variables: { v: "\${ .n * .n * .n }" } } } ] }
`,
    output: { double: { v: 4 }, "square-it": { v: 8 } },
  },
  {
    topic: "parallel, competing: the winner's output",
    tasks: `
    - name: race
      kind: fork
      task_config:
        compete: true
        branches:
          - { name: slow, do: [ { name: w, kind: wait, task_config: { duration: { minutes: 5 } } } ] }
          - { name: fast, do: [ { name: f, kind: set, task_config: { variables: { won: true } } } ] }
`,
    output: { won: true },
  },
  {
    topic: "signal: an event of the signal's name, whose data is the output",
    tasks: `
    - name: approval
      kind: listen
      task_config: { to: { mode: one, signals: [ { id: approved, type: signal } ] } }
    - { name: who, kind: set, task_config: { variables: { by: "\${ .by }" } } }
`,
    events: `
{ specversion: "1.0", id: "1", source: "https://example.org", type: approved, data: { by: Ada } }
`,
    output: { by: "Ada" },
  },
  {
    topic: "sleep: for a time, and until one that has passed",
    tasks: `
    - { name: nap, kind: wait, task_config: { duration: { milliseconds: 20 } } }
    - { name: past, kind: WAIT, task_config: { until: "2020-01-31T12:00:00Z" } }
    - { name: done, kind: set, task_config: { variables: { awake: true } } }
`,
    output: { awake: true },
  },
  {
    topic: "transform: jq over an input",
    input: { rows: [{ id: 2, ok: true }, { id: 1, ok: false }] },
    tasks: `
    - name: ids
      kind: transform
      task_config: { engine: jq, input: "\${ .rows }", expression: "map(select(.ok) | .id)" }
`,
    output: [2],
  },
  {
    topic: "retry: a task that fails is tried again, then its error is handled",
    tasks: `
    - name: safe
      kind: try_catch
      task_config:
        try:
          - { name: get, kind: http_call, task_config: { method: GET, endpoint: { uri: "http://orders.example.com/flaky" } } }
          - { name: bad, kind: raise_error, task_config: { error: validation, message: "No \${ .status_code }" } }
        catch:
          errors: { with: { status: 503 } }
          as: problem
          retry: { delay: { milliseconds: 1 }, limit: { attempt: { count: 5 } } }
`,
    failure: { status: 400, detail: "No 200" },
  },
  {
    topic: "try: the error is bound under its name",
    tasks: `
    - name: safe
      kind: TRY
      task_config:
        try: [ { name: bad, kind: RAISE, task_config: { error: OutOfStock, message: gone } } ]
        catch:
          as: problem
          when: "\${ $error.title == \\"OutOfStock\\" }"
          do: [ { name: mend, kind: SET, task_config: { variables: { type: "\${ $data.problem.type }", detail: "\${ $problem.detail }" } } } ]
`,
    output: { type: "urn:error:OutOfStock", detail: "gone" },
  },
  {
    topic: "http: the output has status_code, headers and body",
    secrets: { TOKEN: "s3cr3t" },
    tasks: `
    - name: send
      kind: HTTP_CALL
      taskConfig:
        method: POST
        endpoint: { uri: "http://echo.example.com/orders" }
        headers: { authorization: "Bearer \${.secrets.TOKEN}" }
        body: { n: 1 }
        timeoutSeconds: 30
      output: { as: "\${ {code: .status_code, method: .body.method, path: .body.path} }" }
`,
    output: { code: 200, method: "POST", path: "/orders" },
  },
  {
    topic: "validate: a schema, then rules, each of which is an error",
    input: { items: [] },
    tasks: `
    - name: sound
      kind: validate
      task_config: { input: "\${ .items }", schema: { type: array } }
      export: { as: "\${ .valid }" }
    - name: full
      kind: validate
      task_config:
        input: "\${ .data }"
        rules: [ { name: some, expression: "length > 0", message: "No items in \${ tojson }" } ]
`,
    failure: { status: 400, detail: "No items in []" },
  },
  {
    topic: "human: the outcome decides where it goes",
    tasks: `
    - name: ask
      kind: human_input
      task_config:
        prompt: Ship it?
        outcomes: [ { name: approve, then: ship }, { name: deny, then: stop } ]
    - { name: ship, kind: set, task_config: { variables: { shipped: true } }, flow: { then: end } }
    - { name: stop, kind: set, task_config: { variables: { outcome: "\${ .outcome }", why: "\${ .comment }" } } }
`,
    answers: [{ task: "ask", outcome: "deny", comment: "too early" }],
    output: { outcome: "deny", why: "too early" },
  },
];

for (const { topic, tasks, output, failure, ...options } of CASES) {
  Deno.test(`later upstream workflows: ${topic}`, async () => {
    const text = manifest(tasks);
    const given = { hosts: exampleHosts(), ...options };
    for (const run of [text, await converted(text)]) {
      const execution = await runWorkflow(run, given);
      const error = failureOfExecution(execution);
      if (failure !== undefined) {
        const { status, detail } = error;
        assert.deepEqual({ status, detail }, failure);
        continue;
      }
      const phase = execution.status?.phase;
      assert.equal(phase, Phase.COMPLETED, JSON.stringify(error));
      assert.deepEqual(outputOf(execution), output);
    }
  });
}

function manifest(tasks: string): string {
  return `apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: later }
spec:
  tasks:${tasks}`;
}

/** What `stigmer convert` prints. */
async function converted(text: string): Promise<string> {
  const [document] = (await readManifests([{ name: "w", text }])).documents;
  const resource = document?.resource.resource;
  assert.ok(document !== undefined && resource?.case === "workflow");
  assert.equal(formOf(resource.value), "upstream");
  const value = convertResource(resource.value);
  assert.equal(formOf(value), "document");
  const whole = { ...document.resource, resource: { ...resource, value } };
  return printResource(whole, "yaml");
}

/** What is said of a workflow, without the excerpts. */
async function told(tasks: string): Promise<readonly string[]> {
  const { diagnostics } = await readManifests([
    { name: "w.yaml", text: manifest(tasks) },
  ]);
  return diagnostics.map((it) =>
    renderDiagnostic(it).split("\n").filter((line) =>
      !/^ +(?:\d+ )?\|/.test(line)
    )
      .join("\n").trim()
  );
}

Deno.test("what has no counterpart is refused by name, with a way out", async () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    [
      "{ name: a, kind: notification, task_config: { channel: x } }",
      /6:24: error: There is no task that sends notifications\nhint: Use "http_call"/,
    ],
    [
      "{ name: a, kind: EVAL, task_config: { subject: x } }",
      /no task that scores/,
    ],
    [
      "{ name: a, kind: CALL_ACTIVITY, task_config: { activity: x } }",
      /Activities were code/,
    ],
    [
      "{ name: a, kind: transform, task_config: { engine: jsonata, expression: x } }",
      /6:\d+: error: Transforms in "jsonata"/,
    ],
    [
      '{ name: a, kind: for_each, task_config: { in: "${ . }", on_error: CONTINUE, do: [] } }',
      /"on_error: CONTINUE" has no counterpart/,
    ],
    [
      "{ name: a, kind: set, task_config: { variables: { a: 1 } }, compensate: [] }",
      /There is no "compensate"/,
    ],
    [
      "{ name: a, kind: set_varz, task_config: { variables: { a: 1 } } }",
      /no task of kind "set_varz"\nhint: Did you mean "set_vars"/,
    ],
    [
      "{ name: a, kind: set, task_config: { variable: { a: 1 } } }",
      /6:\d+: error: Unknown field "variable" .*\nhint: Did you mean "variables"/,
    ],
    [
      "{ name: a, kind: human_input, task_config: { prompt: x, on_timeout: ESCALATE } }",
      /"on_timeout: escalate" has no counterpart/,
    ],
    [
      "{ name: a, kind: llm_call, task_config: { prompt: x, on_invalid: FALLBACK, fallback_task: b } }",
      /"on_invalid: FALLBACK" has no counterpart/,
    ],
    [
      "{ name: a, kind: validate, task_config: { on_fail: WARN } }",
      /"on_fail: WARN" has no counterpart/,
    ],
    [
      "{ name: a, kind: listen, task_config: { to: { signals: [ { id: x, type: query } ] } } }",
      /A query has no counterpart/,
    ],
    [
      "{ name: a, kind: agent_call, task_config: { agent: x, env: { A: b } } }",
      /"env" of an agent call has no counterpart/,
    ],
  ];
  for (const [task, wanted] of refused) {
    const [first = ""] = await told(`\n    - ${task}\n`);
    assert.match(first, wanted, `${task}: ${first}`);
  }
});

Deno.test("what the converted document is told stands at the author's place", async () => {
  assert.deepEqual(
    await told(`
    - name: a
      kind: set
      task_config: { variables: { a: "\${ .x + }", b: "\${ $data.y } \${ nope(1) }" } }
      flow: { then: nowhere }
    - name: b
      kind: http_call
      task_config: { method: GET, endpoint: "ftp://example.org" }
`).then((all) => all.map((it) => it.split("\n")[0])),
    [
      "w.yaml:8:47: error: The expression ends too early",
      'w.yaml:8:54: error: Unknown function "nope"',
      'w.yaml:9:21: error: There is no task "nowhere" in this list to go to',
      'w.yaml:12:45: error: Endpoint "ftp://example.org" must begin with "http://" or "https://"',
    ],
  );
});

Deno.test("exports and texts that were misread upstream are warned of", async () => {
  const all = await told(`
    - name: a
      kind: set
      task_config: { variables: { a: "\${ $context.userId }", b: "\${HOME}" } }
    - { name: b, kind: agent_call, task_config: { agent: acme/bot, message: hi, harness: x } }
`);
  assert.deepEqual(all.map((it) => it.split("\n")[0]), [
    'w.yaml:8:42: warning: "$context.userId" is nothing that a task exports',
    'w.yaml:8:66: warning: "${HOME}" is taken as text: an expression begins with "${ "',
    'w.yaml:9:81: warning: "harness" has no counterpart and is left out',
  ]);
});

Deno.test("env_spec, and the time of a budget, are kept", async () => {
  const text = manifest(`
    - { name: a, kind: set, task_config: { variables: { a: "\${ $env.KEY }" } } }
  env_spec: { data: { KEY: { value: v, description: d, is_secret: false } } }
  budget: { max_duration_seconds: 60, max_cost_micros: 5, on_exceeded: warn }
`);
  const { documents, diagnostics } = await readManifests([{ name: "w", text }]);
  assert.deepEqual(diagnostics.map(({ message }) => message), [
    '"max_cost_micros" of a budget has no counterpart and is left out',
    '"on_exceeded" of a budget has no counterpart and is left out',
  ]);
  const resource = documents[0]?.resource.resource;
  assert.ok(resource?.case === "workflow");
  const printed = printResource(documents[0]?.resource ?? fail(), "yaml");
  assert.match(printed, /timeout:\n {4}after:\n {6}seconds: 60\n/);
  assert.match(printed, /env:\n {4}KEY:\n {6}description: d\n {6}default: v\n/);
  assert.deepEqual(outputOf(await runWorkflow(text)), { a: "v" });
});

function fail(): never {
  throw new Error("there is no document");
}

Deno.test("docs/migration.md shows what convert prints", async () => {
  const page = await Deno.readTextFile(
    new URL("../../docs/migration.md", import.meta.url),
  );
  const [written = "", shown = ""] = [...page.matchAll(/```yaml\n(.*?)```/gs)]
    .map(([, text = ""]) => text);
  const printed = parse(await converted(written));
  assert.deepEqual(parse(shown), printed.spec.do.slice(1));
  for (const kind of Object.keys({ ...CONVERTERS, ...REFUSED })) {
    assert.ok(page.includes(`| \`${kind}\``), kind);
  }
});
