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
