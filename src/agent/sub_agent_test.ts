import assert from "node:assert/strict";
import type { Command, EventType, Machine } from "../model/durable.ts";
import { failureOf, failureToJson } from "../model/failure.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { sealedReference } from "../model/sealed.ts";
import { NO_USAGE, usageToJson } from "../model/usage.ts";
import { createAgentMachine } from "./machine.ts";
import { AGENT_LIMITS_DEFAULT, type AgentPlan } from "./plan.ts";
import { subAgentProblem, toldOfChild, toolOfSubAgent } from "./sub_agent.ts";
import { turnToJson, type TurnToolCall } from "./turn.ts";

const MARK = "00112233445566778899aabbccddeeff";

const PLAN: AgentPlan = {
  name: "lead",
  instructions: "Lead",
  model: { name: "script:x", baseUrl: "" },
  mcpServers: [],
  limits: { ...AGENT_LIMITS_DEFAULT, maxTokens: 1001 },
  subAgents: [
    { name: "writer", description: "Writes", agent: "the-writer" },
    { name: "critic", description: "Finds faults", agent: "" },
  ],
  skills: [],
  history: [],
  message: "hi",
  input: null,
};

function callOf(tool: string, args: JsonObject): TurnToolCall {
  return {
    kind: "agent",
    id: tool,
    name: `agent_${tool}`,
    server: "agent",
    tool,
    arguments: args,
    repeatable: false,
    effect: "read",
  };
}

/** A machine with a journal that a test writes. */
class Run {
  readonly machine: Machine;
  #sequence = 0;

  constructor(plan: Partial<AgentPlan> = {}) {
    this.machine = createAgentMachine({ ...PLAN, ...plan }, {
      executionId: "aex-1",
    });
    this.event("EXECUTION_CREATED", "", null);
    this.event("EXECUTION_STARTED", "", { epoch: 1 });
  }

  event(type: EventType, path: string, data: Json): void {
    this.machine.apply({
      sequence: ++this.#sequence,
      timeMs: 1_000_000 + this.#sequence,
      type,
      path,
      name: path === "" ? "" : `name of ${path}`,
      attempt: path === "" ? 0 : 1,
      data,
    });
  }

  turn(number: number, calls: readonly TurnToolCall[]): void {
    const path = `/turn/${number}`;
    this.event("TASK_STARTED", path, null);
    const output = turnToJson({
      model: "script:x",
      content: [],
      text: "",
      finishReason: "tool-calls",
      toolCalls: calls,
      inputTokens: 0,
      outputTokens: 1,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
    });
    this.event("TASK_COMPLETED", path, output);
  }

  commands(): readonly Command[] {
    const decision = this.machine.decide();
    assert(decision.kind === "blocked", JSON.stringify(decision));
    return decision.commands;
  }
}

function report(phase: string, more: JsonObject): Json {
  const usage = usageToJson({ ...NO_USAGE, turns: 3, inputTokens: 7 });
  return { executionId: "aex-2", phase, usage, ...more };
}

Deno.test("a call of a sub-agent is a child that is shared what is left, and none twice", () => {
  const run = new Run();
  run.turn(1, [
    callOf("writer", { message: "Write", input: { on: "sea" } }),
    callOf("critic", { message: "Read" }),
  ]);
  const commands = run.commands();
  const requests = commands.map((it) => it.kind === "child" && it.request);
  const limits = { ...(requests[0] || undefined)?.limits, timeoutMs: 0 };
  assert.deepEqual(limits, { timeoutMs: 0, maxTokens: 500, maxCostUsd: 5 });
  assert.deepEqual(
    requests.map((it) => ({ ...it, limits: undefined })),
    [
      {
        kind: "Agent",
        resource: "the-writer",
        subAgent: "writer",
        message: "Write",
        input: { on: "sea" },
        limits: undefined,
        reported: true,
      },
      {
        kind: "Agent",
        resource: "",
        subAgent: "critic",
        message: "Read",
        input: {},
        limits: undefined,
        reported: true,
      },
    ],
  );
  assert.deepEqual(run.commands(), []);
});

