/**
 * A person trusts tools that changed, over every backend.
 *
 * @module
 */

import { deepEqual, equal, match } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { McpTool } from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import { McpTool_Trust } from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { serverKey } from "../../src/mcp/server_key.ts";
import { fails, suite } from "./suite.ts";

const SCRIPT = fileURLToPath(
  new URL("../servers/changing_tools.ts", import.meta.url),
);
const TARGET = { server: "desk" };

/** An applied server `desk`; gives what says which tools it has. */
async function createDesk(
  client: BackendClient,
  home: string,
): Promise<(tools: readonly Record<string, unknown>[]) => string> {
  const file = `${home}/tools.json`;
  const args = ["run", "-q", "--no-config", "-A", SCRIPT, file, `${home}/log`];
  const transport = {
    kind: "stdio",
    command: Deno.execPath(),
    args,
    env: {},
    cwd: "",
  } as const;
  await client.createMcpServer({
    mcpServer: {
      metadata: { name: "desk" },
      spec: { transport: { case: "stdio", value: { ...transport } } },
    },
  });
  return (tools) => {
    const inputSchema = { type: "object" };
    const listed = tools.map((it) => ({ inputSchema, ...it }));
    Deno.writeTextFileSync(file, JSON.stringify(listed));
    return serverKey({ name: "desk", transport });
  };
}

function statesOf(tools: readonly McpTool[]): readonly string[] {
  return tools.map(({ name, trust }) => `${name} ${McpTool_Trust[trust]}`);
}

async function statesOfDesk(client: BackendClient): Promise<readonly string[]> {
  return statesOf((await client.inspectMcpServer({ target: TARGET })).tools);
}

suite("tools are trusted as they are, and forgotten", async (client, home) => {
  const list = await createDesk(client, home);
  const key = list([{ name: "look", description: "One" }, { name: "act" }]);
  const first = await client.trustMcpTools({ target: TARGET });
  deepEqual(statesOf(first.tools), ["look NEW", "act NEW"]);
  deepEqual(await statesOfDesk(client), ["act TRUSTED", "look TRUSTED"]);
  const again = await client.trustMcpTools({ target: TARGET });
  deepEqual(again.tools, [], "they were trusted before");

  list([{ name: "look", description: "Two" }]);
  deepEqual(await statesOfDesk(client), ["look CHANGED", "act GONE"]);
  const other = await fails(
    client.trustMcpTools({ target: TARGET, tools: ["lock"] }),
    "NOT_FOUND",
  );
  match(other.message, /"desk" has no tool "lock"/);
  match(other.hints.join(), /look/);
  const { tools } = await client.trustMcpTools({
    target: TARGET,
    tools: ["look", "look"],
  });
  deepEqual(statesOf(tools), ["look CHANGED"]);
  equal(tools[0]?.description, "Two");
  equal(tools[0]?.pinned?.description, "One");
  deepEqual(await statesOfDesk(client), ["look TRUSTED", "act GONE"]);

  await client.trustMcpTools({ target: TARGET, tools: ["act"], forget: true });
  deepEqual(await statesOfDesk(client), ["look TRUSTED"]);
  await fails(
    client.trustMcpTools({ target: TARGET, tools: ["act"], forget: true }),
    "NOT_FOUND",
  );
  // By how it is reached, nobody needs to know a name of it.
  const forgotten = await client.trustMcpTools({
    target: { server: key },
    forget: true,
  });
  deepEqual(statesOf(forgotten.tools), ["look GONE"]);
  deepEqual(await statesOfDesk(client), ["look NEW"]);
});

suite("what is not what was looked at is not trusted", async (client, home) => {
  const list = await createDesk(client, home);
  list([{ name: "look", description: "Looked at" }]);
  const seen = await client.inspectMcpServer({ target: TARGET });
  const hashes = Object.fromEntries(seen.tools.map((it) => [it.name, it.hash]));
  list([{ name: "look", description: "Swapped meanwhile" }]);
  const error = await fails(
    client.trustMcpTools({ target: TARGET, tools: ["look"], hashes }),
    "ABORTED",
  );
  match(error.message, /"look": it is not what was looked at/);
  deepEqual(await statesOfDesk(client), ["look NEW"], "nothing is pinned");
  // One that was not looked at at all is none either.
  list([
    { name: "look", description: "Looked at" },
    { name: "slipped" },
  ]);
  await fails(client.trustMcpTools({ target: TARGET, hashes }), "ABORTED");
  await client.trustMcpTools({ target: TARGET, tools: ["look"], hashes });
  deepEqual(await statesOfDesk(client), ["look TRUSTED", "slipped NEW"]);
});
