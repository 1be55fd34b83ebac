import assert from "node:assert/strict";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  AgentSpecSchema,
  type WorkspaceToolsSchema,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import { checkWorkspace } from "./_check_workspace.ts";

type Init = MessageInitShape<typeof AgentSpecSchema>;
type Workspace = MessageInitShape<typeof WorkspaceToolsSchema>;

/** What is wrong, with its place and its hint. */
function check(spec: Init): string[] {
  return checkWorkspace(create(AgentSpecSchema, spec)).map(
    ({ pointer, message, hint }) => `${pointer} ${message} (${hint ?? ""})`,
  );
}

Deno.test("checkWorkspace() takes what an author means", () => {
  assert.deepEqual(check({}), []);
  assert.deepEqual(check({ workspace: {} }), []);
  assert.deepEqual(
    check({
      workspace: {
        folder: "packages/site",
        tools: ["list", "read", "shell", "fetch", "todo"],
        commands: ["git", "./build.sh", "/usr/bin/make", "*"],
        hosts: [
          "example.com",
          "*.example.com",
          "127.0.0.1:8080",
          "[::1]:8080",
          "localhost",
          "Example.com:443",
          "a_b.example.com:80",
          "*.example.com:8443",
          "10.0.0.1",
          "*",
        ],
      },
    }),
    [],
  );
});

Deno.test("checkWorkspace() says what cannot be meant, and what can", () => {
  const cases: readonly (readonly [Workspace, string])[] = [
    [
      { tools: ["raed"] },
      '/spec/workspace/tools/0 There is no built-in tool "raed" (Did you mean "read"?)',
    ],
    [
      { tools: ["shell"] },
      "/spec/workspace/tools/0 shell may start no program (Add workspace.commands, as [git, make])",
    ],
    [
      { tools: ["read", "fetch"] },
      "/spec/workspace/tools/1 fetch may reach no host (Add workspace.hosts, as [example.com])",
    ],
    [
      { folder: "/etc" },
      '/spec/workspace/folder "/etc" is no folder of the run (Write it from the folder of the run on, as src)',
    ],
    [
      { folder: "a/../.." },
      '/spec/workspace/folder "a/../.." leads out of the folder of the run (Write it from the folder of the run on, as src)',
    ],
    [
      { commands: ["git status"] },
      '/spec/workspace/commands/0 "git status" is no program (Name the program alone; rules look at its arguments, as permissions.allow: [shell:cmd=git status*])',
    ],
    [
      { hosts: ["https://example.com/a"] },
      '/spec/workspace/hosts/0 "https://example.com/a" is no host (Write "example.com")',
    ],
    [
      { hosts: ["ex*mple.com"] },
      '/spec/workspace/hosts/0 "ex*mple.com" is no host (Write it as example.com, *.example.com or 127.0.0.1:8080)',
    ],
    ...[
      ["127.1", "127.0.0.1"],
      ["0x7f000001:8080", "127.0.0.1:8080"],
      ["[0:0:0:0:0:0:0:1]", "[::1]"],
    ].map(([host = "", form]): readonly [Workspace, string] => [
      { hosts: [host] },
      `/spec/workspace/hosts/0 "${host}" is no host (Write "${form}")`,
    ]),
    [
      { hosts: ["example.com:65536"] },
      '/spec/workspace/hosts/0 "example.com:65536" is no host (Write it as example.com, *.example.com or 127.0.0.1:8080)',
    ],
    [
      { commands: Array<string>(65).fill("a") },
      "/spec/workspace/commands A workspace may have 64 programs, this has 65 ()",
    ],
  ];
  for (const [workspace, expected] of cases) {
    assert.deepEqual(check({ workspace }), [expected]);
  }
  for (const server of [{ name: "workspace" }, { server: "Workspace" }]) {
    assert.deepEqual(
      check({ workspace: {}, mcpServers: [server] }),
      [
        '/spec/mcpServers/0 "workspace" is what the built-in tools are grouped under (Give the server another name)',
      ],
    );
  }
});

Deno.test("checkWorkspace() warns of a program that the agent may change", () => {
  const workspace: Workspace = { commands: ["git", "./check.sh", "bin//a.sh"] };
  const of = (allow: string[], more: Workspace = {}, deny: string[] = []) =>
    check({
      workspace: { ...workspace, ...more },
      permissions: { allow, deny },
    });
  assert.deepEqual(of([]), []);
  assert.deepEqual(of(["write:path=docs/*", "shell"]), []);
  assert.deepEqual(of(["write:path=bin/*"]), [
    '/spec/workspace/commands/2 The agent may change "bin//a.sh" unasked, which shell may start (Add to permissions.deny: write:path=bin/a.sh)',
  ]);
  const [first = "", ...others] = of(["workspace"]);
  assert.match(
    first,
    /commands\/1 .*\(.*deny: write:path=check.sh, edit:path=/,
  );
  assert.equal(others.length, 1);
  const denied = [
    "write:path=check.sh",
    "edit:path=check.sh",
    "*:*:path=bin/*",
  ];
  assert.deepEqual(of(["workspace"], {}, denied), []);
  assert.deepEqual(of(["workspace"], { tools: ["read", "shell"] }), []);
  assert.deepEqual(of(["workspace"], { tools: ["read", "write"] }), []);
  assert.deepEqual(of(["*"], { commands: ["*", "/bin/ls", "../a.sh"] }), []);
});

Deno.test("checkWorkspace() warns of what stands twice", () => {
  assert.deepEqual(
    check({
      workspace: {
        tools: ["shell", "shell", "fetch"],
        commands: ["git", "git"],
        hosts: ["a.org", "b.org", "a.org"],
      },
    }).map((it) => it.replace(/ stands.*/, "")),
    [
      '/spec/workspace/commands/1 "git"',
      '/spec/workspace/hosts/2 "a.org"',
      '/spec/workspace/tools/1 "shell"',
    ],
  );
});
