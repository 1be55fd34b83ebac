import { deepEqual } from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { ResourceSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { checkResource } from "./check_resource.ts";

function problems(resource: JsonObject): readonly string[] {
  return checkResource(fromJson(ResourceSchema, resource)).map((it) =>
    `${it.pointer} ${it.message}${it.hint === undefined ? "" : ` (${it.hint})`}`
  );
}

const SERVERS: readonly {
  readonly of: string;
  readonly spec: JsonObject;
  readonly expected: readonly string[];
}[] = [
  { of: "a program", spec: { stdio: { command: "npx" } }, expected: [] },
  {
    of: "one of the catalog with folders and declared variables",
    spec: {
      catalog: "filesystem",
      args: ["notes"],
      enabledTools: ["read_text_file"],
      env: { A: { required: true }, B: { default: "b" } },
    },
    expected: [],
  },
  {
    of: "nothing",
    spec: { description: "Tickets" },
    expected: [
      '/spec The MCP server does not say how it is reached (Add "stdio", ' +
      '"http", or "catalog" with one of its names)',
    ],
  },
  {
    of: "a name that is nearly one of the catalog",
    spec: { catalog: "filesystm" },
    expected: [
      '/spec/catalog "filesystm" is not in the catalog (Did you mean ' +
      '"filesystem"?)',
    ],
  },
  {
    of: "a command with its arguments in it",
    spec: { stdio: { command: "npx -y thing" } },
    expected: [
      '/spec/stdio/command Command "npx -y thing" holds a space (Put what ' +
      'follows the program under "args")',
    ],
  },
  {
    of: "keys of the run",
    spec: {
      http: {
        url: "https://example.com/mcp",
        headers: {
          "Authorization": "Bearer ${TOKEN}",
          "X-Api-Key": "",
          "X-Monkey": "see",
        },
      },
    },
    expected: [],
  },
  {
    of: "a key in a header",
    spec: {
      http: {
        url: "https://example.com/mcp",
        headers: { "x-api-key": "k", "Authorization": "Bearer $TOKEN" },
      },
    },
    expected: ["x-api-key", "Authorization"].map((name) =>
      `/spec/http/headers/${name} Header "${name}" is written in plain text: ` +
      "everybody who may read this reads it (Write ${NAME} in its place, and " +
      "declare NAME as a secret, which a run is given)"
    ),
  },
  {
    of: "a key in a variable",
    spec: { stdio: { command: "npx", env: { GITHUB_TOKEN: "t", MODE: "a" } } },
    expected: [
      '/spec/stdio/env/GITHUB_TOKEN Variable "GITHUB_TOKEN" is written in ' +
      "plain text: everybody who may read this reads it (Write ${NAME} in its " +
      "place, and declare NAME as a secret, which a run is given)",
    ],
  },
  {
    of: "an address without encryption",
    spec: { http: { url: "http://example.com/mcp" } },
    expected: [
      '/spec/http/url "http:" is for this machine alone, use ' +
      '"https://example.com"',
    ],
  },
  {
    of: "arguments beside a transport",
    spec: { http: { url: "https://example.com/mcp" }, args: ["x"] },
    expected: [
      '/spec/args "args" go with a name of the catalog alone (Put them under ' +
      '"stdio")',
    ],
  },
  {
    of: "a secret of its own in an argument",
    spec: {
      stdio: { command: "npx", args: ["--key=${KEY}"] },
      env: { KEY: { secret: true } },
    },
    expected: [
      '/spec/stdio/args/0 Secret "KEY" cannot stand here: every process of ' +
      'the machine can read arguments (Give it in "env", as KEY: "${KEY}")',
    ],
  },
  {
    of: "an empty tool and a variable that none can have",
    spec: { catalog: "time", enabledTools: [""], env: { "A-B": {} } },
    expected: [
      "/spec/enabledTools/0 The name of a tool is empty",
      '/spec/env/A-B "A-B" is no name for a variable (Did you mean "A_B"?)',
    ],
  },
];

for (const { of, spec, expected } of SERVERS) {
  Deno.test(`an MCP server of ${of} has ${expected.length} problems`, () => {
    const mcpServer = { metadata: { name: "tickets" }, spec };
    deepEqual(problems({ mcpServer }), expected);
  });
}

const AGENTS: readonly {
  readonly of: string;
  readonly servers: readonly JsonObject[];
  readonly more?: JsonObject;
  readonly expected: readonly string[];
}[] = [
  {
    of: "an applied server by its name alone, and another one renamed",
    servers: [{ server: "Tickets" }, {
      name: "old",
      server: "tickets",
      enabledTools: ["find"],
    }],
    expected: [],
  },
  {
    of: "an applied server, and filters of a sub-agent by its slug",
    servers: [{ server: "My Tickets" }],
    more: {
      subAgents: [{
        name: "reader",
        instructions: "Read the tickets that are there.",
        tools: ["my-tickets:find_*"],
      }],
    },
    expected: [],
  },
  {
    of: "an applied server that is to be started in another way",
    servers: [{ server: "tickets", stdio: { command: "npx" } }],
    expected: [
      '/spec/mcpServers/0/stdio The tool server is "tickets", which says ' +
      'itself how it is reached (Remove "stdio" or "server")',
    ],
  },
  {
    of: "an applied server with arguments",
    servers: [{ server: "tickets", args: ["x"] }],
    expected: [
      '/spec/mcpServers/0/args The tool server is "tickets", which says ' +
      'itself how it is reached (Remove "args" or "server")',
    ],
  },
  {
    of: "an applied server twice",
    servers: [{ server: "tickets" }, { server: "Tickets" }],
    expected: [
      '/spec/mcpServers/1/server Tool server "tickets" is given twice',
    ],
  },
  {
    of: "an applied server by the name of another one",
    servers: [{ name: "time" }, { name: "time", server: "tickets" }],
    expected: ['/spec/mcpServers/1/name Tool server "time" is given twice'],
  },
];

for (const { of, servers, more, expected } of AGENTS) {
  Deno.test(`an agent of ${of} has ${expected.length} problems`, () => {
    const spec = {
      instructions: "Answer in one short line.",
      mcpServers: [...servers],
      ...more,
    };
    deepEqual(problems({ agent: { metadata: { name: "a" }, spec } }), expected);
  });
}
