import assert from "node:assert/strict";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ResourceSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { jsonOfValue, valueMessage } from "../../src/backend/proto_json.ts";
import type { JsonObject } from "@bufbuild/protobuf";
import { startOAuthServer } from "../servers/oauth_server.ts";
import { fails, runningSuite, suite } from "./suite.ts";

type Init = MessageInitShape<typeof ResourceSchema>;

const TOOL_SERVER = new URL("../servers/tool_server.ts", import.meta.url);
const SECRET = "s3cret-of-the-tool-server";

function serverMessage(mode: string, more = {}, env = {}) {
  const transport = {
    case: "stdio" as const,
    value: {
      command: Deno.execPath(),
      args: ["run", "--no-check", "-A", TOOL_SERVER.pathname, mode],
      env,
      cwd: "",
    },
  };
  return { metadata: { name: "My Echoes" }, spec: { transport, ...more } };
}

function serverOf(...of: Parameters<typeof serverMessage>) {
  return {
    resource: { case: "mcpServer" as const, value: serverMessage(...of) },
  };
}

function flowWith(name: string, tasks: JsonObject[]) {
  const value = {
    metadata: { name },
    spec: {
      document: { dsl: "1.0.3", namespace: "t", name, version: "1.0.0" },
      do: tasks,
    },
  };
  return { resource: { case: "workflow" as const, value } };
}

/** A workflow with one call of a tool server. */
function flowOf(name: string, args: JsonObject) {
  return flowWith(name, [{ ask: { call: "mcp", with: args } }]);
}

const ECHO = {
  server: "My Echoes",
  method: "tools/call",
  parameters: { name: "echo", arguments: { text: "up" } },
};
const REQUEST = { kind: "Workflow", name: "flow" };

function batch(...resources: readonly Init[]): { resources: Init[] } {
  return { resources: [...resources] };
}

async function ended(client: BackendClient, id: string) {
  for await (const _ of client.watchExecution({ id }));
  const { execution } = await client.getExecution({ id });
  return {
    phase: execution?.status?.phase,
    output: jsonOfValue(execution?.status?.output, { absent: null, what: "" }),
    error: execution?.status?.error?.detail ?? "",
    pins: execution?.spec?.mcpServers.map((it) => [
      it.name,
      it.resourceVersionId,
    ]),
  };
}

async function runs(client: BackendClient, more = {}) {
  const made = await client.createExecution({ ...REQUEST, ...more });
  const id = made.execution?.metadata?.id ?? "";
  return { id, ...await ended(client, id) };
}

function saying(text: string): object {
  return { content: [{ type: "text", text }], isError: false };
}

/** The files below a folder that have a text in them. */
function filesWith(folder: string, text: string): readonly string[] {
  const found: string[] = [];
  for (const { name, isDirectory, isFile } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...filesWith(path, text));
    if (!isFile) continue;
    const bytes = new TextDecoder("latin1").decode(Deno.readFileSync(path));
    if (bytes.includes(text)) found.push(path);
  }
  return found;
}

async function versionOf(client: BackendClient): Promise<string> {
  const { mcpServer } = await client.getMcpServer({ name: "my-echoes" });
  return mcpServer?.metadata?.version?.id ?? "";
}

runningSuite(
  "a workflow calls an applied MCP server at the version of its run, and so does its retry",
  async ({ client }) => {
    const { results } = await client.applyResources(
      batch(flowOf("flow", ECHO), serverOf("good")),
    );
    assert.deepEqual(results.flatMap((it) => it.diagnostics), []);
    const first = await versionOf(client);
    const run = await runs(client);
    assert.deepEqual(run.output, saying("echo: up"));
    assert.deepEqual(run.pins, [["My Echoes", first]]);
    await client.updateMcpServer({
      mcpServer: serverMessage("good", { description: "Says it again" }),
    });
    const second = await versionOf(client);
    assert.notEqual(second, first);
    for (const [latest, version] of [[false, first], [true, second]] as const) {
      const { id } = run;
      const retry = await client.retryExecution({ id, latest, from: "ask" });
      const retryId = retry.execution?.metadata?.id ?? "";
      const again = await ended(client, retryId);
      assert.deepEqual(again.output, saying("echo: up"));
      assert.deepEqual(again.pins, [["My Echoes", version]]);
    }
  },
);

