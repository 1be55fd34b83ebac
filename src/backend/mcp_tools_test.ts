import { deepEqual, equal } from "node:assert/strict";
import { McpTool_Trust } from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import { definitionHash, type ToolDefinition } from "../mcp/tool_definition.ts";
import type { ToolPin } from "../mcp/tool_trust.ts";
import { mcpToolMessages } from "./mcp_tools.ts";

function toolOf(name: string, more: Partial<ToolDefinition> = {}) {
  const tool: ToolDefinition = {
    name,
    description: `Does ${name}`,
    inputSchema: { type: "object" },
    effect: "read",
    repeatable: true,
    ...more,
  };
  return tool;
}

function pinOf(definition: ToolDefinition): readonly [string, ToolPin] {
  return [definition.name, {
    definition,
    hash: definitionHash(definition),
    pinnedAtMs: 1_700_000_000_000,
    pinnedBy: "ada",
  }];
}

Deno.test("tools are told by name, each with what it was; those that are gone last", () => {
  const messages = mcpToolMessages([
    toolOf("same"),
    toolOf("fresh"),
    toolOf("changed", { effect: "destructive", repeatable: false }),
  ], {
    pins: new Map([
      pinOf(toolOf("a-gone-one")),
      pinOf(toolOf("changed", { description: "Did it" })),
      pinOf(toolOf("same")),
    ]),
    enabledTools: ["same"],
  });
  deepEqual(
    messages.map((it) => [it.name, McpTool_Trust[it.trust], it.enabled]),
    [
      ["changed", "CHANGED", false],
      ["fresh", "NEW", false],
      ["same", "TRUSTED", true],
      ["a-gone-one", "GONE", false],
    ],
  );
  const [changed, , same, gone] = messages;
  equal(changed?.effect, "destructive");
  equal(changed?.pinned?.effect, "read");
  equal(changed?.pinned?.description, "Did it");
  equal(changed?.pinned?.pinnedBy, "ada");
  deepEqual(changed?.pinned?.inputSchema, { type: "object" });
  equal(changed?.hash === changed?.pinned?.hash, false);
  equal(same?.pinned, undefined, "it is what it was");
  equal(same?.hash, definitionHash(toolOf("same")));
  equal(gone?.hash, "");
  equal(gone?.pinned?.description, "Does a-gone-one");
});
