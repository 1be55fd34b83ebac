import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { renderDiagnostic } from "./render.ts";
import { readTests } from "./tests.ts";

const HEAD = "agent: a.yaml\n";

async function told(text: string): Promise<readonly string[]> {
  const { diagnostics } = await readTests({ name: "t.yaml", text });
  return diagnostics.map(({ line, column, message, hint }) =>
    `${line}:${column} ${message}${hint === undefined ? "" : ` | ${hint}`}`
  );
}

Deno.test("readTests() reads cases with what the file says for all of them", async () => {
  const text = `agent: a.yaml#reviewer
environment: { REGION: eu, PORT: 8080 }
secrets: { TOKEN: "\${CI_TOKEN:-made-up}" }
timeout: 5s
definitions: more/
cases:
  - name: short
    message: Hello
    script: turns.yaml
    expect: { output: Hi }
  - name: long
    workflow: f.yaml
    definitions: b.yaml
    input: { a: 1 }
    cassette: c.yaml
    environment: { REGION: us }
    timeout: 1m30s
    approve: none
    expect:
      error: { matches: "no .* here" }
      toolCalls:
        only: true
        calls:
          - filesystem_list
          - tool: filesystem_read
            arguments: { path: { matches: '\\.md$' }, deep: { a: 1 } }
            times: 2
      limits: { turns: 3, costUsd: 0.01, duration: 500ms }
`;
  const { file, diagnostics } = await readTests({ name: "t.yaml", text });
  deepStrictEqual(diagnostics, []);
  const [short, long] = file?.cases ?? [];
  deepStrictEqual(short, {
    name: "short",
    line: 7,
    span: { start: 148, end: 152 },
    target: {
      kind: "Agent",
      file: "a.yaml",
      name: "reviewer",
      span: { start: 7, end: 22 },
    },
    definitions: ["more/"],
    skills: [],
    messages: ["Hello"],
    model: { kind: "script", file: "turns.yaml" },
    environment: { REGION: "eu", PORT: "8080" },
    secrets: { TOKEN: { variable: "CI_TOKEN", otherwise: "made-up" } },
    timeoutMs: 5000,
    expect: {
      status: "COMPLETED",
      output: { contains: ["Hi"] },
      limits: {},
    },
  });
  strictEqual(short?.approve, undefined);
  strictEqual(long?.approve, "none");
  strictEqual(long?.timeoutMs, 90_000);
  deepStrictEqual(long?.environment, { REGION: "us", PORT: "8080" });
  deepStrictEqual(long?.expect, {
    status: "FAILED",
    error: { matches: [/no .* here/mu] },
    toolCalls: {
      only: true,
      calls: [
        { tool: "filesystem_list" },
        {
          tool: "filesystem_read",
          arguments: {
            has: {
              path: { matches: [/\.md$/mu] },
              deep: { has: { a: { equals: 1 } } },
            },
          },
          times: 2,
        },
      ],
    },
    limits: { turns: 3, costUsd: 0.01, durationMs: 500 },
  });
  deepStrictEqual(long?.definitions, ["b.yaml"]);
});

const WRONG: readonly (readonly [string, string, RegExp])[] = [
  [
    "an approval that needs a person",
    `${HEAD}approve: ask\ncases:\n  - { name: a, message: Hi }\n`,
    /2:10 A test cannot approve "ask" of tool calls \| Write all or none/,
  ],
  ["nothing at all", "", /1:1 The file holds no tests/],
  ["no cases", HEAD, /It has no "cases"/],
  [
    "a slip in a key",
    `${HEAD}cases:\n  - name: a\n    mesage: Hi\n`,
    /4:5 Unknown field "mesage" in cases\[0\] \| Did you mean "message"\?/,
  ],
  [
    "a key of something else",
    `${HEAD}cases:\n  - { name: a, message: Hi, expect: { colour: red } }\n`,
    /Unknown field "colour" in cases\[0\]\.expect \| Choose one of status/,
  ],
  [
    "two models",
    `${HEAD}cases:\n  - { name: a, message: Hi, script: s, cassette: c }\n`,
    /Only one of "script" and "cassette" can be given/,
  ],
  [
    "the same name twice",
    `${HEAD}cases:\n  - { name: a, message: Hi }\n  - { name: a, message: Hi }\n`,
    /4:13 Case "a" is given twice, first in line 3/,
  ],
  [
    "a message for a workflow",
    `workflow: f.yaml\ncases:\n  - { name: a, message: Hi }\n`,
    /A workflow takes no message \| Give it "input"/,
  ],
  [
    "nothing to say to an agent",
    `${HEAD}cases:\n  - { name: a }\n`,
    /An agent needs "message", "messages" or "input"/,
  ],
  [
    "nothing to test",
    `cases:\n  - { name: a, message: Hi }\n`,
    /It is not said what to test, give "agent" or "workflow"/,
  ],
  [
    "a broken expression",
    `${HEAD}cases:\n  - { name: a, message: Hi, expect: { output: { matches: "(" } } }\n`,
    /"\(" is no regular expression: /,
  ],
  [
    "an output of what failed",
    `${HEAD}cases:\n  - { name: a, message: Hi, expect: { status: FAILED, output: x } }\n`,
    /A run that is FAILED has no output/,
  ],
  ...["contains: []", "matches: []", "not: { contains: [] }"].map((
    matcher,
  ): [string, string, RegExp] => [
    `nothing expected by ${matcher}`,
    `${HEAD}cases:\n  - { name: a, message: Hi, expect: { output: { ${matcher} } } }\n`,
    /It must say what is expected/,
  ]),
  ...["[]", "{ calls: [] }", "{ only: false, calls: [] }"].map((
    calls,
  ): [string, string, RegExp] => [
    `no calls that could be missing in ${calls}`,
    `${HEAD}cases:\n  - { name: a, message: Hi, expect: { toolCalls: ${calls} } }\n`,
    /It names no call \| Write "none" where there may be none/,
  ]),
  [
    "no limit",
    `${HEAD}cases:\n  - { name: a, message: Hi, expect: { limits: {} } }\n`,
    /It limits nothing \| Choose one of turns/,
  ],
  [
    "a time without unit",
    `${HEAD}timeout: 5\ncases:\n  - { name: a, message: Hi }\n`,
    /2:10 Expected a duration for timeout, got the number 5 \| Write the unit, as "5s"/,
  ],
  [
    "a second document",
    `${HEAD}cases: []\n---\n${HEAD}cases: []\n`,
    /4:1 A file of tests is one document/,
  ],
  ["no YAML", `${HEAD}cases: [\n`, /\d+:\d+ /],
];

for (const [name, text, expected] of WRONG) {
  Deno.test(`readTests() tells ${name}`, async () => {
    const found = await told(text);
    ok(found.some((it) => expected.test(it)), found.join("\n"));
  });
}

Deno.test("readTests() takes no secret in plain text, and shows none", async () => {
  const text = `agent: a.yaml
secrets: { TOKEN: canary-4711 }
cases:
  - { name: a, message: Hi, secrets: { KEY: canary-4712 } }
  - { name: b, message: Hi }
`;
  const { diagnostics } = await readTests({ name: "t.yaml", text });
  strictEqual(diagnostics.length, 2);
  const shown = diagnostics.map((it) => renderDiagnostic(it)).join("\n");
  match(shown, /t\.yaml:2:\d+: error: Secret "TOKEN" must be taken/);
  match(shown, /\$\{TOKEN:-made-up\}/);
  ok(!shown.includes("canary"), shown);
});
