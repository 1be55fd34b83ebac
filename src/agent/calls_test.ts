import assert from "node:assert/strict";
import { resolveCalls } from "./calls.ts";
import type { AgentTool } from "./tool.ts";

const TOOLS: readonly AgentTool[] = [{
  kind: "mcp",
  name: "fs_read",
  tool: "read",
  description: "",
  inputSchema: { type: "object" },
  repeatable: true,
  effect: "read",
  server: "fs",
}];

function resolve(
  ...calls: readonly { id: string; name: string; argumentsText: string }[]
) {
  const content = calls.map((call) => ({
    type: "tool-call",
    toolCallId: call.id,
    toolName: call.name,
    input: {},
  }));
  return resolveCalls({ content, toolCalls: calls }, TOOLS);
}

Deno.test("resolveCalls() finds the tool of a call", () => {
  const call = { id: "c", name: "fs_read", argumentsText: '{"path":"a"}' };
  assert.deepEqual(resolve(call).toolCalls, [{
    kind: "mcp",
    id: "c",
    name: "fs_read",
    server: "fs",
    tool: "read",
    arguments: { path: "a" },
    repeatable: true,
    effect: "read",
  }]);
});

Deno.test("resolveCalls() takes no arguments for an empty object", () => {
  const call = { id: "c", name: "fs_read", argumentsText: "" };
  assert.equal(resolve(call).toolCalls[0]?.problem, undefined);
});

Deno.test("resolveCalls() says why a call cannot be made", () => {
  const cases = [
    ["fs_reed", "{}", /did you mean "fs_read"/],
    ["other", "{}", /there is fs_read/],
    ["fs_read", "{", /no JSON object: \{$/],
    ["fs_read", "[1]", /no JSON object: \[1\]$/],
    ["fs_read", `"${"x".repeat(900)}"`, /…$/],
  ] as const;
  for (const [name, argumentsText, problem] of cases) {
    const [call] = resolve({ id: "c", name, argumentsText }).toolCalls;
    assert.match(call?.problem ?? "", problem);
  }
});

Deno.test("resolveCalls() calls no tool that is blocked, and offers none", () => {
  const blocked = 'Tool "rm" is blocked';
  const tools = [
    ...TOOLS,
    ...TOOLS.map((it) => ({ ...it, name: "fs_rm", tool: "rm", blocked })),
  ];
  const problemOf = (name: string, argumentsText: string) =>
    resolveCalls({
      content: [],
      toolCalls: [{ id: "c", name, argumentsText }],
    }, tools).toolCalls[0]?.problem;
  assert.equal(problemOf("fs_rm", "{}"), blocked);
  assert.equal(problemOf("fs_rm", "{"), blocked);
  assert.equal(problemOf("fs_read", "{}"), undefined);
  assert.match(problemOf("other", "{}") ?? "", /there is fs_read$/);
});

Deno.test("resolveCalls() gives each call an id of its own, in the content too", () => {
  const call = { name: "fs_read", argumentsText: "{}" };
  const { content, toolCalls } = resolve(
    { id: "", ...call },
    { id: "x", ...call },
    { id: "x", ...call },
  );
  const ids = ["call-1", "x", "x-2"];
  assert.deepEqual(toolCalls.map((it) => it.id), ids);
  assert.deepEqual(content.map((it) => it["toolCallId"]), ids);
});
