import assert from "node:assert/strict";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type ApplyResourcesResponse,
  ApplyResult_Outcome as Outcome,
  type ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { fails, INSTRUCTIONS, suite } from "./suite.ts";

type Given = MessageInitShape<typeof ResourceSchema>;

const environment = (name: string, value = "1"): Given => ({
  resource: {
    case: "environment",
    value: { metadata: { name }, spec: { variables: { VALUE: value } } },
  },
});
const agent = (name: string, instructions = INSTRUCTIONS): Given => ({
  resource: {
    case: "agent",
    value: { metadata: { name }, spec: { instructions } },
  },
});
const instance = (name: string, agentId: string, ...ids: string[]): Given => ({
  resource: {
    case: "agentInstance",
    value: { metadata: { name }, spec: { agentId, environmentIds: ids } },
  },
});
const workflow = (name: string, ...agents: string[]): Given => ({
  resource: {
    case: "workflow",
    value: {
      metadata: { name },
      spec: {
        tasks: agents.map((it, i) => ({ name: `t${i}`, agent: it })),
      },
    },
  },
});
const workflowInstance = (name: string, workflowId: string): Given => ({
  resource: {
    case: "workflowInstance",
    value: { metadata: { name }, spec: { workflowId } },
  },
});

/** A batch whose every resource refers to one that comes after it. */
const BATCH: readonly Given[] = [
  workflowInstance("nightly", "Review all"),
  workflow("Review all", "Code reviewer"),
  instance("strict", "code-reviewer", "prod", "base"),
  agent("Code reviewer"),
  environment("base"),
  environment("prod"),
];

function outcomes(response: ApplyResourcesResponse): Outcome[] {
  return response.results.map((it) => it.outcome);
}

async function counts(client: BackendClient): Promise<number[]> {
  return [
    (await client.listAgents({})).agents.length,
    (await client.listAgentInstances({})).agentInstances.length,
    (await client.listWorkflows({})).workflows.length,
    (await client.listWorkflowInstances({})).workflowInstances.length,
    (await client.listEnvironments({})).environments.length,
  ];
}

suite("ApplyResources takes a batch in any order", async (client) => {
  const response = await client.applyResources({
    resources: [...BATCH],
    message: "first",
  });
  assert.ok(response.applied, JSON.stringify(response.results[1]?.diagnostics));
  assert.deepEqual(outcomes(response), BATCH.map(() => Outcome.CREATED));
  assert.deepEqual(await counts(client), [1, 2, 1, 2, 2]);
  const { agentInstance } = await client.getAgentInstance({ name: "strict" });
  const { agent } = await client.getAgent({ name: "code-reviewer" });
  const { environments } = await client.listEnvironments({});
  const idOf = (slug: string) =>
    environments.find((it) => it.metadata?.slug === slug)?.metadata?.id;
  assert.equal(agentInstance?.spec?.agentId, agent?.metadata?.id);
  assert.deepEqual(agentInstance?.spec?.environmentIds, [
    idOf("prod"),
    idOf("base"),
  ]);
  assert.equal(agent?.metadata?.version?.message, "first");
});

suite("ApplyResources again changes nothing", async (client) => {
  const first = await client.applyResources({ resources: [...BATCH] });
  const again = await client.applyResources({
    resources: [...BATCH],
    message: "second",
  });
  assert.deepEqual(outcomes(again), BATCH.map(() => Outcome.UNCHANGED));
  assert.deepEqual(
    again.results.map((it) => it.resource),
    first.results.map((it) => it.resource),
  );
  const { versions } = await client.listResourceVersions({
    kind: "Agent",
    name: "code-reviewer",
  });
  assert.equal(versions.length, 1);
});

suite("ApplyResources updates only what differs", async (client) => {
  await client.applyResources({ resources: [...BATCH] });
  const response = await client.applyResources({
    resources: [environment("base", "2"), environment("prod"), agent("new")],
    message: "raise",
  });
  assert.deepEqual(outcomes(response), [
    Outcome.UPDATED,
    Outcome.UNCHANGED,
    Outcome.CREATED,
  ]);
  const base = (await client.getEnvironment({ name: "base" })).environment;
  assert.equal(base?.metadata?.version?.number, 2);
  assert.equal(base?.metadata?.version?.message, "raise");
  assert.equal(base?.spec?.variables["VALUE"], "2");
});

suite("ApplyResources keeps nothing when one is refused", async (client) => {
  const response = await client.applyResources({
    resources: [environment("fine"), agent("bad", "short"), agent("good")],
  });
  assert.equal(response.applied, false);
  assert.deepEqual(outcomes(response), [
    Outcome.CREATED,
    Outcome.FAILED,
    Outcome.CREATED,
  ]);
  const [diagnostic] = response.results[1]?.diagnostics ?? [];
  assert.equal(diagnostic?.pointer, "/spec/instructions");
  assert.deepEqual(await counts(client), [0, 0, 0, 0, 0]);
});

