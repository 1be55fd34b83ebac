import assert from "node:assert/strict";
import { create, fromJson, type JsonObject } from "@bufbuild/protobuf";
import {
  AgentLimitsSchema,
  AgentSpecSchema,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import { AGENT_LIMITS_DEFAULT, createAgentPlan } from "./plan.ts";

function specOf(json: JsonObject) {
  return fromJson(AgentSpecSchema, json);
}

const RUN = { name: "bot", input: null };

Deno.test("createAgentPlan() fills in the defaults", () => {
  const spec = create(AgentSpecSchema, { instructions: "Be brief" });
  assert.deepEqual(createAgentPlan(spec, RUN), {
    name: "bot",
    instructions: "Be brief",
    model: { name: "", baseUrl: "" },
    mcpServers: [],
    limits: {
      maxTurns: 50,
      maxToolCallsPerTurn: 20,
      timeoutMs: 600_000,
      maxToolCalls: 500,
      maxTokens: 5_000_000,
      maxCostUsd: 10,
      maxRepeatedCalls: 5,
    },
    subAgents: [],
    skills: [],
    history: [],
    input: null,
  });
});

Deno.test("createAgentPlan() takes what the agent says", () => {
  const spec = specOf({
    instructions: "Be brief",
    model: { name: "anthropic/x", temperature: 0, maxOutputTokens: 99 },
    mcpServers: [
      { name: "filesystem", args: ["docs"], enabledTools: ["read_file"] },
      { name: "own", stdio: { command: "run", args: ["a"], env: { A: "b" } } },
      { name: "web", http: { url: "https://x.dev", headers: { H: "v" } } },
    ],
    limits: { maxTurns: 3, maxToolCallsPerTurn: 2, timeout: "1.500s" },
    outputSchema: { type: "object" },
  });
  const plan = createAgentPlan(spec, {
    ...RUN,
    message: "hi",
    sealMark: "m",
  });
  assert.deepEqual(plan, {
    name: "bot",
    instructions: "Be brief",
    model: {
      name: "anthropic/x",
      baseUrl: "",
      temperature: 0,
      maxOutputTokens: 99,
    },
    mcpServers: [
      {
        name: "filesystem",
        enabledTools: ["read_file"],
        transport: { kind: "catalog", args: ["docs"] },
      },
      {
        name: "own",
        enabledTools: [],
        transport: {
          kind: "stdio",
          command: "run",
          args: ["a"],
          env: { A: "b" },
          cwd: "",
        },
      },
      {
        name: "web",
        enabledTools: [],
        transport: { kind: "http", url: "https://x.dev", headers: { H: "v" } },
      },
    ],
    limits: {
      ...AGENT_LIMITS_DEFAULT,
      maxTurns: 3,
      maxToolCallsPerTurn: 2,
      timeoutMs: 1500,
    },
    subAgents: [],
    skills: [],
    outputSchema: { type: "object" },
    history: [],
    message: "hi",
    input: null,
    sealMark: "m",
  });
});

Deno.test("createAgentPlan() lets the run choose model, schema and time", () => {
  const spec = specOf({
    model: { name: "openai/a" },
    limits: { timeout: "9s" },
  });
  const plan = createAgentPlan(spec, {
    ...RUN,
    model: "openai/b",
    outputSchema: { type: "array" },
    timeoutMs: 5,
  });
  assert.equal(plan.model.name, "openai/b");
  assert.deepEqual(plan.outputSchema, { type: "array" });
  assert.equal(plan.limits.timeoutMs, 5);
});

Deno.test("createAgentPlan() never sends another provider's key to the agent's address", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["openai/b", "https://proxy.dev"],
    ["anthropic/x", ""],
    ["openai-compatible/x", ""],
    ["script:bot.yaml", ""],
    ["", "https://proxy.dev"],
  ];
  const spec = specOf({
    model: { name: "openai/a", baseUrl: "https://proxy.dev" },
  });
  for (const [model, baseUrl] of cases) {
    assert.equal(
      createAgentPlan(spec, { ...RUN, model }).model.baseUrl,
      baseUrl,
    );
  }
});

Deno.test("createAgentPlan() lets a run and a parent narrow limits, never widen them", () => {
  const spec = specOf({
    instructions: "Be brief",
    limits: { maxTurns: 3, maxCostUsd: 0.5, timeout: "60s" },
  });
  const limits = create(AgentLimitsSchema, {
    maxTurns: 9,
    maxTokens: 100,
    maxCostUsd: 0.25,
    timeout: { seconds: 30n },
  });
  const plan = createAgentPlan(spec, { ...RUN, limits });
  assert.deepEqual(plan.limits, {
    ...AGENT_LIMITS_DEFAULT,
    maxTurns: 3,
    maxTokens: 100,
    maxCostUsd: 0.25,
    timeoutMs: 30_000,
  });
  const narrowed = { maxTokens: "run", maxCostUsd: "run", timeoutMs: "run" };
  assert.deepEqual(plan.narrowed, narrowed);
  const child = createAgentPlan(spec, { ...RUN, limits, isSubAgent: true });
  assert.deepEqual(child.narrowed, {
    maxTokens: "parent",
    maxCostUsd: "parent",
    timeoutMs: "parent",
  });
  const wide = create(AgentLimitsSchema, { maxTurns: 3, maxCostUsd: 0.5 });
  assert.equal(
    createAgentPlan(spec, { ...RUN, limits: wide }).narrowed,
    undefined,
  );
});

Deno.test("createAgentPlan() holds a run to those above it and to its own rules", () => {
  const spec = specOf({
    instructions: "Be brief",
    permissions: { allow: ["files"], deny: ["files:write_*"] },
  });
  const above = {
    agent: "boss",
    rules: { allow: [], ask: ["files"], deny: [] },
  };
  const { permissions, approval } = createAgentPlan(spec, {
    ...RUN,
    permissions: [above],
    approval: "none",
  });
  assert.equal(approval, "none");
  const rules = { allow: ["files"], ask: [], deny: ["files:write_*"] };
  assert.deepEqual(permissions, [above, { agent: "bot", rules }]);
});

Deno.test("createAgentPlan() holds a run without rules to what holds where nothing is said", () => {
  const spec = specOf({ instructions: "Be brief" });
  const { permissions } = createAgentPlan(spec, { ...RUN, approval: "ask" });
  const rules = { allow: [], ask: [], deny: [] };
  assert.deepEqual(permissions, [{ agent: "bot", rules }]);
});

Deno.test("createAgentPlan() holds a run of earlier releases to nothing", () => {
  const spec = specOf({
    instructions: "Be brief",
    permissions: { deny: ["*"] },
  });
  const plan = createAgentPlan(spec, { ...RUN, permissions: [] });
  assert.equal(plan.permissions, undefined);
  assert.equal(plan.approval, undefined);
});
