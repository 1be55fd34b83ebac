import { deepStrictEqual } from "node:assert/strict";
import { document, planOf } from "../../tests/engine/documents.ts";
import type { Json } from "../model/json.ts";
import { agentReferences, tasksOf } from "./references.ts";

function ask(agent: string): Json {
  return { call: "agent", with: { agent, message: "x" } };
}

Deno.test("agents are found in functions and extensions, each once", () => {
  const plan = planOf(document([
    { a: { call: "f" } },
    { b: { do: [{ c: { call: "f" } }, { d: ask("direct") }] } },
  ], {
    use: {
      functions: { f: ask("within") },
      extensions: [{ e: { extend: "set", after: [{ x: ask("after") }] } }],
    },
  }));
  deepStrictEqual(agentReferences(plan), [
    { name: "within", pointer: "/use/functions/f/with/agent" },
    { name: "direct", pointer: "/do/1/b/do/1/d/with/agent" },
    { name: "after", pointer: "/use/extensions/0/e/after/0/x/with/agent" },
  ]);
});

Deno.test("functions that call each other many times are walked through once", () => {
  const functions: Record<string, Json> = { f0: { set: { x: 1 } } };
  for (let i = 1; i <= 60; i++) {
    const call = `f${i - 1}`;
    functions[`f${i}`] = { do: [{ a: { call } }, { b: { call } }] };
  }
  const plan = planOf(
    document([{ a: { call: "f60" } }], { use: { functions } }),
  );
  deepStrictEqual(tasksOf(plan).length, 2 + 60 * 3);
});
