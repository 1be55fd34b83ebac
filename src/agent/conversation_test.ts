import assert from "node:assert/strict";
import type { CallResult } from "./call_result.ts";
import { conversation, type PastTurn } from "./conversation.ts";
import { AGENT_LIMITS_DEFAULT, type AgentPlan } from "./plan.ts";
import { turnFromJson } from "./turn.ts";

const PLAN: AgentPlan = {
  name: "bot",
  instructions: "Be brief",
  model: { name: "script:x", baseUrl: "" },
  mcpServers: [],
  limits: AGENT_LIMITS_DEFAULT,
  subAgents: [],
  skills: [],
  history: [{ role: "user", text: "Hello" }],
  message: "Find it",
  input: null,
};

/** A turn that calls a tool, whose result is still to come. */
function calling(): PastTurn & { readonly results: Map<string, CallResult> } {
  const call = { kind: "mcp", id: "c", name: "fs_read", arguments: {} };
  const content = [{ type: "text", text: "I look" }];
  const output = turnFromJson({ text: "I look", content, toolCalls: [call] });
  return { number: 1, output, results: new Map() };
}

Deno.test("conversation() makes a message once, for all turns that are asked with it", () => {
  const turn = calling();
  turn.results.set("c", { text: "found", isError: false });
  const first = conversation(PLAN, [turn]);
  const next = conversation(PLAN, [turn, { ...turn, number: 2 }]);
  assert.deepEqual(
    first.map(({ role }) => role),
    ["system", "user", "user", "assistant", "tool"],
  );
  assert.equal(next.length, 7);
  for (const [i, message] of first.entries()) assert.equal(next[i], message);
});

Deno.test("conversation() tells a turn anew once its calls have ended, and in short", () => {
  const turn = calling();
  const told = (length?: number): string =>
    JSON.stringify(
      conversation(
        PLAN,
        [turn],
        length === undefined ? {} : { resultLength: () => length },
      ).at(-1),
    );
  assert.doesNotMatch(told(), /found/);
  turn.results.set("c", { text: "found it", isError: false });
  assert.match(told(), /found it/);
  assert.match(told(5), /found\\n\[3 of 8 characters are not shown/);
  assert.match(told(), /found it/);
});

Deno.test("conversation() leaves out what a summary stands for", () => {
  const turn = calling();
  const summary = { history: 1, upToTurn: 0, text: "They said hello" };
  const told = JSON.stringify(conversation(PLAN, [turn], { summary }));
  assert.match(told, /They said hello.*Find it.*I look/s);
  assert.doesNotMatch(told, /"Hello"/);
  const later = conversation(PLAN, [turn], {
    summary: { ...summary, upToTurn: 1 },
  });
  assert.doesNotMatch(JSON.stringify(later), /I look/);
});