suite("ApplyResources says where a reference leads nowhere", async (client) => {
  const response = await client.applyResources({
    resources: [
      agent("reviewer"),
      workflow("review", "reviewer", "reviewr"),
      instance("fast", "reviewe", "nowhere"),
      workflowInstance("late", "reviews"),
    ],
  });
  assert.deepEqual(outcomes(response), [
    Outcome.CREATED,
    Outcome.FAILED,
    Outcome.FAILED,
    Outcome.FAILED,
  ]);
  const said = response.results.flatMap((it) =>
    it.diagnostics.map((one) => [one.pointer, one.message, one.hint])
  );
  assert.deepEqual(said, [
    [
      "/spec/tasks/1/agent",
      'There is no agent "reviewr"',
      'Did you mean "reviewer"?',
    ],
    [
      "/spec/agentId",
      'There is no agent "reviewe"',
      'Did you mean "reviewer"?',
    ],
    [
      "/spec/environmentIds/0",
      'There is no environment "nowhere"',
      "Apply it first, or put it into the same set",
    ],
    [
      "/spec/workflowId",
      'There is no workflow "reviews"',
      "Apply it first, or put it into the same set",
    ],
  ]);
});

suite(
  "ApplyResources blames the refused one, not who names it",
  async (client) => {
    const response = await client.applyResources({
      resources: [instance("fast", "bad"), agent("bad", "short")],
    });
    const [first] = response.results;
    assert.equal(
      first?.diagnostics[0]?.message,
      'The agent "bad" is refused itself',
    );
  },
);

suite("ApplyResources refuses the same resource twice", async (client) => {
  const response = await client.applyResources({
    resources: [agent("Twin"), environment("Twin"), agent("twin")],
  });
  assert.deepEqual(outcomes(response), [
    Outcome.CREATED,
    Outcome.CREATED,
    Outcome.FAILED,
  ]);
  assert.match(response.results[2]?.diagnostics[0]?.message ?? "", /twice/);
  assert.deepEqual(await counts(client), [0, 0, 0, 0, 0]);
});

suite(
  "ApplyResources with dry_run says the same and writes nothing",
  async (client) => {
    const dry = await client.applyResources({
      resources: [...BATCH],
      dryRun: true,
    });
    assert.equal(dry.applied, false);
    assert.deepEqual(await counts(client), [0, 0, 0, 0, 0]);
    const real = await client.applyResources({ resources: [...BATCH] });
    assert.deepEqual(outcomes(dry), outcomes(real));
    const changed = [environment("base", "3"), environment("prod")];
    const dryAgain = await client.applyResources({
      resources: changed,
      dryRun: true,
    });
    assert.deepEqual(outcomes(dryAgain), [Outcome.UPDATED, Outcome.UNCHANGED]);
    const { environment: base } = await client.getEnvironment({ name: "base" });
    assert.equal(base?.metadata?.version?.number, 1);
  },
);

suite(
  "ApplyResources changes a default instance like any other",
  async (client) => {
    const response = await client.applyResources({
      resources: [
        instance("bot-default", "bot", "prod"),
        agent("bot"),
        environment("prod"),
      ],
    });
    assert.ok(response.applied);
    assert.equal(response.results[0]?.outcome, Outcome.UPDATED);
    const moved = await client.applyResources({
      resources: [agent("other"), instance("bot-default", "other")],
    });
    assert.equal(moved.results[1]?.outcome, Outcome.FAILED);
    assert.match(
      moved.results[1]?.diagnostics[0]?.message ?? "",
      /stays with it/,
    );
  },
);

suite(
  "ApplyResources fails whole when one changed meanwhile",
  async (client) => {
    const stale = { id: "ver-01h00000000000000000000000" };
    await client.applyResources({ resources: [environment("e")] });
    const apply = (description: string) =>
      client.applyResources({
        resources: [environment("new"), {
          resource: {
            case: "environment",
            value: {
              metadata: { name: "e", version: stale },
              spec: { description },
            },
          },
        }],
      });
    await fails(apply("differs"), "ABORTED", /changed meanwhile/);
    await fails(client.getEnvironment({ name: "new" }), "NOT_FOUND");
  },
);

suite(
  "ApplyResources of what is there already is no conflict",
  async (client) => {
    const version = { id: "ver-01h00000000000000000000000" };
    const apply = (metadata: { version?: { id: string } }) =>
      client.applyResources({
        resources: [{
          resource: {
            case: "environment",
            value: { metadata: { name: "e", ...metadata } },
          },
        }],
      });
    await apply({});
    const again = await apply({ version });
    assert.equal(again.results[0]?.outcome, Outcome.UNCHANGED);
  },
);

suite("ApplyResources takes 1 to 1000 resources", async (client) => {
  await fails(client.applyResources({}), "INVALID_ARGUMENT", /1 to 1000/);
  const many = Array.from({ length: 1001 }, (_, i) => environment(`e${i}`));
  await fails(
    client.applyResources({ resources: many }),
    "INVALID_ARGUMENT",
    /1001/,
  );
  const response = await client.applyResources({
    resources: many.slice(0, 1000),
  });
  assert.ok(response.applied);
  const empty = await client.applyResources({ resources: [{}] });
  assert.equal(empty.results[0]?.outcome, Outcome.FAILED);
});
