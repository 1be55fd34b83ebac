/**
 * Create, get, list, update and delete of the five kinds that people write:
 * each kind is a row of one table, so that all are held to the same.
 */

import assert from "node:assert/strict";
import type { Metadata } from "../../gen/stigmer/backend/v1/metadata_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { idPrefix } from "../../src/model/id.ts";
import { fails, INSTRUCTIONS, suite } from "./suite.ts";

/** What every kind has in common. */
interface Message {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: Metadata | undefined;
}

/** What a test says of the metadata of a resource. */
interface Given {
  readonly name?: string;
  readonly slug?: string;
  readonly id?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly tags?: string[];
  readonly version?: { readonly id: string };
}

/** The verbs of a kind over one sort of spec that differs by a text. */
interface Row {
  readonly prefix: string;
  create(client: BackendClient, given: Given, text?: string): Promise<Message>;
  get(client: BackendClient, name: string): Promise<Message>;
  list(
    client: BackendClient,
    match: Record<string, string>,
  ): Promise<readonly Message[]>;
  update(client: BackendClient, given: Given, text: string): Promise<Message>;
  delete(client: BackendClient, name: string): Promise<Message>;
}

function must(message: Message | undefined): Message {
  assert.ok(message);
  return message;
}

const ROWS: Readonly<Record<string, Row>> = {
  Agent: {
    prefix: "agt",
    create: async (client, metadata, description = "") =>
      must(
        (await client.createAgent({
          agent: {
            metadata,
            spec: { instructions: INSTRUCTIONS, description },
          },
        })).agent,
      ),
    get: async (client, name) => must((await client.getAgent({ name })).agent),
    list: async (client, match) =>
      (await client.listAgents({ labels: { match } })).agents,
    update: async (client, metadata, description) =>
      must(
        (await client.updateAgent({
          agent: {
            metadata,
            spec: { instructions: INSTRUCTIONS, description },
          },
          message: `to ${description}`,
        })).agent,
      ),
    delete: async (client, name) =>
      must((await client.deleteAgent({ name })).agent),
  },
  AgentInstance: {
    prefix: "ain",
    create: async (client, metadata, description = "") =>
      must(
        (await client.createAgentInstance({
          agentInstance: {
            metadata,
            spec: { agentId: await agent(client), description },
          },
        })).agentInstance,
      ),
    get: async (client, name) =>
      must((await client.getAgentInstance({ name })).agentInstance),
    list: async (client, match) =>
      (await client.listAgentInstances({ labels: { match } })).agentInstances,
    update: async (client, metadata, description) =>
      must(
        (await client.updateAgentInstance({
          agentInstance: {
            metadata,
            spec: { agentId: "template", description },
          },
          message: `to ${description}`,
        })).agentInstance,
      ),
    delete: async (client, name) =>
      must((await client.deleteAgentInstance({ name })).agentInstance),
  },
  Workflow: {
    prefix: "wfl",
    create: async (client, metadata, description = "") =>
      must(
        (await client.createWorkflow({
          workflow: { metadata, spec: workflowSpec(description) },
        })).workflow,
      ),
    get: async (client, name) =>
      must((await client.getWorkflow({ name })).workflow),
    list: async (client, match) =>
      (await client.listWorkflows({ labels: { match } })).workflows,
    update: async (client, metadata, description) =>
      must(
        (await client.updateWorkflow({
          workflow: { metadata, spec: workflowSpec(description) },
          message: `to ${description}`,
        })).workflow,
      ),
    delete: async (client, name) =>
      must((await client.deleteWorkflow({ name })).workflow),
  },
  WorkflowInstance: {
    prefix: "win",
    create: async (client, metadata, description = "") =>
      must(
        (await client.createWorkflowInstance({
          workflowInstance: {
            metadata,
            spec: { workflowId: await workflow(client), description },
          },
        })).workflowInstance,
      ),
    get: async (client, name) =>
      must((await client.getWorkflowInstance({ name })).workflowInstance),
    list: async (client, match) =>
      (await client.listWorkflowInstances({ labels: { match } }))
        .workflowInstances,
    update: async (client, metadata, description) =>
      must(
        (await client.updateWorkflowInstance({
          workflowInstance: {
            metadata,
            spec: { workflowId: "template", description },
          },
          message: `to ${description}`,
        })).workflowInstance,
      ),
    delete: async (client, name) =>
      must((await client.deleteWorkflowInstance({ name })).workflowInstance),
  },
  Environment: {
    prefix: "env",
    create: async (client, metadata, description = "") =>
      must(
        (await client.createEnvironment({
          environment: { metadata, spec: { description } },
        })).environment,
      ),
    get: async (client, name) =>
      must((await client.getEnvironment({ name })).environment),
    list: async (client, match) =>
      (await client.listEnvironments({ labels: { match } })).environments,
    update: async (client, metadata, description) =>
      must(
        (await client.updateEnvironment({
          environment: { metadata, spec: { description } },
          message: `to ${description}`,
        })).environment,
      ),
    delete: async (client, name) =>
      must((await client.deleteEnvironment({ name })).environment),
  },
};

