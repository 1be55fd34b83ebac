/**
 * A person looks at tool servers and calls their tools, over every backend.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { BackendClient } from "../../src/backend/open.ts";
import type { McpToolResult } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { McpTool_Trust } from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import { fails, INSTRUCTIONS, suite } from "./suite.ts";

const SCRIPT = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);

function stdio(mode: string, env: Record<string, string> = {}) {
  return {
    command: Deno.execPath(),
    args: ["run", "-q", "--no-config", "-A", SCRIPT, mode],
    env,
    cwd: "",
  };
}

async function createServer(
  client: BackendClient,
  options: { readonly mode: string; readonly env?: Record<string, string> },
): Promise<void> {
  await client.createMcpServer({
    mcpServer: {
      metadata: { name: "tickets" },
      spec: {
        transport: {
          case: "stdio",
          value: stdio(options.mode, options.env),
        },
      },
    },
  });
}

/** Calls a tool, and gives what it told on the way and its result. */
async function call(
  client: BackendClient,
  request: Parameters<BackendClient["callMcpTool"]>[0],
): Promise<{ lines: string[]; result: McpToolResult | undefined }> {
  const lines: string[] = [];
  for await (const { piece } of client.callMcpTool(request)) {
    if (piece.case === "progress") lines.push(piece.value);
    if (piece.case === "result") return { lines, result: piece.value };
  }
  return { lines, result: undefined };
}

suite("an applied tool server is looked at and called", async (client) => {
  await createServer(client, { mode: "rich" });
  const target = { server: "tickets" };
  const seen = await client.inspectMcpServer({ target });
  assert.equal(seen.name, "test 1.0.0");
  assert.equal(seen.instructions, "Be kind to it");
  assert.deepEqual(
    seen.tools.map(({ name, effect, trust, enabled }) => [
      name,
      effect,
      trust,
      enabled,
    ]),
    [
      ["act", "write", McpTool_Trust.NEW, true],
      ["count", "write", McpTool_Trust.NEW, true],
      ["echo", "read", McpTool_Trust.NEW, true],
      ["fail", "write", McpTool_Trust.NEW, true],
    ],
  );
  assert.deepEqual(
    seen.resources.map(({ uri, template }) => [uri, template]),
    [["memo://one", false], ["memo://two", false], ["memo://{name}", true]],
  );
  assert.deepEqual(
    seen.prompts.map((it) => [it.name, it.arguments.map(({ name }) => name)]),
    [["greet", ["who"]]],
  );
  const echo = { target, tool: "echo", arguments: { text: "hi" } };
  const { lines, result } = await call(client, echo);
  assert.deepEqual(lines, [
    "1/2 Half way",
    "info: about to end",
    "2/2",
  ]);
  assert.equal(result?.text, "echo: hi");
  assert.equal(result.isError, false);
  assert.deepEqual(result.structured?.kind.value, undefined);
});

suite(
  "a tool that fails by itself gives its own word for it",
  async (client) => {
    await createServer(client, { mode: "good" });
    const target = { server: "tickets" };
    const { result } = await call(client, { target, tool: "fail" });
    assert.deepEqual(
      [result?.text, result?.isError],
      ["it failed on purpose", true],
    );
  },
);

suite(
  "a server is given secrets and variables by the rules of runs",
  async (client) => {
    await createServer(client, {
      mode: "env",
      env: { MY_TOKEN: "${TOKEN}", MY_NAME: "${WHO}" },
    });
    await client.createEnvironment({
      environment: {
        metadata: { name: "home" },
        spec: {
          variables: { WHO: "nobody" },
          secrets: { TOKEN: "s3cret-of-some-length" },
        },
      },
    });
    await fails(
      client.inspectMcpServer({ target: { server: "tickets" } }),
      "FAILED_PRECONDITION",
      /variable "TOKEN" .* is missing/,
    );
    const target = {
      server: "tickets",
      environments: ["home"],
      variables: { WHO: "Ada" },
    };
    const { result } = await call(client, { target, tool: "echo" });
    const env = JSON.parse(result?.text ?? "");
    assert.equal(env["MY_NAME"], "Ada");
    // It has it; nobody is shown it.
    assert.equal(env["MY_TOKEN"], "***");
    const given = await call(client, {
      target: { ...target, secrets: { TOKEN: "another-s3cret" } },
      tool: "echo",
    });
    assert.ok(!given.result?.text.includes("s3cret"), given.result?.text);
    const { accesses } = await client.listSecretAccesses({});
    assert.deepEqual(
      accesses.map(({ name, origin, path }) => [name, origin, path]),
      [["TOKEN", "home", "mcp/tickets"]],
    );
  },
);

suite("a server of an agent is meant by AGENT/SERVER", async (client) => {
  await client.createAgent({
    agent: {
      metadata: { name: "helper" },
      spec: {
        instructions: INSTRUCTIONS,
        mcpServers: [{
          name: "own",
          enabledTools: ["echo"],
          transport: { case: "stdio", value: stdio("good") },
        }],
      },
    },
  });
  const { tools } = await client.inspectMcpServer({
    target: { server: "helper/own" },
  });
  assert.deepEqual(
    tools.map(({ name, enabled }) => [name, enabled]),
    [["act", false], ["count", false], ["echo", true], ["fail", false]],
  );
  const wrong = await fails(
    client.inspectMcpServer({ target: { server: "helper/owm" } }),
    "NOT_FOUND",
  );
  assert.match(wrong.hints.join(), /own/);
});

suite("what is not there is named, with what is near", async (client) => {
  await createServer(client, { mode: "good" });
  const inspect = (server: string, args: string[] = []) =>
    client.inspectMcpServer({ target: { server, args } });
  const unknown = await fails(inspect("tikets"), "NOT_FOUND");
  assert.match(unknown.hints.join(), /tickets/);
  const near = await fails(inspect("filesytem"), "NOT_FOUND");
  assert.match(near.hints.join(), /filesystem/);
  await fails(inspect(""), "INVALID_ARGUMENT");
  await fails(inspect("tickets", ["x"]), "INVALID_ARGUMENT", /arguments/);
  const tool = await fails(
    call(client, { target: { server: "tickets" }, tool: "ecko" }),
    "NOT_FOUND",
  );
  assert.match(tool.hints.join(), /echo/);
});

suite("a server that cannot start says why, and no secret", async (client) => {
  await createServer(client, {
    mode: "spill-much",
    env: { MY_TOKEN: "${TOKEN}" },
  });
  const secrets = { TOKEN: "s3cret-of-some-length" };
  const error = await fails(
    client.inspectMcpServer({ target: { server: "tickets", secrets } }),
    "UNAVAILABLE",
    /Cannot start tool server "tickets"/,
  );
  assert.ok(!error.message.includes("s3cret-of"), error.message);
});
