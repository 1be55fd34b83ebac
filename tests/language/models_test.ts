import { deepStrictEqual, equal, match } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Json } from "../../src/model/json.ts";
import { failureOfExecution, outputOf, runWorkflow } from "./run_example.ts";

/** Expressions are evaluated in a worker, which outlives a test. */
const OPEN = { sanitizeOps: false, sanitizeResources: false };

function workflow(tasks: string): string {
  return `
document: { dsl: 1.0.3, namespace: t, name: models, version: 1.0.0 }
do:
${tasks}
`;
}

const ASK = `
  - ask:
      call: llm
      with:
        model: script:answers.yaml
        system: Be brief
        prompt: "Sort out: \${ .text }"
        schema:
          type: object
          properties: { team: { type: string }, urgent: { type: boolean } }
          required: [team, urgent]
`;

Deno.test("call llm gives the text of an answer", OPEN, async () => {
  const execution = await runWorkflow(
    workflow(`
  - ask:
      call: llm
      with: { model: "script:answers.yaml", prompt: "Say \${ .word }" }
`),
    {
      input: { word: "${ .secret }" },
      files: { "answers.yaml": "turns: [{ say: 'You said: \${message}' }]" },
    },
  );
  equal(outputOf(execution), "You said: Say ${ .secret }");
});

Deno.test(
  "call llm gives the value of an answer that fits its schema",
  OPEN,
  async () => {
    const execution = await runWorkflow(workflow(ASK), {
      input: { text: "No heating" },
      files: {
        "answers.yaml":
          `turns: [{ when: { message: "No heating" }, say: '{"team":"home","urgent":true}', usage: { inputTokens: 7, outputTokens: 5 } }]`,
      },
    });
    deepStrictEqual(outputOf(execution), { team: "home", urgent: true });
    const usage = execution.status?.usage;
    deepStrictEqual(
      [usage?.turns, usage?.inputTokens, usage?.outputTokens].map(Number),
      [1, 7, 5],
    );
  },
);

Deno.test(
  "call llm asks again for what does not fit, and says what it cost",
  OPEN,
  async () => {
    const execution = await runWorkflow(workflow(ASK), {
      input: { text: "x" },
      files: {
        "answers.yaml": `turns:
  - { say: "no idea", usage: { inputTokens: 1, outputTokens: 1 } }
  - { when: { message: "it is no JSON" }, say: '{"team":"a"}', usage: { inputTokens: 2, outputTokens: 2 } }
  - { when: { message: "missing \\"urgent\\"" }, say: '{"team":"a","urgent":false}', usage: { inputTokens: 3, outputTokens: 3 } }
`,
      },
    });
    deepStrictEqual(failureOfExecution(execution), {});
    deepStrictEqual(outputOf(execution), { team: "a", urgent: false });
    const usage = execution.status?.usage;
    deepStrictEqual(
      [usage?.turns, usage?.inputTokens].map(Number),
      [3, 6],
    );
  },
);

Deno.test(
  "call llm fails after three answers that do not fit",
  OPEN,
  async () => {
    const execution = await runWorkflow(workflow(ASK), {
      input: { text: "x" },
      files: { "answers.yaml": "turns: [{ say: never, repeat: true }]" },
    });
    const failure = failureOfExecution(execution);
    match(String(failure.type), /errors\/validation$/);
    match(
      String(failure.detail),
      /does not fit its schema after 3 answers: it is no JSON/,
    );
    equal(failure.instance, "/do/0/ask");
  },
);

Deno.test("call llm fails when its answer was cut off", OPEN, async () => {
  const execution = await runWorkflow(workflow(ASK), {
    input: { text: "x" },
    files: { "answers.yaml": 'turns: [{ say: "{", finish: length }]' },
  });
  match(
    String(failureOfExecution(execution).detail),
    /was cut off .*with\.maxOutputTokens/,
  );
});

Deno.test("a graph asks a model in one of its tasks", OPEN, async () => {
  const execution = await runWorkflow(
    `
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: graph }
spec:
  inputs: { text: string }
  tasks:
    - name: sort
      inputs: { text: "\${workflow.inputs.text}" }
      call: llm
      with:
        model: script:answers.yaml
        prompt: "Sort \${ .text }"
        schema: { type: object, required: [team] }
    - name: show
      inputs: { team: "\${tasks.sort.outputs.team}" }
      set: { to: "\${ .team }" }
`,
    {
      input: { text: "mail" },
      files: {
        "answers.yaml":
          `turns: [{ when: { message: "Sort mail" }, say: '{"team":"post"}' }]`,
      },
    },
  );
  match(JSON.stringify(outputOf(execution)), /"post"/);
});

const SERVER = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);

/** A call of the tool server that tests talk to. */
function ask(mode: string, more: string): string {
  return `
  - ask:
      call: mcp
      with:
        transport:
          stdio:
            command: deno
            arguments: [run, -q, --no-config, -A, "${SERVER}", ${mode}]
        ${more}
`;
}

async function outputOfCall(more: string, input: Json = {}): Promise<Json> {
  return outputOf(await runWorkflow(workflow(ask("good", more)), { input }));
}

Deno.test("call mcp calls a tool with data as data", OPEN, async () => {
  const output = await outputOfCall(
    'method: tools/call\n        parameters: { name: echo, arguments: { text: "${ .text }" } }',
    { text: "${TOKEN} ${ .secret }" },
  );
  deepStrictEqual(output, {
    content: [{ type: "text", text: "echo: ${TOKEN} ${ .secret }" }],
    isError: false,
  });
});

Deno.test("call mcp lists tools", OPEN, async () => {
  const output = await outputOfCall("method: tools/list");
  match(JSON.stringify(output), /^\{"tools":\[\{"name":"echo"/);
});

Deno.test("call mcp fails when a tool says that it failed", OPEN, async () => {
  const execution = await runWorkflow(
    workflow(
      ask("good", "method: tools/call\n        parameters: { name: fail }"),
    ),
    { input: {} },
  );
  const failure = failureOfExecution(execution);
  match(String(failure.type), /errors\/runtime$/);
  match(String(failure.detail), /^Tool "fail" of tool server "deno" failed: /);
});

Deno.test(
  "call mcp says how a server died, and how late it was",
  OPEN,
  async () => {
    const died = await runWorkflow(
      workflow(
        ask("crash", "method: tools/call\n        parameters: { name: echo }"),
      ),
      { input: {} },
    );
    const failure = failureOfExecution(died);
    match(String(failure.type), /errors\/communication$/);
    match(String(failure.detail), /exit code 3.*a disk is on fire/s);
    const late = await runWorkflow(
      workflow(
        ask(
          "hang",
          "method: tools/call\n        timeout: { seconds: 2 }\n        parameters: { name: echo }",
        ),
      ),
      { input: {} },
    );
    const timeout = failureOfExecution(late);
    match(String(timeout.type), /errors\/timeout$/);
    match(String(timeout.detail), /did not answer within 2 s/);
  },
);

Deno.test("call mcp names a program that is not there", OPEN, async () => {
  const execution = await runWorkflow(
    workflow(`
  - ask:
      call: mcp
      with:
        method: tools/list
        transport: { stdio: { command: no-such-server } }
`),
    { input: {} },
  );
  const failure = failureOfExecution(execution);
  match(String(failure.type), /errors\/configuration$/);
  match(String(failure.detail), /no program "no-such-server" on PATH/);
});
