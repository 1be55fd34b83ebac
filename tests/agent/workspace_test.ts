import { equal, match, ok } from "node:assert/strict";
import { createPlace, type Place } from "../cli/program.ts";

/** An agent with built-in tools, whose model calls some, one after the other. */
async function agentWith(
  place: Place,
  { workspace, permissions = "{}", calls, more = "" }: {
    readonly workspace: string;
    readonly permissions?: string;
    readonly calls: readonly string[];
    readonly more?: string;
  },
): Promise<void> {
  await place.write(
    "a.yaml",
    `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: builder }
spec:
  instructions: You work on the files of a folder.
  model: { name: "script:a.script.yaml" }
  workspace: ${workspace}
  permissions: ${permissions}
${more}`,
  );
  const turns = calls.map((call) => `  - call: ${call}\n`).join("");
  await place.write(
    "a.script.yaml",
    `turns:\n${turns}  - say: "Result \${toolResult}"\n`,
  );
}

Deno.test("an agent works on files, and reads alone need no leave", async () => {
  await using place = await createPlace();
  await agentWith(place, {
    workspace: "{ folder: site }",
    permissions: '{ allow: ["write:path=pages/*", "edit:path=pages/*"] }',
    calls: [
      "{ tool: workspace_write, arguments: { path: ./pages//a.md, content: One } }",
      "{ tool: workspace_edit, arguments: { path: pages/a.md, oldText: One, newText: Two } }",
      "{ tool: workspace_read, arguments: { path: pages/a.md } }",
    ],
  });
  await place.write("site/index.md", "Home");
  const ran = await place.run(["run", "a.yaml", "builder"]);
  equal(ran.code, 0, ran.stderr);
  match(ran.stdout, /Result\s+1\tTwo/);
});

Deno.test("a call leaves neither the folder nor what the rules let it do", async () => {
  await using place = await createPlace();
  await place.write("secret.txt", "the word");
  await place.write("site/a.md", "One");
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      "{ tool: workspace_read, arguments: { path: ../secret.txt } }",
      /leads up/,
    ],
    ["{ tool: workspace_read, arguments: { path: /etc/passwd } }", /absolute/],
    [
      '{ tool: workspace_shell, arguments: { cmd: "rm -rf a.md" } }',
      /There is no tool "workspace_shell"/,
    ],
    [
      "{ tool: workspace_write, arguments: { path: a.md, content: x } }",
      /deny/,
    ],
  ];
  for (const [call, expected] of cases) {
    await agentWith(place, {
      workspace: "{ folder: site }",
      permissions: "{ deny: [write] }",
      calls: [call],
    });
    const ran = await place.run(["run", "a.yaml", "builder"]);
    equal(ran.code, 0, ran.stderr);
    match(ran.stdout, expected);
    ok(!ran.stdout.includes("the word"));
  }
});

Deno.test("what Stigmer keeps for itself is not there for an agent", async () => {
  await using place = await createPlace();
  await place.write("home/credentials.yaml", '"https://a.example": "the word"');
  await place.write("home/notes.txt", "no word");
  const cases: readonly (readonly [string, RegExp])[] = [
    ["read, arguments: { path: home/credentials.yaml } }", /for itself/],
    ["write, arguments: { path: home/workers/a, content: x } }", /for itself/],
    [
      "search, arguments: { pattern: word, path: home } }",
      /^home\/notes\.txt:1: no word$/m,
    ],
    [
      "list, arguments: { path: home, depth: 1 } }",
      /^home\/notes\.txt \(7 bytes\)$/m,
    ],
  ];
  for (const [call, expected] of cases) {
    await agentWith(place, {
      workspace: "{}",
      permissions: '{ allow: ["*"] }',
      calls: [`{ tool: workspace_${call}`],
    });
    const ran = await place.run(["run", "a.yaml", "builder"]);
    equal(ran.code, 0, ran.stderr);
    match(ran.stdout.replace(/^Result /m, ""), expected);
    for (const name of ["the word", "stigmer.db (", "master.key ("]) {
      ok(!ran.stdout.includes(name), ran.stdout);
    }
  }
});

