import assert from "node:assert/strict";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  ApplyResult_Outcome,
  type Resource,
  type ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { jsonOfValue } from "../../src/backend/proto_json.ts";
import { fails, INSTRUCTIONS, runningSuite, suite } from "./suite.ts";

type Init = MessageInitShape<typeof ResourceSchema>;

const TIME = {
  metadata: { name: "My Clock", labels: { team: "ops" } },
  spec: { transport: { case: "catalog" as const, value: "time" } },
};

function agentOf(name: string, servers: readonly object[], more = {}) {
  const mcpServers = [...servers];
  return {
    metadata: { name },
    spec: { instructions: INSTRUCTIONS, mcpServers, ...more },
  };
}

function batch(...resources: readonly Init[]): { resources: Init[] } {
  return { resources: [...resources] };
}

const server = (value: object): Init => ({
  resource: { case: "mcpServer", value },
});
const agent = (value: object): Init => ({ resource: { case: "agent", value } });

function outcomes(
  results: readonly { readonly outcome: ApplyResult_Outcome }[],
): readonly (string | undefined)[] {
  return results.map(({ outcome }) => ApplyResult_Outcome[outcome]);
}

suite(
  "an MCP server is made, found, listed, changed and deleted",
  async (client) => {
    const made = await client.createMcpServer({ mcpServer: TIME });
    const { metadata } = made.mcpServer ?? {};
    assert.match(metadata?.id ?? "", /^mcp-/);
    assert.equal(metadata?.slug, "my-clock");
    await fails(
      client.createMcpServer({ mcpServer: TIME }),
      "ALREADY_EXISTS",
      /MCP server "my-clock"/,
    );
    for (const name of ["My Clock", "my-clock", metadata?.id ?? ""]) {
      const { mcpServer } = await client.getMcpServer({ name });
      assert.deepEqual(mcpServer?.spec?.transport, TIME.spec.transport);
    }
    const labelled = { labels: { match: { team: "ops" } } };
    const others = { labels: { match: { team: "web" } } };
    assert.equal((await client.listMcpServers(labelled)).mcpServers.length, 1);
    assert.equal((await client.listMcpServers(others)).mcpServers.length, 0);
    const spec = { ...TIME.spec, enabledTools: ["current_time"] };
    const changed = await client.updateMcpServer({
      mcpServer: { ...TIME, spec },
      message: "One tool is enough",
    });
    assert.equal(changed.mcpServer?.metadata?.version?.number, 2);
    const { versions } = await client.listResourceVersions({
      kind: "McpServer",
      name: "my-clock",
    });
    assert.deepEqual(
      versions.map(({ version }) => [version?.number, version?.message]),
      [[2, "One tool is enough"], [1, ""]],
    );
    await client.deleteMcpServer({ name: "my-clock" });
    await fails(client.getMcpServer({ name: "my-clock" }), "NOT_FOUND");
  },
);

suite("a repeated create of an MCP server is the same one", async (client) => {
  const request = { mcpServer: TIME, idempotencyKey: "once" };
  const first = await client.createMcpServer(request);
  const again = await client.createMcpServer(request);
  assert.equal(
    again.mcpServer?.metadata?.id,
    first.mcpServer?.metadata?.id,
  );
});

suite("pages of MCP servers hold all of them once", async (client) => {
  for (const name of ["a", "b", "c"]) {
    const { spec } = TIME;
    await client.createMcpServer({ mcpServer: { metadata: { name }, spec } });
  }
  const slugs: string[] = [];
  for (let token = "", page = 0; page < 3; page++) {
    const answer = await client.listMcpServers({ page: { size: 2, token } });
    slugs.push(...answer.mcpServers.map((it) => it.metadata?.slug ?? ""));
    token = answer.nextPageToken;
    if (token === "") break;
  }
  // Those of one millisecond come in any order.
  assert.deepEqual(slugs.toSorted(), ["a", "b", "c"]);
});

