import { deepEqual, equal, notEqual } from "node:assert/strict";
import { canonicalText } from "../model/json.ts";
import {
  changedParts,
  definitionFromJson,
  definitionHash,
  definitionOf,
  definitionText,
  type ToolDefinition,
} from "./tool_definition.ts";

const TOOL: ToolDefinition = {
  name: "read",
  description: "Reads a file",
  inputSchema: { type: "object", properties: { path: { type: "string" } } },
  effect: "read",
  repeatable: true,
};

Deno.test("changedParts() names what differs, and nothing else", () => {
  const cases: readonly (readonly [Partial<ToolDefinition>, string])[] = [
    [{}, ""],
    // The order of keys says nothing.
    [{
      inputSchema: {
        properties: { path: { type: "string" } },
        type: "object",
      },
    }, ""],
    [{ description: "Reads a file " }, "description"],
    [{ description: "Reads\u200b a file" }, "description"],
    [{ inputSchema: { type: "object" } }, "arguments"],
    [{ effect: "destructive" }, "hints"],
    [{ repeatable: false }, "hints"],
    [{ description: "", inputSchema: {} }, "description arguments"],
  ];
  for (const [change, parts] of cases) {
    const now = { ...TOOL, ...change };
    equal(changedParts(TOOL, now).join(" "), parts);
    const sameHash = definitionHash(TOOL) === definitionHash(now);
    equal(sameHash, parts === "", `the hash of ${JSON.stringify(change)}`);
  }
});

Deno.test("definitionText() is read back as it was", () => {
  const text = definitionText(TOOL);
  deepEqual(definitionFromJson(JSON.parse(text)), TOOL);
  equal(text, canonicalText({ ...TOOL }), "as the store writes it");
  const odd = JSON.parse('{"__proto__": {"type": "string"}, "a": 1}');
  const tool = { ...TOOL, inputSchema: odd };
  notEqual(
    definitionHash(tool),
    definitionHash({ ...TOOL, inputSchema: { a: 1 } }),
    "a key that means something to JavaScript counts",
  );
});

Deno.test("definitionOf() hides secrets, also in keys", () => {
  const hide = (text: string) => text.replaceAll("hunter2", "***");
  const tool = definitionOf({
    ...TOOL,
    description: "Reads with hunter2",
    inputSchema: { properties: { hunter2: { default: "is hunter2" } } },
  }, hide);
  equal(definitionText(tool).includes("hunter2"), false);
  equal(tool.description, "Reads with ***");
});

Deno.test("definitionOf() keeps nothing that is not pinned", () => {
  const more = { ...TOOL, title: "Read!", outputSchema: {} };
  deepEqual(definitionOf(more), TOOL);
});
