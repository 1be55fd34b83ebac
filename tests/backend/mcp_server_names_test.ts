import { fails, INSTRUCTIONS, suite } from "./suite.ts";

const TICKETS = {
  metadata: { name: "Tickets", slug: "desk" },
  spec: { transport: { case: "catalog" as const, value: "time" } },
};

function agentWith(mcpServers: readonly object[], deny: readonly string[]) {
  return {
    metadata: { name: "clerk" },
    spec: {
      instructions: INSTRUCTIONS,
      mcpServers: [...mcpServers],
      permissions: { deny: [...deny] },
    },
  };
}

suite(
  "an agent that gives an MCP server no name is told when another has it",
  async (client) => {
    await client.createMcpServer({ mcpServer: TICKETS });
    const own = {
      name: "desk",
      transport: { case: "stdio" as const, value: { command: "deno" } },
    };
    const agent = agentWith([own, { server: "Tickets" }], []);
    const twice = /Tool server "desk" is given twice/;
    await fails(client.createAgent({ agent }), "INVALID_ARGUMENT", twice);
    const named = agentWith([own, { server: "Tickets", name: "tickets" }], []);
    await client.createAgent({ agent: named });
  },
);

suite(
  "a rule over the name of an MCP server that is called otherwise is refused",
  async (client) => {
    await client.createMcpServer({ mcpServer: TICKETS });
    const applied = { server: "Tickets" };
    const wrong = /"Tickets" is called "desk", and rule "tickets:\*"/;
    const agent = agentWith([applied], ["tickets:*"]);
    await fails(client.createAgent({ agent }), "INVALID_ARGUMENT", wrong);
    await fails(
      client.createExecution({
        kind: "Agent",
        name: "clerk",
        message: "Hi",
        definitions: [{ resource: { case: "agent", value: agent } }],
      }),
      "INVALID_ARGUMENT",
      wrong,
    );
    await client.createAgent({ agent: agentWith([applied], ["desk"]) });
    await client.updateAgent({
      agent: agentWith([{ ...applied, name: "tickets" }], ["tickets:*"]),
    });
  },
);
