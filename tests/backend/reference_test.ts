import assert from "node:assert/strict";
import { fails, INSTRUCTIONS, suite } from "./suite.ts";
import type { BackendClient } from "../../src/backend/open.ts";

const spec = { instructions: INSTRUCTIONS };
const DOCUMENT = {
  dsl: "1.0.0",
  namespace: "t",
  name: "w",
  version: "1.0.0",
};
const flow = { document: DOCUMENT, do: [{ greet: { set: { a: 1 } } }] };

async function makeAgent(client: BackendClient, name: string): Promise<string> {
  const { agent } = await client.createAgent({
    agent: { metadata: { name }, spec },
  });
  return agent?.metadata?.id ?? "";
}

suite("a template comes and goes with its default instance", async (client) => {
  const { agent } = await client.createAgent({
    agent: { metadata: { name: "Bot" }, spec },
  });
  const { workflow } = await client.createWorkflow({
    workflow: { metadata: { name: "Flow" }, spec: flow },
  });
  const bot = await client.getAgentInstance({ name: "bot-default" });
  const run = await client.getWorkflowInstance({ name: "flow-default" });
  assert.equal(
    agent?.status?.defaultInstanceId,
    bot.agentInstance?.metadata?.id,
  );
  assert.equal(bot.agentInstance?.spec?.agentId, agent?.metadata?.id);
  assert.equal(
    workflow?.status?.defaultInstanceId,
    run.workflowInstance?.metadata?.id,
  );
  assert.equal(run.workflowInstance?.spec?.workflowId, workflow?.metadata?.id);
  await fails(
    client.deleteAgentInstance({ name: "bot-default" }),
    "FAILED_PRECONDITION",
    /agent "bot" refers to it/,
  );
  await client.deleteAgent({ name: "Bot" });
  await client.deleteWorkflow({ name: "Flow" });
  await fails(client.getAgentInstance({ name: "bot-default" }), "NOT_FOUND");
  await fails(
    client.getWorkflowInstance({ name: "flow-default" }),
    "NOT_FOUND",
  );
});

suite("a long slug has a default instance too", async (client) => {
  const names = ["a".repeat(63), `${"a".repeat(62)}b`, "c".repeat(55)];
  for (const name of names) {
    const { agent } = await client.createAgent({
      agent: { metadata: { name }, spec },
    });
    const { agentInstance } = await client.getAgentInstance({
      name: agent?.status?.defaultInstanceId ?? "",
    });
    const slug = agentInstance?.metadata?.slug ?? "";
    assert.match(slug, /-default$/);
    assert.ok(slug.length <= 63, slug);
  }
});

suite("a taken default instance refuses its template", async (client) => {
  await makeAgent(client, "other");
  await client.createAgentInstance({
    agentInstance: {
      metadata: { name: "bot-default" },
      spec: { agentId: "other" },
    },
  });
  await fails(
    client.createAgent({ agent: { metadata: { name: "bot" }, spec } }),
    "ALREADY_EXISTS",
    /agent instance "bot-default"/,
  );
  await fails(client.getAgent({ name: "bot" }), "NOT_FOUND");
});

suite(
  "references are stored as ids, whatever they were given as",
  async (client) => {
    const id = await makeAgent(client, "My Bot");
    const { environment } = await client.createEnvironment({
      environment: { metadata: { name: "My Env" } },
    });
    const environmentId = environment?.metadata?.id ?? "";
    for (const [i, word] of ["My Bot", "my-bot", id].entries()) {
      const { agentInstance } = await client.createAgentInstance({
        agentInstance: {
          metadata: { name: `i${i}` },
          spec: {
            agentId: word,
            environmentIds: ["My Env", "my-env", environmentId].slice(i, i + 1),
          },
        },
      });
      assert.equal(agentInstance?.spec?.agentId, id);
      assert.deepEqual(agentInstance?.spec?.environmentIds, [environmentId]);
    }
    const { agentInstances } = await client.listAgentInstances({
      agent: "My Bot",
    });
    assert.equal(agentInstances.length, 4);
  },
);

suite("a reference to nothing or to several is refused", async (client) => {
  for (const slug of ["one", "two"]) {
    await client.createAgent({
      agent: { metadata: { name: "Same", slug }, spec },
    });
  }
  const create = (agentId: string, ...environmentIds: string[]) =>
    client.createAgentInstance({
      agentInstance: {
        metadata: { name: "i" },
        spec: { agentId, environmentIds },
      },
    });
  const several = await fails(
    create("Same"),
    "INVALID_ARGUMENT",
    /"one", "two"/,
  );
  assert.equal(several.diagnostics[0]?.pointer, "/spec/agentId");
  const missing = await fails(create("on", "x", "y"), "INVALID_ARGUMENT");
  assert.deepEqual(missing.diagnostics.map((it) => it.pointer), [
    "/spec/agentId",
    "/spec/environmentIds/0",
    "/spec/environmentIds/1",
  ]);
  await fails(create(""), "INVALID_ARGUMENT");
  await fails(
    client.createWorkflow({
      workflow: {
        metadata: { name: "w" },
        spec: { tasks: [{ name: "t", agent: "nobody" }] },
      },
    }),
    "INVALID_ARGUMENT",
    /no agent "nobody"/,
  );
});

suite(
  "what others refer to stays, and the error names them",
  async (client) => {
    await makeAgent(client, "bot");
    await client.createEnvironment({
      environment: { metadata: { name: "prod" } },
    });
    await client.createWorkflow({
      workflow: {
        metadata: { name: "flow" },
        spec: { tasks: [{ name: "ask", agent: "bot" }] },
      },
    });
    await client.createAgentInstance({
      agentInstance: {
        metadata: { name: "strict" },
        spec: { agentId: "bot", environmentIds: ["prod"] },
      },
    });
    await client.createWorkflowInstance({
      workflowInstance: {
        metadata: { name: "nightly" },
        spec: { workflowId: "flow", environmentIds: ["prod"] },
      },
    });
    const refused: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
      [
        () => client.deleteEnvironment({ name: "prod" }),
        /agent instance "strict", workflow instance "nightly" refer to it/,
      ],
      [
        () => client.deleteAgent({ name: "bot" }),
        /agent instance "strict", workflow "flow" refer to it/,
      ],
      [
        () => client.deleteWorkflow({ name: "flow" }),
        /workflow instance "nightly" refers to it/,
      ],
    ];
    for (const [call, text] of refused) {
      await fails(call(), "FAILED_PRECONDITION", text);
    }
    await client.deleteWorkflowInstance({ name: "nightly" });
    await client.deleteAgentInstance({ name: "strict" });
    await client.deleteEnvironment({ name: "prod" });
    await client.deleteWorkflow({ name: "flow" });
    await client.deleteAgent({ name: "bot" });
  },
);
