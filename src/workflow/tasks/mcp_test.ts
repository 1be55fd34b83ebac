import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Json, JsonObject } from "../../model/json.ts";
import { checkWorkflow } from "../check.ts";
import { readExternalFunction } from "../external_function.ts";
import { serverReferences } from "../references.ts";

/** What is wrong with the `with` of a call, each as its place and message. */
function faultsOf(args: Json): readonly string[] {
  const spec: JsonObject = {
    document: { dsl: "1.0.3", namespace: "t", name: "w", version: "1.0.0" },
    use: { secrets: ["KEY"] },
    do: [{ c: { call: "mcp", with: args } }],
  };
  return checkWorkflow(spec).diagnostics.map((it) => {
    const place = it.pointer.replace(/^\/do\/0\/c\/with\/?/, "");
    return `${place}: ${it.message}${
      it.hint === undefined ? "" : `. ${it.hint}`
    }`;
  });
}

const STDIO = { stdio: { command: "server" } };

const CASES: readonly [claim: string, args: Json, faults: readonly string[]][] =
  [
    ["nothing", {}, [
      ': A call of a tool server needs "method", as "tools/call"',
      ': A call of a tool server needs "transport". ' +
      'Or "server", with the name of an MCP server that is applied',
    ]],
    ["a server and a transport", {
      method: "tools/list",
      server: "tickets",
      transport: STDIO,
    }, [
      'transport: A call has either "server" or "transport", not both. ' +
      'An applied MCP server says itself how it is reached: remove "transport"',
    ]],
    ["a server that is computed", {
      method: "tools/list",
      server: "${ .server }",
    }, [
      "server: The name of an MCP server cannot be computed, as " +
      '"${ .server }" is. A run pins its servers before its first task: write ' +
      'the name, and a task for each where there are several, behind a "switch"',
    ]],
    ["a server without a name", { method: "tools/list", server: " " }, [
      "server: This must not be empty",
    ]],
    ["a server that is no text", { method: "tools/list", server: { a: 1 } }, [
      "server: This must be a string, not an object",
    ]],
    ["a transport beside itself", { method: "tools/list", ...STDIO }, [
      'stdio: Unknown field "stdio" of a call of a tool server. ' +
      'Did you mean "transport.stdio"?',
    ]],
    ["an unknown method", { method: "tools/cal", transport: STDIO }, [
      'method: This must be one of "tools/list", "tools/call", "prompts/list", ' +
      '"prompts/get", "resources/list", "resources/read", ' +
      '"resources/templates/list", not "tools/cal". Did you mean "tools/call"?',
    ]],
    ["a tool without a name", { method: "tools/call", transport: STDIO }, [
      ': "tools/call" needs "parameters.name"',
    ]],
    ["a resource without an address", {
      method: "resources/read",
      parameters: { url: "x" },
      transport: STDIO,
    }, ['parameters: "resources/read" needs "parameters.uri"']],
    ["no transport", { method: "tools/list", transport: {} }, [
      'transport: A transport needs "http", or "stdio"',
    ]],
    ["two transports", {
      method: "tools/list",
      transport: { ...STDIO, http: { endpoint: "https://a.test" } },
    }, ['transport: A transport is either "http" or "stdio", not both']],
    ["another word for a field", {
      method: "tools/list",
      transport: { stdio: { command: "x", args: ["y"] } },
    }, [
      'transport/stdio/args: Unknown field "args" of a stdio transport. ' +
      'Did you mean "arguments"?',
    ]],
    ["a version", {
      method: "tools/list",
      protocolVersion: "latest",
      transport: STDIO,
    }, [
      'protocolVersion: "latest" is not a version of the protocol. ' +
      'Write it as a date, as "2025-06-18"',
    ]],
    ["a secret among the arguments", {
      method: "tools/list",
      transport: { stdio: { command: "x", arguments: ["${ $secrets.KEY }"] } },
    }, [
      'transport/stdio/arguments/0: Secrets, as in "$secrets.KEY", cannot stand ' +
      "here: everybody on the host can read it. Give it as " +
      '"environment" or "stdin"',
    ]],
  ];

for (const [claim, args, faults] of CASES) {
  Deno.test(`call: mcp is refused for ${claim}`, () => {
    deepStrictEqual(faultsOf(args), faults);
  });
}

Deno.test("call: mcp takes secrets in its environment and headers", () => {
  const secret = "${ $secrets.KEY }";
  const transports: readonly Json[] = [
    { stdio: { command: "x", environment: { KEY: secret } } },
    { http: { endpoint: "https://a.test", headers: { "X-Key": secret } } },
    {
      http: {
        endpoint: {
          uri: "https://a.test",
          authentication: { bearer: { token: secret } },
        },
      },
    },
  ];
  for (const transport of transports) {
    deepStrictEqual(faultsOf({ method: "tools/list", transport }), []);
  }
});

Deno.test("call: mcp names an applied server, and what it calls there", () => {
  const spec: JsonObject = {
    document: { dsl: "1.0.3", namespace: "t", name: "w", version: "1.0.0" },
    use: { functions: { see: call("tools/call", { name: "see" }) } },
    do: [
      { one: { call: "see" } },
      {
        two: {
          for: { each: "it", in: "${ .all }" },
          do: [{
            get: call("tools/call", { name: "get", arguments: "${ . }" }),
          }],
        },
      },
      { three: call("tools/call", { name: "${ .tool }" }) },
      { four: call("tools/list") },
    ],
  };
  const { plan, diagnostics } = checkWorkflow(spec);
  deepStrictEqual(diagnostics, []);
  if (plan === undefined) throw new Error("There is no plan");
  deepStrictEqual(
    serverReferences(plan).map(({ pointer, tool }) => [pointer, tool?.name]),
    [
      ["/use/functions/see/with/server", "see"],
      ["/do/1/two/do/0/get/with/server", "get"],
      ["/do/2/three/with/server", undefined],
      ["/do/3/four/with/server", undefined],
    ],
  );
});

Deno.test("a function that is fetched names no applied server", () => {
  const { problem } = readExternalFunction(call("tools/list"), {
    name: "see",
    secrets: [],
  });
  strictEqual(
    problem,
    "at /with/server: A function that is fetched cannot name MCP server " +
      '"tickets"',
  );
});

function call(method: string, parameters?: JsonObject): JsonObject {
  const more = parameters === undefined ? {} : { parameters };
  return { call: "mcp", with: { server: "tickets", method, ...more } };
}