Deno.test("a child in flight at a crash is waited for again, and is no interrupted call", () => {
  const run = new Run();
  run.turn(1, [callOf("writer", { message: "Write" })]);
  run.commands();
  const path = "/turn/1/tool/writer";
  run.event("CHILD_STARTED", path, { executionId: "aex-2" });
  run.event("EXECUTION_STARTED", "", { epoch: 2 });
  const [command] = run.commands();
  assert.deepEqual([command?.kind, command?.path], ["child", path]);
});

Deno.test("how a child ended is its call's result, and what it used counts", () => {
  const run = new Run();
  run.turn(1, [
    callOf("writer", { message: "A" }),
    callOf("critic", { message: "B" }),
  ]);
  run.commands();
  run.event("CHILD_STARTED", "/turn/1/tool/writer", { executionId: "aex-2" });
  run.event("CHILD_STARTED", "/turn/1/tool/critic", { executionId: "aex-3" });
  const output = { title: "Sea" };
  run.event(
    "TASK_COMPLETED",
    "/turn/1/tool/writer",
    report("COMPLETED", { output }),
  );
  const failure = failureToJson(failureOf("timeout", "It took too long"));
  run.event(
    "TASK_COMPLETED",
    "/turn/1/tool/critic",
    report("FAILED", { failure }),
  );
  const [next] = run.commands();
  assert(next?.kind === "run");
  const asked = JSON.stringify(next.request.input).replaceAll("\\", "");
  assert.match(asked, /"type":"text","value":"{"title":"Sea"}"/);
  assert.match(
    asked,
    /"type":"error-text","value":"The sub-agent failed: It took too long"/,
  );
  assert.equal(run.machine.usage?.()?.turns, 7);
  assert.equal(run.machine.usage?.()?.inputTokens, 14);
  assert.deepEqual(
    run.machine.tasks().map((it) => [it.kind, it.phase, it.childExecutionId]),
    [
      ["model turn", "COMPLETED", undefined],
      ["sub-agent", "COMPLETED", "aex-2"],
      ["sub-agent", "FAILED", "aex-3"],
    ],
  );
});

Deno.test("a call without a message is told so, and starts nothing", () => {
  const run = new Run();
  run.turn(1, [callOf("writer", { message: "  " })]);
  const [command] = run.commands();
  assert(command?.kind === "record");
  assert.match(JSON.stringify(command.data), /needs a .*message.* says what/);
  assert.equal(
    subAgentProblem(callOf("writer", { message: "x", input: [1] })),
    'The "input" of "agent_writer" must be an object',
  );
});

Deno.test("a child is handed what the references in its message stand for", () => {
  const run = new Run({ sealMark: MARK });
  const secret = sealedReference(MARK, "TOKEN");
  const part = sealedReference(MARK, "LOGIN#/user");
  run.turn(1, [callOf("writer", { message: `Use ${secret} of ${part}` })]);
  const [command] = run.commands();
  assert(command?.kind === "child");
  const sealed = [...command.request.sealed ?? []].map(([name, it]) => [
    name,
    it.names,
    it.value({ TOKEN: "t-4711", LOGIN: { user: "ada" } }),
  ]);
  assert.deepEqual(sealed, [
    ["TOKEN", ["TOKEN"], "t-4711"],
    ["LOGIN#/user", ["LOGIN"], "ada"],
  ]);
});

Deno.test("toldOfChild() says how one ended in words that a model understands", () => {
  const common = { executionId: "aex-2", usage: NO_USAGE } as const;
  const failure = failureOf("runtime", "Cancelled: not needed");
  assert.deepEqual(toldOfChild({ ...common, phase: "CANCELLED", failure }), {
    text: "The sub-agent was cancelled: not needed",
    isError: true,
  });
  assert.deepEqual(
    toldOfChild({
      ...common,
      phase: "CANCELLED",
      failure: failureOf("runtime", "Cancelled"),
    }),
    { text: "The sub-agent was cancelled", isError: true },
  );
  assert.deepEqual(
    toldOfChild({ ...common, phase: "COMPLETED", output: "x" }),
    {
      text: "x",
      isError: false,
    },
  );
});

Deno.test("toolOfSubAgent() gives a name that no tool has", () => {
  const taken = new Set(["agent_writer"]);
  const { name, server, tool, description } = toolOfSubAgent(
    { name: "writer", description: "" },
    taken,
  );
  assert.equal(description, 'Hands work to the agent "writer"');
  assert.deepEqual([name, server, tool], ["agent_writer_2", "agent", "writer"]);
});