function workflowSpec(description: string) {
  return {
    description,
    document: { dsl: "1.0.0", namespace: "t", name: "w", version: "1.0.0" },
    do: [{ greet: { set: { text: "hello" } } }],
  };
}

/** Makes the template of instances once. */
async function agent(client: BackendClient): Promise<string> {
  const { agents } = await client.listAgents({});
  if (agents.length > 0) return "template";
  await client.createAgent({
    agent: {
      metadata: { name: "template" },
      spec: { instructions: INSTRUCTIONS },
    },
  });
  return "template";
}

async function workflow(client: BackendClient): Promise<string> {
  const { workflows } = await client.listWorkflows({});
  if (workflows.length > 0) return "template";
  await client.createWorkflow({
    workflow: { metadata: { name: "template" }, spec: workflowSpec("") },
  });
  return "template";
}

for (const [kind, row] of Object.entries(ROWS)) {
  suite(`${kind} is found by id, slug and name`, async (client) => {
    const made = await row.create(client, { name: "Größe & Co. ☃" });
    assert.equal(made.apiVersion, "agentic.stigmer.ai/v1");
    assert.equal(made.kind, kind);
    assert.equal(made.metadata?.slug, "gro-e-co");
    const id = made.metadata?.id ?? "";
    assert.equal(idPrefix(id), row.prefix);
    for (const word of [id, "gro-e-co", "Größe & Co. ☃"]) {
      assert.deepEqual(await row.get(client, word), made);
    }
  });

  suite(`${kind} keeps what its user wrote`, async (client) => {
    const given = {
      name: "日本語 👩‍🚀 “quoted”\\",
      slug: "kept",
      labels: { team: "größe", 'k"ey': 'v"al:"ue', "": "" },
      annotations: { note: "line\nbreak\ttab", __proto__x: "x" },
      tags: ["b", "a"],
    };
    const { "": _, ...labels } = given.labels;
    const made = await row.create(client, { ...given, labels }, "ünïcødé");
    assert.equal(made.metadata?.name, given.name);
    assert.deepEqual(made.metadata?.labels, labels);
    assert.deepEqual(made.metadata?.annotations, given.annotations);
    assert.deepEqual(made.metadata?.tags, given.tags);
    assert.equal(made.metadata?.version?.number, 1);
    assert.equal(made.metadata?.version?.previousVersionId, "");
    assert.deepEqual(await row.get(client, "kept"), made);
  });

  suite(`${kind} is refused when its slug is taken`, async (client) => {
    await row.create(client, { name: "Twin" });
    const error = await fails(
      row.create(client, { name: "twin!" }),
      "ALREADY_EXISTS",
      /"twin"/,
    );
    assert.ok(error.hints.length > 0);
  });

  suite(`${kind} with the name of several asks for more`, async (client) => {
    await row.create(client, { name: "Same", slug: "one" });
    await row.create(client, { name: "Same", slug: "two" });
    await fails(row.get(client, "Same"), "INVALID_ARGUMENT", /"one".*"two"/);
    assert.equal((await row.get(client, "two")).metadata?.slug, "two");
  });

  suite(
    `${kind} that is not there is missed with a near name`,
    async (client) => {
      await row.create(client, { name: "reviewer" });
      const error = await fails(
        row.get(client, "reviewr"),
        "NOT_FOUND",
        /reviewr/,
      );
      assert.deepEqual(error.hints, ['Did you mean "reviewer"?']);
      await fails(row.delete(client, "nobody"), "NOT_FOUND");
      await fails(row.update(client, { name: "nobody" }, "x"), "NOT_FOUND");
      await fails(row.get(client, ""), "INVALID_ARGUMENT");
    },
  );

  suite(`${kind} is updated as a new version`, async (client) => {
    const made = await row.create(client, { name: "Doc", labels: { a: "1" } });
    const given = { name: "Doc", labels: { b: "2" } };
    const next = await row.update(client, given, "second");
    assert.equal(next.metadata?.id, made.metadata?.id);
    assert.equal(next.metadata?.version?.number, 2);
    assert.equal(next.metadata?.version?.message, "to second");
    assert.equal(
      next.metadata?.version?.previousVersionId,
      made.metadata?.version?.id,
    );
    assert.deepEqual(next.metadata?.labels, { b: "2" });
    assert.deepEqual(await row.update(client, given, "second"), next);
    const { versions } = await client.listResourceVersions({
      kind,
      name: "doc",
    });
    assert.deepEqual(versions.map((it) => it.version?.number), [2, 1]);
  });

  suite(`${kind} keeps its slug when its name changes`, async (client) => {
    const { metadata } = await row.create(client, { name: "Before" });
    const id = metadata?.id ?? "";
    const named = await row.update(client, { id, name: "After" }, "x");
    assert.equal(named.metadata?.name, "After");
    assert.equal(named.metadata?.slug, "before");
    await fails(
      row.update(client, { id, name: "After", slug: "after" }, "x"),
      "INVALID_ARGUMENT",
      /fixed/,
    );
    const missing = id.slice(0, -1) + (id.endsWith("0") ? "1" : "0");
    await fails(
      row.update(client, { id: missing, name: "After" }, "x"),
      "NOT_FOUND",
    );
  });

  suite(`${kind} that changed meanwhile is not overwritten`, async (client) => {
    const { metadata } = await row.create(client, { name: "Race" });
    const seen = { id: metadata?.version?.id ?? "" };
    await row.update(client, { name: "Race", version: seen }, "first");
    const error = await fails(
      row.update(client, { name: "Race", version: seen }, "second"),
      "ABORTED",
      /changed meanwhile/,
    );
    const same = await row.update(
      client,
      { name: "Race", version: seen },
      "first",
    );
    assert.equal(same.metadata?.version?.number, 2);
    assert.ok(error.hints.length > 0);
  });

  suite(`${kind} is listed newest first, by labels`, async (client) => {
    await row.create(client, { name: "first", labels: { team: "x", a: "1" } });
    await row.create(client, { name: "second", labels: { team: "x" } });
    await row.create(client, { name: "third", labels: { team: "x y" } });
    const slugs = async (match: Record<string, string>) =>
      (await row.list(client, match)).map((it) => it.metadata?.slug).sort();
    assert.deepEqual(await slugs({ team: "x" }), ["first", "second"]);
    assert.deepEqual(await slugs({ team: "x", a: "1" }), ["first"]);
    assert.deepEqual(await slugs({ team: "" }), []);
    assert.deepEqual(await slugs({ a: "x" }), []);
  });

  suite(`${kind} is deleted and given back`, async (client) => {
    const made = await row.create(client, { name: "Gone" });
    assert.deepEqual(await row.delete(client, "Gone"), made);
    await fails(row.get(client, "gone"), "NOT_FOUND");
    const again = await row.create(client, { name: "Gone" });
    assert.notEqual(again.metadata?.id, made.metadata?.id);
  });

  suite(`${kind} with bad metadata is refused with a place`, async (client) => {
    const id = "agt-01h00000000000000000000000";
    const cases: readonly (readonly [Given, string])[] = [
      [{}, "/metadata/name"],
      [{ name: "☃" }, "/metadata/name"],
      [{ name: "x".repeat(201) }, "/metadata/name"],
      [{ name: "a\0b" }, "/metadata/name"],
      [{ name: "a", slug: "Not A Slug" }, "/metadata/slug"],
      [{ name: "a", slug: "x".repeat(64) }, "/metadata/slug"],
      [{ name: "a", slug: id }, "/metadata/slug"],
      [{ name: id }, "/metadata/name"],
      [{ name: "a", labels: { k: "v".repeat(257) } }, "/metadata/labels/k"],
    ];
    for (const [given, pointer] of cases) {
      const error = await fails(row.create(client, given), "INVALID_ARGUMENT");
      assert.equal(error.diagnostics[0]?.pointer, pointer, error.message);
      assert.equal(error.diagnostics[0]?.severity, "error");
    }
    assert.equal(
      (await row.list(client, {})).filter((it) =>
        !it.metadata?.slug.startsWith("template")
      ).length,
      0,
    );
  });
}

suite("a call without its resource is refused", async (client) => {
  await fails(client.createAgent({}), "INVALID_ARGUMENT", /agent/);
  await fails(client.updateWorkflow({}), "INVALID_ARGUMENT", /workflow/);
  await fails(client.createEnvironment({}), "INVALID_ARGUMENT", /environment/);
});

suite("a message of a version has a bound", async (client) => {
  const environment = { metadata: { name: "e" } };
  await client.createEnvironment({ environment });
  await fails(
    client.updateEnvironment({ environment, message: "x".repeat(1001) }),
    "INVALID_ARGUMENT",
    /1000/,
  );
});

suite("a bad definition is refused with all that is wrong", async (client) => {
  const error = await fails(
    client.createAgent({
      agent: {
        metadata: { name: "bad" },
        spec: { instructions: "short", model: { name: "x", temperature: 9 } },
      },
    }),
    "INVALID_ARGUMENT",
    /^Cannot create agent "bad": /,
  );
  assert.ok(error.diagnostics.length >= 3, JSON.stringify(error.diagnostics));
  assert.ok(error.diagnostics.every((it) => it.pointer.startsWith("/spec/")));
});
