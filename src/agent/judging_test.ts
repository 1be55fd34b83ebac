import assert from "node:assert/strict";
import { fromJson } from "@bufbuild/protobuf";
import { AgentSpecSchema } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import { judgeToolCall } from "./judging.ts";
import { type AgentPlan, createAgentPlan } from "./plan.ts";
import type { TurnToolCall } from "./turn.ts";

function planOf(approval?: AgentPlan["approval"]): AgentPlan {
  const spec = fromJson(AgentSpecSchema, {
    instructions: "Be brief",
    permissions: { allow: ["files:write:path=docs/*"], deny: ["agent:spy"] },
  });
  return createAgentPlan(spec, {
    name: "bot",
    input: null,
    ...(approval === undefined ? {} : { approval }),
  });
}

function callOf(given: Partial<TurnToolCall>): TurnToolCall {
  return {
    kind: "mcp",
    id: "c1",
    name: "files_write",
    server: "files",
    tool: "write",
    arguments: {},
    repeatable: false,
    effect: "unknown",
    ...given,
  };
}

function decisionOf(given: Partial<TurnToolCall>): string | undefined {
  return judgeToolCall(planOf("ask"), callOf(given))?.decision;
}

Deno.test("judgeToolCall() judges a call by server, tool, arguments and effect", () => {
  assert.equal(decisionOf({}), "ask");
  assert.equal(decisionOf({ arguments: { path: "docs/a" } }), "allow");
  assert.equal(decisionOf({ tool: "list", effect: "read" }), "allow");
});

Deno.test("judgeToolCall() lets work be handed on and skills be read, unless a rule says otherwise", () => {
  const agent = { kind: "agent", server: "agent", tool: "writer" } as const;
  const skill = { kind: "skill", server: "skill", tool: "load" } as const;
  assert.equal(decisionOf(agent), "allow");
  assert.equal(decisionOf(skill), "allow");
  assert.equal(decisionOf({ ...agent, tool: "spy" }), "deny");
});

Deno.test("judgeToolCall() says nothing of runs before there were permissions, nor of calls that cannot be made", () => {
  assert.equal(judgeToolCall(planOf(), callOf({})), undefined);
  assert.equal(decisionOf({ problem: "There is no such tool" }), undefined);
});