runningSuite(
  "a workflow and its MCP server run from a file, and nothing is kept of them",
  async ({ client }) => {
    const definitions = [flowOf("flow", ECHO), serverOf("good")];
    const run = await runs(client, { definitions });
    assert.deepEqual(run.output, saying("echo: up"));
    assert.deepEqual(run.pins, [["My Echoes", ""]]);
    assert.deepEqual((await client.listMcpServers({})).mcpServers, []);
    // One that stands in the file is meant before one that is applied.
    await client.applyResources(batch(serverOf("crash")));
    const again = await runs(client, { definitions });
    assert.deepEqual(again.output, saying("echo: up"));
  },
);

runningSuite(
  "an MCP server of a workflow is given the secrets that it names, and nobody sees them",
  async ({ client }, { path }) => {
    const env = { MY_TOKEN: { required: true, secret: true } };
    await client.applyResources(batch(
      serverOf("tell", { env }, { MY_TOKEN: "Token ${MY_TOKEN}" }),
      flowOf("flow", { server: "my-echoes", method: "tools/list" }),
    ));
    const error = await fails(
      client.createExecution(REQUEST),
      "INVALID_ARGUMENT",
      /workflow "flow": it needs "MY_TOKEN" and nothing gives it/,
    );
    assert.match(error.hints.join(), /--secret MY_TOKEN/);
    const run = await runs(client, { secrets: { MY_TOKEN: SECRET } });
    const output = JSON.stringify(run.output);
    assert.match(output, /Does echo with Token \*\*\*/);
    assert.doesNotMatch(output, /s3cret/);
    assert.deepEqual(filesWith(path, SECRET), []);
  },
);

runningSuite(
  "an MCP server of a workflow lets only those tools be used that it enables",
  async ({ client }) => {
    const enabled = { enabledTools: ["echo"] };
    const computed = {
      server: "my-echoes",
      method: "tools/call",
      parameters: { name: "${ .tool }", arguments: {} },
    };
    const list = { server: "my-echoes", method: "tools/list" };
    const count = { ...ECHO, parameters: { name: "count" } };
    await client.applyResources(
      batch(
        serverOf("good", enabled),
        flowOf("flow", computed),
        flowOf("list", list),
      ),
    );
    const refused = await client.applyResources(batch(flowOf("lost", count)));
    const [fault] = refused.results[0]?.diagnostics ?? [];
    assert.equal(fault?.pointer, "/spec/do/0/ask/with/parameters/name");
    assert.equal(
      fault.message,
      'MCP server "My Echoes" does not let tool "count" be used',
    );
    assert.match(fault.hint, /echo/);
    const run = await runs(client, { input: valueMessage({ tool: "count" }) });
    assert.match(
      run.error,
      /Cannot call tool "count" of tool server "my-echoes": its "enabledTools" are echo/,
    );
    const listed = await runs(client, { name: "list" });
    assert.match(JSON.stringify(listed.output), /"name":"echo"/);
    assert.doesNotMatch(JSON.stringify(listed.output), /"name":"count"/);
  },
);

suite("an MCP server that workflows name stays", async (client) => {
  const list = { server: "My Echoes", method: "tools/list" };
  await client.applyResources(batch(serverOf("good"), flowOf("flow", list)));
  const name = "my-echoes";
  const used = await client.getMcpServer({ name });
  assert.deepEqual(used.mcpServer?.status?.workflows, ["flow"]);
  await fails(
    client.deleteMcpServer({ name }),
    "FAILED_PRECONDITION",
    /workflow "flow" refers to it/,
  );
  const { execution } = await client.createExecution(REQUEST);
  const other = flowOf("flow", { ...list, server: "other" });
  await client.createMcpServer({
    mcpServer: { ...serverMessage("good"), metadata: { name: "other" } },
  });
  await client.applyResources(batch(other));
  const { mcpServers } = await client.listMcpServers({});
  assert.deepEqual(
    mcpServers.map((it) => [it.metadata?.name, it.status?.workflows]),
    [["other", ["flow"]], ["My Echoes", []]],
  );
  // What a run has pinned is kept until it has ended.
  const id = execution?.metadata?.id ?? "";
  await fails(
    client.deleteMcpServer({ name }),
    "FAILED_PRECONDITION",
    new RegExp(`execution "${id}" refers to it`),
  );
  await client.cancelExecution({ id });
  await client.deleteMcpServer({ name });
});

