import assert from "node:assert/strict";
import { estimateTokens, tokensAsked, tokensOfLength } from "./estimate.ts";
import type { CallOptions, Prompt } from "./model.ts";

type Tool = NonNullable<CallOptions["tools"]>[number];

Deno.test("estimateTokens() counts four characters as a token, and begun ones", () => {
  assert.equal(estimateTokens(""), 0);
  assert.equal(estimateTokens("a"), 1);
  assert.equal(estimateTokens("abcd"), 1);
  assert.equal(estimateTokens("abcde"), 2);
  assert.equal(tokensOfLength(9), 3);
});

Deno.test("estimateTokens() counts a value as the JSON that is sent", () => {
  assert.equal(estimateTokens({ a: "bc" }), 3);
  assert.equal(estimateTokens([]), 1);
});

Deno.test("tokensAsked() is about what the question has as JSON, tools and all", () => {
  const tool: Tool = {
    type: "function",
    name: "read_file",
    description: "Reads a file of the project",
    inputSchema: { type: "object", properties: { path: { type: "string" } } },
  };
  const tools = [tool];
  for (const length of [1, 100, 10_000]) {
    const prompt: Prompt = [
      { role: "system", content: "Be brief." },
      { role: "user", content: [{ type: "text", text: "ä".repeat(length) }] },
    ];
    const asked = tokensAsked({ prompt, tools });
    const exact = estimateTokens(JSON.stringify({ prompt, tools }));
    assert(Math.abs(asked - exact) <= 8, `${asked} of ${exact}`);
    const bare = tokensAsked({ prompt: [...prompt] });
    assert(asked - bare > 20, `${bare} of ${asked}`);
  }
});

Deno.test("tokensAsked() weighs what was said before only once", () => {
  let weighed = 0;
  const part = {
    type: "text",
    get text() {
      weighed++;
      return "Begin.";
    },
  } as const;
  const content = [part];
  const before: Prompt = [{ role: "user", content }];
  const first = tokensAsked({ prompt: before });
  assert.equal(weighed, 1);
  const said = { type: "text", text: "It says: 42" } as const;
  const answer: Prompt[number] = { role: "assistant", content: [said] };
  const asked = tokensAsked({ prompt: [{ role: "user", content }, answer] });
  assert.equal(weighed, 1);
  const added = estimateTokens(JSON.stringify(answer));
  assert(Math.abs(asked - first - added) <= 2, `${first} ${asked} ${added}`);
});
