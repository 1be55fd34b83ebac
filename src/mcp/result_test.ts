import assert from "node:assert/strict";
import type { CallToolResult } from "@modelcontextprotocol/client";
import { VALUE_SIZE_BYTES_MAX } from "../model/limits.ts";
import { toolResult } from "./result.ts";

function check(result: CallToolResult, text: string): void {
  assert.deepEqual(toolResult(result), {
    text,
    isError: result.isError === true,
  });
}

Deno.test("toolResult() joins texts and describes what is none", () => {
  check({ content: [] }, "");
  check(
    {
      content: [
        { type: "text", text: "one" },
        { type: "image", mimeType: "image/png", data: "AAAA" },
        { type: "audio", mimeType: "audio/wav", data: "AAAAAA==" },
        { type: "resource_link", uri: "file:///a", name: "a" },
        {
          type: "resource",
          resource: { uri: "file:///b", text: "b holds this" },
        },
        {
          type: "resource",
          resource: { uri: "file:///c", mimeType: "x/y", blob: "AAA=" },
        },
      ],
    },
    [
      "one",
      "[image image/png, 3 bytes]",
      "[audio audio/wav, 4 bytes]",
      '[resource file:///a "a"]',
      "b holds this",
      "[resource file:///c x/y, 2 bytes]",
    ].join("\n"),
  );
});

Deno.test("toolResult() falls back to structured content", () => {
  const given = { content: [], structuredContent: { a: 1 } };
  assert.deepEqual(toolResult(given), {
    text: '{"a":1}',
    isError: false,
    structured: { a: 1 },
  });
});

Deno.test("toolResult() keeps data beside the text that stands for it", () => {
  const given = {
    content: [{ type: "text", text: "one" } as const],
    structuredContent: JSON.parse('{"__proto__":{"a":1}}'),
  };
  const { text, structured } = toolResult(given);
  assert.equal(text, "one");
  assert.equal(JSON.stringify(structured), '{"__proto__":{"a":1}}');
});

Deno.test("toolResult() turns data that is nested too deeply into an error", () => {
  let structuredContent: Record<string, unknown> = {};
  for (let i = 0; i < 100_000; i++) {
    structuredContent = { a: structuredContent };
  }
  assert.deepEqual(toolResult({ content: [], structuredContent }), {
    text:
      "The tool failed: it sent JSON that is nested more than 512 levels deep",
    isError: true,
  });
});

Deno.test("toolResult() keeps the tool's own word that it failed", () => {
  check({ content: [{ type: "text", text: "no" }], isError: true }, "no");
});

Deno.test("toolResult() turns a result that cannot be kept into an error", () => {
  const text = "x".repeat(VALUE_SIZE_BYTES_MAX + 1);
  const result = toolResult({ content: [{ type: "text", text }] });
  assert(result.isError);
  assert.match(result.text, /returned 16777217 bytes, at most 16777216/);
});

Deno.test("toolResult() bounds data as it does text", () => {
  const structuredContent = { all: "x".repeat(VALUE_SIZE_BYTES_MAX) };
  const content = [{ type: "text", text: "done" } as const];
  const result = toolResult({ content, structuredContent });
  assert(result.isError);
  assert.equal(result.structured, undefined);
  assert.match(result.text, /returned 16777226 bytes, at most 16777216/);
});
