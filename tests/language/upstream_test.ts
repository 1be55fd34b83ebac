import assert from "node:assert/strict";
import { parse } from "yaml";
import { Phase } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { convertResource, formOf } from "../../src/manifest/convert.ts";
import { printResource } from "../../src/manifest/print.ts";
import { readManifests } from "../../src/manifest/read.ts";
import { renderDiagnostic } from "../../src/manifest/render.ts";
import { CONVERTERS, REFUSED } from "../../src/workflow/upstream_kinds.ts";
import { exampleHosts } from "../servers/example_hosts.ts";
import { failureOfExecution, outputOf, runWorkflow } from "./run_example.ts";
import { UPSTREAM_CASES } from "./upstream_cases.ts";

for (const { topic, tasks, output, failure, ...options } of UPSTREAM_CASES) {
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
      "{ name: a, kind: transform, task_config: { expression: .x, language: jq } }",
      /Unknown field "language" .*\nhint: It has engine, expression, input/,
    ],
    [
      "{ name: a, kind: llm, taskConfig: { prompt: x, sytemPrompt: y } }",
      /6:54: error: Unknown field "sytemPrompt" .*\nhint: Did you mean "system_prompt"/,
    ],
    [
      "{ name: a, kind: human_input, task_config: { prompt: x, on_timeout: ESCALATE } }",
      /"on_timeout: escalate" has no counterpart/,
    ],
    [
      "{ name: a, kind: human_input, if: .x, task_config: { prompt: x, outcomes: [ { name: b, then: end } ] } }",
      /6:\d+: error: .*"if" of task "a".*\nhint: .*switch/,
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

Deno.test("what is wrong beside the tasks stands there, though secrets are added", async () => {
  const all = await told(`
    - { name: a, kind: http_call, task_config: { method: GET, endpoint: "https://a.test", headers: { k: "\${.secrets.KEY}" } } }
  use:
    secrets: [OTHER, 5]
    retries: { fast: { delay: soon } }
`);
  assert.deepEqual(all.map((it) => it.split("\n")[0]), [
    "w.yaml:8:22: error: This must be a string, not the number 5",
    'w.yaml:9:31: error: "soon" is not a duration',
  ]);
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

Deno.test("what is wrong beside what has no counterpart is told, too", async () => {
  const said = await told(`
    - name: choose
      kind: switch_case
      task_config:
        cases: [ { name: x, then: nowhere }, { name: y, when: "\${ .y }", then: note } ]
    - { name: note, kind: notification, task_config: { channel: x } }
    - { name: last, kind: transform, task_config: { expression: .x, language: jq } }
`);
  assert.deepEqual(said.map((it) => /error: (.*)/.exec(it)?.[1]), [
    'There is no task "nowhere" in this list to go to',
    "There is no task that sends notifications",
    'Unknown field "language" of the configuration of "last"',
  ]);
});

Deno.test("the page names the fields that each kind has", async () => {
  const page = await Deno.readTextFile(
    new URL("../../docs/migration.md", import.meta.url),
  );
  const [, section = ""] = /^## Fields\n(.*?)^## /ms.exec(page) ?? [];
  const rows = [...section.matchAll(/^\| `(\w+)` +\| (.*) \|$/gm)];
  assert.deepEqual(
    rows.map(([, kind]) => kind),
    Object.keys(CONVERTERS),
  );
  for (const [, kind = "", cell = ""] of rows) {
    const said = await told(`
    - { name: a, kind: ${kind}, task_config: { zzzzzzzzzz: 1 } }`);
    const hint = said.map((it) => /hint: It has (.*)$/.exec(it)?.[1])
      .find((it) => it !== undefined);
    const named = [...cell.matchAll(/`(\w+)`/g)].map(([, field]) => field);
    assert.deepEqual(named.sort(), hint?.split(", ").sort(), kind);
    const needed = [...cell.matchAll(/\*\*`(\w+)`\*\*/g)];
    for (const [, field] of needed) {
      const missing = `needs "${field}"`;
      assert.ok(said.some((it) => it.includes(missing)), `${kind} ${field}`);
    }
    assert.equal(
      said.filter((it) => /configuration .* needs "/.test(it)).length,
      needed.length,
      kind,
    );
  }
});
