import assert, { deepStrictEqual, equal, match } from "node:assert/strict";
import { failureOfExecution, outputOf, runWorkflow } from "./run_example.ts";

/** Expressions are evaluated in a worker, which outlives a test. */
const OPEN = { sanitizeOps: false, sanitizeResources: false };

function workflow(tasks: string, more = ""): string {
  return `
document: { dsl: 1.0.3, namespace: t, name: runs, version: 1.0.0 }
${more}
do:
${tasks}
`;
}

Deno.test(
  "run script gives what it prints to the next task",
  OPEN,
  async () => {
    const execution = await runWorkflow(
      workflow(`
  - sum:
      run:
        script:
          language: js
          arguments: ["\${ .a }", "\${ .b }"]
          code: |
            const [, , a, b] = process.argv;
            console.log(JSON.stringify({ sum: \`\${Number(a) + Number(b)}\` }));
      output: { as: "\${ fromjson }" }
  - next: { set: { got: "\${ .sum }" } }
`),
      { input: { a: 2, b: 3 } },
    );
    deepStrictEqual(outputOf(execution), { got: "5" });
  },
);

Deno.test("run script is given data as data", OPEN, async () => {
  const execution = await runWorkflow(
    workflow(`
  - echo:
      run:
        script:
          language: js
          stdin: "\${ .text }"
          environment: { TEXT: "\${ .text }" }
          arguments: ["\${ .text }"]
          code: |
            import { readFileSync } from "node:fs";
            console.log(readFileSync(0, "utf8"), process.env.TEXT, process.argv[2]);
`),
    { input: { text: "${ .secret }; $(id)" } },
  );
  const text = "${ .secret }; $(id)";
  equal(outputOf(execution), `${text} ${text} ${text}\n`);
});

Deno.test(
  "run script takes code from elsewhere, and from an expression",
  OPEN,
  async () => {
    for (
      const code of [
        "source: { endpoint: { uri: https://scripts.test/hello.js } }",
        "source: { endpoint: file://scripts/hello.js }",
        "code: '${ .code }'",
      ]
    ) {
      const execution = await runWorkflow(
        workflow(`
  - hello:
      run: { script: { language: js, arguments: [you], ${code} } }
`),
        {
          input: { code: 'console.log("Hello", process.argv[2])' },
          files: {
            "https://scripts.test/hello.js":
              'console.log("Hello", process.argv[2])',
            "scripts/hello.js": 'console.log("Hello", process.argv[2])',
          },
        },
      );
      equal(outputOf(execution), "Hello you\n", code);
    }
  },
);

Deno.test(
  "run script uses secrets in its environment, and shows none",
  OPEN,
  async () => {
    const execution = await runWorkflow(
      workflow(
        `
  - use:
      run:
        script:
          language: js
          environment: { KEY: "\${ $secrets.KEY }" }
          code: console.log(process.env.KEY.length, process.env.KEY)
`,
        "use: { secrets: [KEY] }",
      ),
      { input: {}, secrets: { KEY: "hush-hush" } },
    );
    equal(outputOf(execution), "9 ***\n");
  },
);

Deno.test(
  "run script can be limited in time, and the error be caught",
  OPEN,
  async () => {
    const startMs = Date.now();
    const execution = await runWorkflow(
      workflow(`
  - guarded:
      try:
        - endless:
            timeout: { after: { milliseconds: 300 } }
            run: { script: { language: js, code: "setInterval(() => {}, 1000)" } }
      catch:
        errors: { with: { status: 408 } }
        do:
          - late: { set: { late: true } }
`),
      { input: {} },
    );
    deepStrictEqual(outputOf(execution), { late: true });
    assert.ok(Date.now() - startMs < 5000);
  },
);

Deno.test("run gives what is asked for of a process", OPEN, async () => {
  const cases = [
    ["stdout", "out\n"],
    ["stderr", "err\n"],
    ["code", 0],
    ["all", { code: 0, stdout: "out\n", stderr: "err\n" }],
    ["none", null],
  ] as const;
  for (const [what, expected] of cases) {
    const execution = await runWorkflow(
      workflow(`
  - both:
      run:
        script: { language: js, code: "console.log('out'); console.error('err')" }
        return: ${what}
`),
      { input: {} },
    );
    deepStrictEqual(outputOf(execution), expected, what);
  }
});

Deno.test("a graph runs scripts, with inputs and retries", OPEN, async () => {
  const execution = await runWorkflow(
    `
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: graph }
spec:
  inputs: { n: integer }
  tasks:
    - name: double
      inputs: { n: "\${workflow.inputs.n}" }
      retry: { limit: { attempt: { count: 2 } } }
      timeout: { after: PT20S }
      run:
        script:
          language: js
          arguments: ["\${ .n }"]
          code: console.log(Number(process.argv[2]) * 2)
    - name: show
      inputs: { doubled: "\${tasks.double.output}" }
      if: "\${ true }"
      set: { text: "got \${ .doubled }" }
`,
    { input: { n: 21 } },
  );
  match(JSON.stringify(outputOf(execution)), /got 42/);
});

Deno.test(
  "a container without an engine fails before the first task",
  OPEN,
  async () => {
    const execution = await runWorkflow(
      workflow(`
  - before: { set: { touched: true } }
  - maybe:
      if: "\${ false }"
      do:
        - inside: { run: { container: { image: alpine } } }
`),
      { input: {} },
    );
    const failure = failureOfExecution(execution);
    match(String(failure.type), /errors\/configuration$/);
    match(String(failure.detail), /neither docker nor podman on PATH/);
    equal(execution.status?.tasks.length, 0);
  },
);
