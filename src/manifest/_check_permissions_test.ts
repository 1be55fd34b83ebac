import { deepEqual, equal, match } from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { ResourceSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { checkResource } from "./check_resource.ts";
import { readManifests } from "./read.ts";
import { renderDiagnostic } from "./render.ts";

const GOOD = "Answer in one short line.";
const SERVERS = { mcpServers: [{ name: "github" }, { name: "filesystem" }] };

function found(spec: JsonObject): string[] {
  const whole = { instructions: GOOD, ...SERVERS, ...spec };
  const resource = { agent: { metadata: { name: "a" }, spec: whole } };
  return checkResource(fromJson(ResourceSchema, resource)).map((it) =>
    `${it.severity} ${it.pointer} ${it.message}${
      it.hint === undefined ? "" : ` (${it.hint})`
    }`
  );
}

const CASES: readonly {
  readonly of: string;
  readonly spec: JsonObject;
  readonly expected: readonly string[];
}[] = [
  {
    of: "what its tools can be meant by",
    spec: {
      permissions: {
        allow: ["github:get_*", "file*", "agent:own", "*:read"],
        ask: ["*:*_all"],
        deny: ["filesystem:write:path=/etc/*"],
      },
      subAgents: [{ name: "own", instructions: GOOD }],
    },
    expected: [],
  },
  {
    of: "what is no rule",
    spec: { permissions: { allow: ["github:a:b"], deny: [""] } },
    expected: [
      'error /spec/permissions/allow/0 "github:a:b" has more parts than "server:tool" (Conditions are written "argument=value", as shell:cmd=git push*)',
      'error /spec/permissions/deny/0 A rule is empty (Write "server:tool", as github:create_*)',
    ],
  },
  {
    of: "servers and tools that it has not",
    spec: {
      permissions: {
        allow: ["githbu:get_*", "github_create_issue", "shell", "skill"],
      },
    },
    expected: [
      'warning /spec/permissions/allow/0 "githbu:get_*" is about none of the agent\'s tools (Did you mean "github"?)',
      'warning /spec/permissions/allow/1 "github_create_issue" is about none of the agent\'s tools (Write "github:create_issue")',
      'warning /spec/permissions/allow/2 "shell" is about none of the agent\'s tools (It has github, filesystem)',
      'warning /spec/permissions/allow/3 "skill" is about none of the agent\'s tools (It has github, filesystem)',
    ],
  },
  {
    of: "workspace tools",
    spec: {
      workspace: { commands: ["git"] },
      permissions: {
        allow: ["shell:cmd=git *", "workspace:raed", "read", "fetch"],
      },
    },
    expected: [
      'warning /spec/permissions/allow/1 "workspace:raed" is about none of the agent\'s tools (Did you mean "read"?)',
      'warning /spec/permissions/allow/3 "fetch" is about none of the agent\'s tools (It has github, filesystem, workspace)',
    ],
  },
  {
    of: "arguments that a built-in tool has not",
    spec: {
      workspace: { commands: ["git"] },
      permissions: {
        allow: ["write:Path=a", "edit:edits.oldText=a", "*:*:pth=a"],
        ask: ["read:Path=.env", "workspace:r*:pattern=x"],
        deny: ["read:pth=.env", "write:file=*.env", "shell:path=a:cmd=b"],
      },
    },
    expected: [
      'warning /spec/permissions/allow/0 "write:Path=a" is about no call: write takes no argument "Path" (Did you mean "path"?)',
      'warning /spec/permissions/ask/1 "workspace:r*:pattern=x" is about no call: read takes no argument "pattern" (There are path, offset, limit)',
      'warning /spec/permissions/deny/0 "read:pth=.env" is about no call: read takes no argument "pth" (Did you mean "path"?)',
      'warning /spec/permissions/deny/1 "write:file=*.env" is about no call: write takes no argument "file" (There are path, content)',
      'warning /spec/permissions/deny/2 "shell:path=a:cmd=b" is about no call: shell takes no argument "path" (There are cmd, folder, timeoutSeconds)',
    ],
  },
  {
    of: "what stands twice",
    spec: {
      workspace: {},
      permissions: {
        allow: ["read", "read"],
        deny: ["write", "edit", "write"],
      },
    },
    expected: [
      'warning /spec/permissions/allow/1 "read" stands here more than once',
      'warning /spec/permissions/deny/2 "write" stands here more than once',
    ],
  },
  {
    of: "what holds sub-agents that were applied",
    spec: {
      workspace: {},
      subAgents: [{ agent: "kid" }],
      permissions: {
        deny: [
          "workspace:shell:cmd=echo no*",
          "shell:cmd=rm*",
          "fetch:url=https://a.example/*",
          "gitlab:*",
          "agent:of-the-kid",
          "workspace:shel",
          "shell:line=rm*",
          "run:line=rm*",
        ],
      },
    },
    expected: [
      'warning /spec/permissions/deny/5 "workspace:shel" is about none of the agent\'s tools (Did you mean "shell"?)',
      'warning /spec/permissions/deny/6 "shell:line=rm*" is about no call: shell takes no argument "line" (There are cmd, folder, timeoutSeconds)',
    ],
  },
  {
    of: "what holds sub-agents of its own",
    spec: {
      workspace: {},
      subAgents: [{ name: "own", instructions: GOOD, skills: ["pdf"] }],
      permissions: { deny: ["workspace:shell", "skill:pdf"] },
    },
    expected: [
      'warning /spec/permissions/deny/0 "workspace:shell" is about none of the agent\'s tools (It has list, read, search, write, edit, todo)',
    ],
  },
  {
    of: "what another rule counts before",
    spec: {
      workspace: { commands: ["git"] },
      permissions: {
        allow: [
          "github:get_*",
          "github:get_*:path=x",
          "filesystem:a",
          "filesystem:b*",
          "filesystem",
          "shell",
          "workspace:read",
        ],
        ask: [
          "github",
          "filesystem:a*",
          "filesystem:b?",
          "shell:cmd=rm*",
          "read",
        ],
        deny: ["git*:*"],
      },
    },
    expected: [
      'warning /spec/permissions/allow/0 "github:get_*" has no effect ("github" in "ask" counts before "allow")',
      'warning /spec/permissions/allow/1 "github:get_*:path=x" has no effect ("github" in "ask" counts before "allow")',
      'warning /spec/permissions/allow/2 "filesystem:a" has no effect ("filesystem:a*" in "ask" counts before "allow")',
      'warning /spec/permissions/allow/6 "workspace:read" has no effect ("read" in "ask" counts before "allow")',
      'warning /spec/permissions/ask/0 "github" has no effect ("git*:*" in "deny" counts before "ask")',
    ],
  },
  {
    of: "rules of sub-agents",
    spec: {
      subAgents: [
        {
          name: "own",
          instructions: GOOD,
          permissions: { allow: ["git:x", "github"], ask: [":"] },
        },
        { agent: "other", permissions: { deny: ["anything:*", "a b"] } },
      ],
    },
    expected: [
      'warning /spec/subAgents/0/permissions/allow/0 "git:x" is about none of the agent\'s tools (It has github, filesystem)',
      'error /spec/subAgents/0/permissions/ask/0 ":" names no server (Write * for all of them)',
      'error /spec/subAgents/1/permissions/deny/1 "a b" has a space in the place of a server or a tool (Leave it out, or write ? in its place)',
    ],
  },
  {
    of: "too many",
    spec: { permissions: { allow: Array.from({ length: 257 }, () => "*") } },
    expected: [
      "error /spec/permissions There may be 256 rules of what is called, these are 257",
    ],
  },
];

for (const { of, spec, expected } of CASES) {
  Deno.test(`checkResource() checks permissions: ${of}`, () => {
    deepEqual(found(spec), expected);
  });
}

Deno.test("what is wrong with a rule is told at its place in the file", async () => {
  const text = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: a }
spec:
  instructions: ${GOOD}
  mcpServers: [github]
  permissions:
    alow: [github]
    ask:
      - github:create_*
      - "github:run:cmd=:x=1"
    deny:
      - githab
`;
  const { diagnostics } = await readManifests([{ name: "a.yaml", text }]);
  deepEqual(
    diagnostics.map((it) =>
      `${it.line}:${it.column} ${it.severity} ${it.message}`
    ),
    [
      '8:5 error Unknown field "alow" in spec.permissions',
      '11:21 error The condition "cmd=" has no value',
      '13:9 warning "githab" is about none of the agent\'s tools',
    ],
  );
  const [first, second] = diagnostics;
  match(first?.hint ?? "", /"allow"/);
  equal(
    second && renderDiagnostic(second).split("\n")[0],
    'a.yaml:11:21: error: The condition "cmd=" has no value',
  );
});