suite(
  "an agent may stand before its MCP server in a batch, and is kept by id and name",
  async (client) => {
    const lone = agentOf("clerk", [{ server: "My Clock" }]);
    const dry = await client.applyResources({
      ...batch(agent(lone), server(TIME)),
      dryRun: true,
    });
    assert.deepEqual(outcomes(dry.results), ["CREATED", "CREATED"]);
    assert.deepEqual((await client.listMcpServers({})).mcpServers, []);
    const both = batch(agent(lone), server(TIME));
    assert.equal((await client.applyResources(both)).applied, true);
    const { mcpServer } = await client.getMcpServer({ name: "my-clock" });
    assert.deepEqual(mcpServer?.status?.agents, ["clerk"]);
    const { agent: stored } = await client.getAgent({ name: "clerk" });
    const [kept] = stored?.spec?.mcpServers ?? [];
    assert.equal(kept?.server, mcpServer?.metadata?.id);
    assert.equal(kept?.name, "my-clock");
    const again = await client.applyResources(both);
    assert.deepEqual(outcomes(again.results), ["UNCHANGED", "UNCHANGED"]);
  },
);

suite("an MCP server that agents name stays", async (client) => {
  await client.applyResources(
    batch(server(TIME), agent(agentOf("clerk", [{ server: "my-clock" }]))),
  );
  await fails(
    client.deleteMcpServer({ name: "my-clock" }),
    "FAILED_PRECONDITION",
    /agent "clerk" refers to it/,
  );
  await client.deleteAgent({ name: "clerk" });
  await client.deleteMcpServer({ name: "my-clock" });
});

suite(
  "an agent is refused for an MCP server, or a tool, that is not there",
  async (client) => {
    await client.createMcpServer({
      mcpServer: {
        metadata: TIME.metadata,
        spec: { ...TIME.spec, enabledTools: ["current_time"] },
      },
    });
    const refused: readonly (readonly [object, string, RegExp])[] = [
      [
        { server: "my-clok" },
        'There is no MCP server "my-clok"',
        /Did you mean "my-clock"\?/,
      ],
      [
        { server: "my-clock", enabledTools: ["get_week"] },
        'MCP server "my-clock" does not let agents see tool "get_week"',
        /It lets them see current_time/,
      ],
    ];
    for (const [it, message, hint] of refused) {
      const value = agentOf("clerk", [it]);
      const { results } = await client.applyResources(batch(agent(value)));
      const [found] = results[0]?.diagnostics ?? [];
      assert.equal(found?.message, message);
      assert.match(found.hint, hint);
      const definition = { resource: { case: "agent" as const, value } };
      await fails(
        client.createExecution({
          kind: "Agent",
          name: "clerk",
          message: "?",
          definitions: [definition],
        }),
        "INVALID_ARGUMENT",
        /my-cloc?k?/,
      );
    }
  },
);

suite(
  "an agent is not run with a server whose slug is the word for built-in tools",
  async (client) => {
    const posing = { ...TIME, metadata: { name: "Pose", slug: "workspace" } };
    await client.createMcpServer({ mcpServer: posing });
    const agent = agentOf("posed", [{ server: "Pose" }], { workspace: {} });
    await client.createAgent({ agent });
    await fails(
      client.createExecution({ kind: "Agent", name: "posed", message: "?" }),
      "FAILED_PRECONDITION",
      /MCP server "workspace": the agent knows other tools by that name/,
    );
  },
);

suite(
  "what an MCP server declares is what its agents' runs are asked for",
  async (client) => {
    const env = {
      REGION: { required: true, description: "Where tickets are" },
      MODE: { default: "fast" },
    };
    await client.applyResources(batch(
      server({ ...TIME, spec: { ...TIME.spec, env } }),
      agent(agentOf("clerk", [{ server: "my-clock" }])),
    ));
    const request = { kind: "Agent", name: "clerk", message: "?" };
    const error = await fails(
      client.createExecution(request),
      "INVALID_ARGUMENT",
      /agent "clerk": it needs "REGION" and nothing gives it/,
    );
    assert.match(error.hints.join(), /REGION: Where tickets are/);
    const variables = { REGION: "eu" };
    const { execution } = await client.createExecution({
      ...request,
      variables,
    });
    const { context } = await client.getExecutionContext({
      executionId: execution?.metadata?.id ?? "",
    });
    assert.deepEqual(context?.variables, { REGION: "eu", MODE: "fast" });
  },
);

/** What an execution says that it has pinned. */
async function pinsOf(client: BackendClient, id: string) {
  const { execution } = await client.getExecution({ id });
  return execution?.spec?.mcpServers.map((it) => [
    it.name,
    it.resourceVersionId,
  ]);
}

const TOOL_SERVER = new URL("../servers/tool_server.ts", import.meta.url);

