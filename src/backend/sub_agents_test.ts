import assert from "node:assert/strict";
import { create, fromJson, type JsonObject } from "@bufbuild/protobuf";
import {
  CreateExecutionRequestSchema,
  ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { ChildRequest } from "../model/child.ts";
import type { ExecutionRecord, NewExecution } from "../model/execution.ts";
import { member } from "../model/json.ts";
import { getExecution } from "../store/executions.ts";
import { createPrepareChild } from "./child_execution.ts";
import { type FakeDeps, fakeDeps } from "./fake_deps.ts";
import { executionOfRequest } from "./new_execution.ts";
import { createResource } from "./resource_changes.ts";
import { createRunSecretsSource } from "./run_secrets.ts";
import { storeExecution } from "./store_execution.ts";

const GOOD = "You do what you are told.";

function addAgent(deps: FakeDeps, name: string, spec: JsonObject): void {
  const agent = { metadata: { name }, spec: { instructions: GOOD, ...spec } };
  createResource(deps, "Agent", fromJson(ResourceSchema, { agent }));
}

function begin(deps: FakeDeps, name: string, model = ""): ExecutionRecord {
  const request = create(CreateExecutionRequestSchema, {
    kind: "Agent",
    name,
    message: "?",
    model,
  });
  const { execution } = executionOfRequest(deps, request);
  return keep(deps, execution);
}

function keep(deps: FakeDeps, execution: NewExecution): ExecutionRecord {
  storeExecution(deps, execution);
  const record = getExecution(deps.store.database, execution.id);
  assert.ok(record);
  return record;
}

async function handOut(
  deps: FakeDeps,
  parent: ExecutionRecord,
  more: Partial<ChildRequest>,
): Promise<NewExecution> {
  const prepare = createPrepareChild(deps, createRunSecretsSource(deps));
  return await prepare(parent, "/turn/1/tool/c1", {
    kind: "Agent",
    resource: "",
    message: "Do it",
    input: {},
    reported: true,
    ...more,
  });
}

/** The definition of an agent that came along with its execution. */
function definitionOf({ spec }: NewExecution): JsonObject {
  const [definition] = Object(spec["definitions"]);
  return definition.agent.spec;
}

Deno.test("one of an agent's own has what the agent has, and less", async () => {
  using deps = fakeDeps();
  addAgent(deps, "lead", {
    model: { name: "anthropic/big", temperature: 0.5 },
    mcpServers: [{ name: "filesystem" }, { name: "git" }],
    env: { TOKEN: { default: "x" } },
    limits: { maxTurns: 9 },
    subAgents: [{
      name: "reader",
      description: "Reads",
      instructions: "You read files.",
      model: { maxOutputTokens: 50 },
      tools: ["filesystem:read*"],
      limits: { maxTurns: 3, maxTokens: 700, timeout: "5s" },
      outputSchema: { type: "object" },
    }],
  });
  const parent = begin(deps, "lead");
  assert.deepEqual(parent.spec["subAgents"], [
    { name: "reader", description: "Reads" },
  ]);
  const child = await handOut(deps, parent, {
    subAgent: "reader",
    limits: { maxTokens: 300, maxCostUsd: 0.25, timeoutMs: 9000 },
  });
  const { spec } = child;
  assert.equal(spec["resourceName"], "reader");
  assert.equal(spec["subAgent"], "reader");
  assert.equal(spec["sessionId"] ?? "", "");
  assert.deepEqual(child.parent, {
    executionId: parent.id,
    path: "/turn/1/tool/c1",
  });
  assert.deepEqual(spec["limits"], {
    maxTurns: 3,
    maxTokens: 300,
    maxCostUsd: 0.25,
    timeout: "5s",
  });
  assert.deepEqual(spec["toolFilters"], [{ globs: ["filesystem:read*"] }]);
  assert.deepEqual(spec["outputSchema"], { type: "object" });
  assert.deepEqual(definitionOf(child), {
    description: "Reads",
    instructions: "You read files.",
    model: {
      name: "anthropic/big",
      temperature: 0.5,
      maxOutputTokens: 50,
    },
    mcpServers: [{ name: "filesystem" }, { name: "git" }],
    env: { TOKEN: { default: "x" } },
    limits: { maxTurns: 3, maxTokens: 700, timeout: "5s" },
  });
});

Deno.test("an applied one runs at its newest version, called as it was at the start", async () => {
  using deps = fakeDeps();
  addAgent(deps, "writer", {
    description: "Writes",
    mcpServers: [{ name: "fetch" }],
  });
  addAgent(deps, "lead", {
    subAgents: [{ agent: "writer", tools: ["none"], model: { name: "" } }],
  });
  const parent = begin(deps, "lead", "script:all.yaml");
  assert.deepEqual(parent.spec["subAgents"], [
    { name: "writer", description: "Writes", agent: "writer" },
  ]);
  const child = await handOut(deps, parent, {
    resource: "writer",
    subAgent: "writer",
  });
  const { spec } = child;
  assert.match(String(spec["resourceId"]), /^agt-/);
  assert.match(String(spec["resourceVersionId"]), /^ver-/);
  assert.equal(spec["model"], "script:all.yaml");
  assert.equal(spec["sessionId"] ?? "", "");
  assert.deepEqual(spec["toolFilters"], [{ globs: ["none"] }]);
  assert.equal(member(spec, "definitions"), undefined);
});

Deno.test("of two that come to the same name each is narrowed as it says", async () => {
  using deps = fakeDeps();
  addAgent(deps, "Writer", {});
  addAgent(deps, "lead", {
    subAgents: [{ agent: "Writer" }, { agent: "writer", tools: ["none"] }],
  });
  const parent = begin(deps, "lead");
  const names = ["writer", "writer_2"];
  assert.deepEqual(
    Object(parent.spec["subAgents"]).map(({ name }: { name: string }) => name),
    names,
  );
  const filters = names.map(async (subAgent) =>
    (await handOut(deps, parent, { subAgent })).spec["toolFilters"]
  );
  assert.deepEqual(await Promise.all(filters), [undefined, [{
    globs: ["none"],
  }]]);
});

Deno.test("the model of the run holds for those that name none themselves", async () => {
  using deps = fakeDeps();
  addAgent(deps, "lead", {
    model: { name: "anthropic/big" },
    subAgents: [
      { name: "same", instructions: GOOD },
      { name: "other", instructions: GOOD, model: { name: "openai/small" } },
    ],
  });
  const parent = begin(deps, "lead", "script:all.yaml");
  const same = await handOut(deps, parent, { subAgent: "same" });
  const other = await handOut(deps, parent, { subAgent: "other" });
  assert.equal(same.spec["model"], "script:all.yaml");
  assert.equal(other.spec["model"] ?? "", "");
  assert.deepEqual(definitionOf(other)["model"], { name: "openai/small" });
});

Deno.test("one of the own of a narrowed agent is as narrow as that", async () => {
  using deps = fakeDeps();
  addAgent(deps, "middle", {
    mcpServers: [{ name: "filesystem" }],
    subAgents: [{
      name: "own",
      instructions: GOOD,
      tools: ["filesystem:*file"],
    }],
  });
  addAgent(deps, "top", {
    subAgents: [{ agent: "middle", tools: ["filesystem:read*", "agent"] }],
  });
  const middle = await handOut(deps, begin(deps, "top"), {
    subAgent: "middle",
  });
  const own = await handOut(deps, keep(deps, middle), { subAgent: "own" });
  assert.deepEqual(own.spec["toolFilters"], [
    { globs: ["filesystem:read*", "agent"] },
    { globs: ["filesystem:*file"] },
  ]);
});

Deno.test("agents hand work on to so many of one another and no more", async () => {
  using deps = fakeDeps();
  addAgent(deps, "n0", {});
  for (let i = 1; i <= 9; i++) {
    addAgent(deps, `n${i}`, { subAgents: [{ agent: `n${i - 1}` }] });
  }
  let at = begin(deps, "n9");
  for (let i = 8; i > 1; i--) {
    at = keep(deps, await handOut(deps, at, { subAgent: `n${i}` }));
  }
  await assert.rejects(
    handOut(deps, at, { subAgent: "n1" }),
    /8 agents handed it to one another already/,
  );
});

Deno.test("what the agent does not have cannot be handed work", async () => {
  using deps = fakeDeps();
  addAgent(deps, "lead", {});
  await assert.rejects(
    handOut(deps, begin(deps, "lead"), { subAgent: "ghost" }),
    /Agent "lead" has no sub-agent "ghost"/,
  );
});

Deno.test("a run may be given what an applied sub-agent uses, and need not be", () => {
  using deps = fakeDeps();
  addAgent(deps, "writer", { mcpServers: [{ name: "github" }] });
  addAgent(deps, "lead", { subAgents: [{ agent: "writer" }] });
  const common = { kind: "Agent", name: "lead", message: "?" };
  const given = (variables: Record<string, string>) =>
    executionOfRequest(
      deps,
      create(CreateExecutionRequestSchema, { ...common, variables }),
    );
  given({});
  given({ GITHUB_PERSONAL_ACCESS_TOKEN: "t" });
  assert.throws(() => given({ OTHER: "t" }), /uses variable "OTHER"/);
});

Deno.test("agents that come along may name one another, and what is applied", () => {
  using deps = fakeDeps();
  addAgent(deps, "applied", {});
  const ask = (subAgents: readonly JsonObject[]) => {
    const agentOf = (name: string, more: JsonObject) => ({
      agent: { metadata: { name }, spec: { instructions: GOOD, ...more } },
    });
    const request = fromJson(CreateExecutionRequestSchema, {
      kind: "Agent",
      name: "lead",
      message: "?",
      definitions: [
        agentOf("lead", { subAgents: [...subAgents] }),
        agentOf("writer", { subAgents: [{ agent: "poet" }] }),
        agentOf("poet", { description: "Verse" }),
      ],
    });
    return executionOfRequest(deps, request).execution;
  };
  const { spec } = ask([{ agent: "poet" }, { agent: "applied", name: "x" }]);
  assert.deepEqual(spec["subAgents"], [
    { name: "poet", description: "Verse", agent: "poet" },
    { name: "x", agent: "applied" },
  ]);
  assert.throws(() => ask([{ agent: "poett" }]), /agent "lead"/);
  assert.throws(() => ask([{ agent: "lead" }]), /agent "lead"/);
});

Deno.test("a child takes along the definitions that it needs, and no others", async () => {
  using deps = fakeDeps();
  const agentOf = (name: string, ...agents: readonly string[]) => ({
    agent: {
      metadata: { name },
      spec: {
        instructions: GOOD,
        subAgents: agents.map((agent) => ({ agent })),
      },
    },
  });
  const request = fromJson(CreateExecutionRequestSchema, {
    kind: "Agent",
    name: "top",
    message: "?",
    definitions: [
      agentOf("other"),
      agentOf("top", "middle", "other"),
      agentOf("bottom"),
      agentOf("middle", "bottom"),
    ],
  });
  const { execution } = executionOfRequest(deps, request);
  const child = await handOut(deps, keep(deps, execution), {
    subAgent: "middle",
  });
  const taken: unknown[] = Object(child.spec["definitions"]);
  assert.deepEqual(
    taken.map((it) => Object(it).agent.metadata.name).sort(),
    ["bottom", "middle"],
  );
  const last = await handOut(deps, keep(deps, child), { subAgent: "bottom" });
  assert.equal(last.spec["resourceName"], "bottom");
});

Deno.test("a sub-agent is held to all agents above it, who are named", async () => {
  using deps = fakeDeps();
  addAgent(deps, "writer", { permissions: { allow: ["files"] } });
  addAgent(deps, "middle", {
    mcpServers: [{ name: "filesystem" }],
    subAgents: [
      { name: "own", instructions: GOOD },
      { name: "bound", instructions: GOOD, permissions: { deny: ["*"] } },
      { agent: "writer", permissions: { ask: ["files"] } },
    ],
  });
  addAgent(deps, "top", {
    permissions: { deny: ["filesystem:write*"] },
    subAgents: [{ agent: "middle" }],
  });
  const top = begin(deps, "top");
  assert.equal(top.spec["approval"], "ASK");
  assert.equal(top.spec["permissions"], undefined);
  const middle = keep(deps, await handOut(deps, top, { subAgent: "middle" }));
  const ofTop = {
    agent: "top",
    permissions: { deny: ["filesystem:write*"] },
  };
  assert.deepEqual(middle.spec["permissions"], [ofTop]);
  assert.equal(middle.spec["approval"], "ASK");
  // What is not said of it is as the agent has it, which says nothing here.
  const own = await handOut(deps, middle, { subAgent: "own" });
  assert.deepEqual(own.spec["permissions"], [ofTop, { agent: "middle" }]);
  assert.equal(member(definitionOf(own), "permissions"), undefined);
  const bound = await handOut(deps, middle, { subAgent: "bound" });
  assert.deepEqual(definitionOf(bound)["permissions"], { deny: ["*"] });
  const writer = await handOut(deps, middle, { subAgent: "writer" });
  assert.deepEqual(writer.spec["permissions"], [ofTop, { agent: "middle" }, {
    agent: "middle/writer",
    permissions: { ask: ["files"] },
  }]);
});

Deno.test("one of an agent's own may what the agent may, and is not asked about more", async () => {
  using deps = fakeDeps();
  const permissions = { allow: ["filesystem"] };
  addAgent(deps, "lead", {
    permissions,
    subAgents: [{ name: "own", instructions: GOOD }],
  });
  const own = await handOut(deps, begin(deps, "lead"), { subAgent: "own" });
  assert.deepEqual(definitionOf(own)["permissions"], permissions);
  assert.deepEqual(own.spec["permissions"], [{ agent: "lead", permissions }]);
});

Deno.test("what nobody was asked about before there were permissions stays so below", async () => {
  using deps = fakeDeps();
  addAgent(deps, "lead", { subAgents: [{ name: "own", instructions: GOOD }] });
  const { approval: _, ...spec } = begin(deps, "lead").spec;
  const old = { ...begin(deps, "lead"), spec };
  const own = await handOut(deps, old, { subAgent: "own" });
  assert.equal(own.spec["approval"], undefined);
});