suite(
  "a workflow is refused for an MCP server that is not there",
  async (client) => {
    await client.applyResources(batch(serverOf("good")));
    const refused: readonly (readonly [string, RegExp])[] = [
      ["my-echos", /^Did you mean "my-echoes"\?$/],
      ["time", /^Apply it first: stigmer mcp create time --catalog time$/],
      ["nothing-like-it", /^Apply it first, .* or give "transport"/],
    ];
    for (const [server, hint] of refused) {
      const flow = flowOf("flow", { server, method: "tools/list" });
      const { results } = await client.applyResources(batch(flow));
      const [found] = results[0]?.diagnostics ?? [];
      assert.equal(found?.pointer, "/spec/do/0/ask/with/server");
      assert.equal(found.message, `There is no MCP server "${server}"`);
      assert.match(found.hint, hint);
      const error = await fails(
        client.createExecution({ ...REQUEST, definitions: [flow] }),
        "INVALID_ARGUMENT",
        /workflow "flow"/,
      );
      const [fault] = error.diagnostics;
      assert.equal(fault?.message, `Unknown MCP server "${server}"`);
      assert.match(fault.hint ?? "", hint);
    }
  },
);

runningSuite(
  "a workflow uses the login of an applied MCP server, and shows no token of it",
  async ({ client }, { path }) => {
    await using server = startOAuthServer();
    const tickets = {
      metadata: { name: "tickets" },
      spec: {
        transport: { case: "http" as const, value: { url: server.url } },
      },
    };
    await client.createMcpServer({ mcpServer: tickets });
    const tool = (name: string): JsonObject => ({
      server: "tickets",
      method: "tools/call",
      parameters: { name },
    });
    await client.applyResources(
      batch(flowOf("flow", tool("leak")), flowOf("broken", tool("break"))),
    );
    const refused = await runs(client);
    assert.match(refused.error, /log in with "stigmer mcp login tickets"$/);
    const begun = await client.beginMcpLogin({
      target: { server: "tickets" },
      redirectUrl: "http://127.0.0.1:9/callback",
    });
    await client.completeMcpLogin({
      loginId: begun.loginId,
      callbackQuery: await server.signIn(begun.authorizationUrl),
    });
    const told = await runs(client);
    assert.match(
      JSON.stringify(told.output),
      /you sent \*{3}, in base64 \*{3}/,
    );
    const broken = await runs(client, { name: "broken" });
    assert.match(broken.error, /cannot: \*{3}/);
    assert.ok(server.secrets.length > 0);
    for (const token of server.secrets) {
      assert.deepEqual(filesWith(path, token), []);
    }
  },
);

runningSuite(
  "a workflow that another one runs pins its own MCP servers",
  async ({ client }) => {
    const child = { namespace: "t", name: "child", version: "1.0.0" };
    const parent = flowWith("flow", [{ go: { run: { workflow: child } } }]);
    await client.applyResources(
      batch(serverOf("good"), flowOf("child", ECHO), parent),
    );
    const run = await runs(client);
    assert.deepEqual(run.output, saying("echo: up"));
    assert.deepEqual(run.pins, []);
    const { id: parentId } = run;
    const { executions } = await client.listExecutions({ parent: parentId });
    const version = await versionOf(client);
    assert.deepEqual(
      executions.map((it) =>
        it.spec?.mcpServers.map((pin) => pin.resourceVersionId)
      ),
      [[version]],
    );
    // The same from a file, with the server in it.
    const inline = [serverOf("good"), flowOf("child", ECHO), parent];
    await client.deleteWorkflow({ name: "flow" });
    await client.deleteWorkflow({ name: "child" });
    await client.deleteMcpServer({ name: "my-echoes" });
    const again = await runs(client, { definitions: inline });
    assert.deepEqual(again.output, saying("echo: up"));
  },
);

suite(
  "what an MCP server of a workflow cannot do without is asked of its own run alone",
  async (client) => {
    const needy = serverOf("good", {}, { TOKEN: "${MY_TOKEN}" });
    const child = { namespace: "t", name: "child", version: "1.0.0" };
    await client.applyResources(batch(
      needy,
      flowOf("child", ECHO),
      flowWith("flow", [{ go: { run: { workflow: child } } }]),
    ));
    await fails(
      client.createExecution({ ...REQUEST, name: "child" }),
      "INVALID_ARGUMENT",
      /workflow "child": tool server "My Echoes" needs "MY_TOKEN"/,
    );
    // The environments of the child may have it when its turn comes.
    await client.createExecution(REQUEST);
    // Whoever starts it may give it all the same.
    const secrets = { MY_TOKEN: SECRET };
    await client.createExecution({ ...REQUEST, secrets });
  },
);