function echoServer(mode: string, more = {}) {
  return {
    metadata: { name: "Echoes" },
    spec: {
      transport: {
        case: "stdio" as const,
        value: {
          command: Deno.execPath(),
          args: ["run", "--no-check", "-A", TOOL_SERVER.pathname, mode],
          env: {},
          cwd: "",
        },
      },
      ...more,
    },
  };
}

runningSuite(
  "an agent and its sub-agents use an applied MCP server at the version of their run",
  async ({ client }, { path }) => {
    await Deno.writeTextFile(
      `${path}/lead.yaml`,
      `turns:
  - call: { tool: agent_helper, arguments: { message: Go } }
  - call: { tool: echoes_echo, arguments: { text: up } }
  - say: "\${toolResult}"
`,
    );
    await Deno.writeTextFile(
      `${path}/helper.yaml`,
      `turns:
  - call: { tool: echoes_echo, arguments: { text: down } }
  - say: "\${toolResult}"
`,
    );
    const permissions = { allow: ["*"] };
    const model = { name: `script:${path}/lead.yaml` };
    const helper = {
      name: "helper",
      instructions: INSTRUCTIONS,
      model: { name: `script:${path}/helper.yaml` },
    };
    const { results } = await client.applyResources(batch(
      server(echoServer("good")),
      agent(
        agentOf("lead", [{ server: "Echoes" }], {
          model,
          permissions,
          subAgents: [helper],
        }),
      ),
    ));
    const first = resourceVersion(results[0]?.resource);
    const request = { kind: "Agent", name: "lead", message: "?" };
    const { execution: made } = await client.createExecution(request);
    const id = made?.metadata?.id ?? "";
    for await (const _ of client.watchExecution({ id }));
    const { execution } = await client.getExecution({ id });
    assert.equal(
      jsonOfValue(execution?.status?.output, { absent: null, what: "it" }),
      "echo: up",
    );
    const { executions: [child] } = await client.listExecutions({ parent: id });
    const childId = child?.metadata?.id ?? "";
    assert.deepEqual(await pinsOf(client, childId), [["echoes", first]]);
    const changed = await client.updateMcpServer({
      mcpServer: echoServer("good", { description: "Echoes what it is told" }),
    });
    const second = changed.mcpServer?.metadata?.version?.id;
    assert.notEqual(second, first);
    for (
      const [latest, version] of [[false, first], [true, second]] as const
    ) {
      const retry = await client.retryExecution({
        id,
        latest,
        from: "/turn/1",
      });
      const retried = retry.execution?.metadata?.id ?? "";
      assert.deepEqual(await pinsOf(client, retried), [["echoes", version]]);
      for await (const _ of client.watchExecution({ id: retried }));
    }
    // Nothing that has ended keeps it; its agent does.
    await client.deleteAgent({ name: "lead" });
    await client.deleteMcpServer({ name: "echoes" });
  },
);

function resourceVersion(resource: Resource | undefined): string | undefined {
  return resource?.resource.value?.metadata?.version?.id;
}

runningSuite(
  "an agent and its MCP server run from a file, and nothing is kept of them",
  async ({ client }, { path }) => {
    await Deno.writeTextFile(
      `${path}/model.yaml`,
      `turns:
  - call: { tool: everything_echo, arguments: { message: hi } }
  - say: "\${toolResult}"
`,
    );
    const value = agentOf("clerk", [{
      name: "everything",
      server: "Tickets",
      enabledTools: ["echo"],
    }], {
      model: { name: `script:${path}/model.yaml` },
      permissions: { allow: ["everything:echo"] },
    });
    const transport = { case: "catalog" as const, value: "everything" };
    const tickets = {
      metadata: { name: "Tickets" },
      spec: { transport, enabledTools: ["echo", "get-sum"] },
    };
    const { execution: made } = await client.createExecution({
      kind: "Agent",
      name: "clerk",
      message: "?",
      definitions: [
        { resource: { case: "agent", value } },
        { resource: { case: "mcpServer", value: tickets } },
      ],
    });
    const id = made?.metadata?.id ?? "";
    for await (const _ of client.watchExecution({ id }));
    const { execution } = await client.getExecution({ id });
    assert.equal(
      jsonOfValue(execution?.status?.output, { absent: null, what: "it" }),
      "Echo: hi",
    );
    assert.deepEqual(await pinsOf(client, id), [["everything", ""]]);
    assert.deepEqual((await client.listMcpServers({})).mcpServers, []);
  },
);