const VALUE = 's3cret "of-the-workflow" & more; id';

Deno.test({
  name: "a secret is opened for a call alone, and stays what it is there",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using place = await createPlace();
    const key = "${input.login.key}";
    await place.write(
      "a.yaml",
      `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: builder }
spec:
  instructions: You work on the files of a folder.
  model: { name: "script:a.script.yaml" }
  workspace: { commands: [printf] }
  permissions: { allow: ["*"] }
---
document: { dsl: 1.0.3, namespace: t, name: hand, version: 1.0.0 }
use: { secrets: [KEY] }
do:
  - ask:
      call: agent
      with:
        agent: builder
        input: { login: { key: "\${ $secrets.KEY }" } }
`,
    );
    await place.write(
      "a.script.yaml",
      `turns:
  - call: { tool: workspace_write, arguments: { path: key.txt, content: "${key}" } }
  - call: { tool: workspace_read, arguments: { path: "${key}" } }
  - when: { toolResult: A secret cannot be a path }
    call: { tool: workspace_shell, arguments: { cmd: "printf [%s] '${key}' end" } }
  - say: "Shell: \${toolResult}"
`,
    );
    const ran = await place.run(["run", "a.yaml", "--name", "hand"], {
      env: { STIGMER_SECRET_KEY: VALUE },
    });
    equal(ran.code, 0, ran.stderr);
    equal(await Deno.readTextFile(`${place.folder}/key.txt`), VALUE);
    match(ran.stdout, /\[\*\*\*\]\[end\]/);
    for (const text of [ran.stdout, ran.stderr]) ok(!text.includes("s3cret"));
  },
});

Deno.test("sub-agents have the workspace of their agent, as far as they are let", async () => {
  await using place = await createPlace();
  await place.write("site/a.md", "Home");
  await agentWith(place, {
    workspace: "{ folder: site }",
    permissions: "{ allow: [write] }",
    calls: ["{ tool: agent_reader, arguments: { message: Look } }"],
    more: `  subAgents:
    - name: reader
      description: Reads
      instructions: You read, and nothing else.
      model: script:sub.script.yaml
      tools: ["workspace:read"]
`,
  });
  await place.write(
    "sub.script.yaml",
    `turns:
  - call: { tool: workspace_write, arguments: { path: b.md, content: x } }
  - when: { toolResult: There is no tool "workspace_write" }
    call: { tool: workspace_read, arguments: { path: a.md } }
  - say: "It says \${toolResult}"
`,
  );
  const ran = await place.run(["run", "a.yaml", "builder"]);
  equal(ran.code, 0, ran.stderr);
  match(ran.stdout, /It says\s+1\tHome/);
});

Deno.test({
  name: "a program is asked about, in the one form of its line",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using place = await createPlace();
    await agentWith(place, {
      workspace: "{ commands: [touch, rm] }",
      permissions: '{ allow: ["shell:cmd=touch *"], deny: ["shell:cmd=rm*"] }',
      calls: [
        `{ tool: workspace_shell, arguments: { cmd: "t'ouch'   made" } }`,
        `{ tool: workspace_shell, arguments: { cmd: "'r'm  -rf ." } }`,
      ],
    });
    const ran = await place.run(["run", "a.yaml", "builder"]);
    equal(ran.code, 0, ran.stderr);
    match(ran.stdout, /deny shell:cmd=rm\*/);
    equal(await Deno.readTextFile(`${place.folder}/made`), "");
    await agentWith(place, {
      workspace: "{ commands: [touch, rm] }",
      calls: [`{ tool: workspace_shell, arguments: { cmd: "touch 'other'" } }`],
    });
    const asked = await place.run(["run", "a.yaml", "builder"]);
    equal(asked.code, 5, asked.stderr);
    match(asked.stderr, /touch other/);
  },
});
