import assert from "node:assert/strict";
import type { Json } from "../../model/json.ts";
import { checkWorkflow } from "../check.ts";
import type { Task } from "../tree.ts";

/** Checks a document, or a graph, with one task. */
function checked(task: Record<string, Json>, isStored = false) {
  const { plan, diagnostics } = checkWorkflow(
    "agent" in task
      ? { tasks: [{ name: "a", ...task }] }
      : { do: [{ a: task }] },
    { name: "sample", isStored },
  );
  const [first] = plan?.body.tasks ?? [];
  const read: Task | undefined = first && "task" in first ? first.task : first;
  const model = read !== undefined && "model" in read ? read.model : undefined;
  const said = diagnostics.map((it) => [it.severity, it.message, it.hint]);
  return { model, said };
}

const llm = (model: string) => ({ call: "llm", with: { prompt: "x", model } });

Deno.test("a model gets its provider wherever a task names one", () => {
  const tasks = [
    llm("gpt-5"),
    { call: "agent", with: { agent: "b", model: "gpt-5" } },
    { agent: "b", model: "gpt-5" },
  ];
  for (const task of tasks) {
    assert.deepEqual(checked(task), {
      model: { kind: "literal", value: "openai/gpt-5" },
      said: [],
    });
  }
});

Deno.test("a name that is no model's is refused, unless it is computed or stored", () => {
  const said = [
    'Model "llama3" names no provider',
    'Write PROVIDER/NAME, as "ollama/llama3", or "script:FILE"',
  ];
  assert.deepEqual(checked(llm("llama3")).said, [["error", ...said]]);
  assert.deepEqual(checked(llm("llama3"), true).said, [["warning", ...said]]);
  assert.deepEqual(checked(llm("antropic/x")).said, [[
    "error",
    'Unknown provider "antropic" of model "antropic/x"',
    'Did you mean "anthropic/x"?',
  ]]);
  assert.deepEqual(checked(llm("${ .model }")).said, []);
  assert.deepEqual(checked(llm("script:x.yaml")).said, []);
});
