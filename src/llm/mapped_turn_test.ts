import assert from "node:assert/strict";
import type { ModelTurn } from "./model_turn.ts";
import { hideInTurn } from "./mapped_turn.ts";

function turn(call: {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}): ModelTurn {
  return {
    text: "",
    content: [{
      type: "tool-call",
      toolCallId: call.id,
      toolName: call.name,
      input: JSON.parse(call.arguments),
    }],
    toolCalls: [{
      id: call.id,
      name: call.name,
      argumentsText: call.arguments,
    }],
    finishReason: "stop",
    inputTokens: 482913,
    outputTokens: 0,
  };
}

function hidden(given: ModelTurn): ModelTurn {
  const hide = (text: string): string =>
    text.replaceAll("postgres", "***").replaceAll("482913", "***");
  return hideInTurn(given, { hide, toolNames: ["postgres_query"] });
}

Deno.test("hideInTurn() leaves the names of tools and what counts", () => {
  const given = turn({ id: "c1", name: "postgres_query", arguments: "{}" });
  assert.deepEqual(hidden(given), given);
});

Deno.test("hideInTurn() hides what a model made up, texts and numbers", () => {
  const given = turn({
    id: "c-postgres",
    name: "postgres_drop",
    arguments: '{"sql":"as postgres","pin":482913,"n":1}',
  });
  const shown = hidden(given);
  const input = { sql: "as ***", pin: "***", n: 1 };
  assert.deepEqual(shown.content, [
    { type: "tool-call", toolCallId: "", toolName: "***_drop", input },
  ]);
  assert.deepEqual(shown.toolCalls, [
    { id: "", name: "***_drop", argumentsText: JSON.stringify(input) },
  ]);
});

Deno.test("hideInTurn() hides in arguments that are no JSON", () => {
  const given = { ...turn({ id: "c", name: "x", arguments: "{}" }) };
  const [call] = hidden({
    ...given,
    toolCalls: [{ id: "c", name: "x", argumentsText: "{postgres" }],
  }).toolCalls;
  assert.equal(call?.argumentsText, "{***");
});
