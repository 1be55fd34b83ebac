import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import { KINDS } from "../model/kind.ts";
import { BASE_KEYS, KIND_KEYS } from "../workflow/tasks/base_keys.ts";
import { explain, explainable, type ExplainedField } from "./explain.ts";

function fieldOf(path: string, name: string): ExplainedField {
  const found = explain(path).fields.find((it) => it.name === name);
  ok(found, `${path} has no field ${name}`);
  return found;
}

Deno.test("every kind of resource can be explained, by each of its spellings", () => {
  for (const { kind, singular, plural, aliases } of Object.values(KINDS)) {
    for (const word of [kind, singular, plural, ...aliases]) {
      equal(explain(word).kind, kind, word);
    }
    ok(explain(kind).description !== "", kind);
    ok(explain(kind).fields.length > 0, kind);
  }
});

Deno.test("what is listed can be explained, and says what it is", () => {
  for (const { name, description } of explainable()) {
    const { fields, kinds = [] } = explain(name);
    ok(fields.length + kinds.length > 0, name);
    ok(description !== "", name);
  }
});

Deno.test("each kind has a sentence of its own, which begins with its name", () => {
  const kinds = Object.keys(KINDS);
  const sentences = kinds.map((kind) => explain(kind).description);
  equal(new Set(sentences).size, kinds.length);
  for (const [i, kind] of kinds.entries()) {
    ok(sentences[i]?.startsWith(`${kind} `), `${kind}: ${sentences[i]}`);
  }
  for (const word of ["execution", "executions", "runs"]) {
    equal(explain(word).kind, "Execution");
  }
});

const WORDS: readonly (readonly [word: string, kind: string, path: string])[] =
  [
    ["wait", "Task", "wait"],
    ["http", "Task", "http"],
    ["call", "Task", "call"],
    ["shell", "Task", "run.run.shell"],
    ["schedule", "Workflow", "spec.schedule"],
    ["depends-on", "Task", "dependsOn"],
    ["then", "Task", "set.then"],
    ["retry", "Retry", ""],
    ["event-filter", "EventFilter", ""],
    ["http.with.endpoint", "Task", "http.with.endpoint"],
    ["use.retries.backoff", "Workflow", "spec.use.retries.backoff"],
    // A kind of resource comes before a word of the same name.
    ["agent", "Agent", ""],
  ];

for (const [word, kind, path] of WORDS) {
  Deno.test(`explain("${word}") leads to ${kind} ${path}`, () => {
    const found = explain(word);
    deepEqual([found.kind, found.path], [kind, path]);
    ok(found.description !== "" || found.fields.length > 0);
  });
}

Deno.test("every word of the language that has a name can be explained", () => {
  for (const name of [...KIND_KEYS, ...BASE_KEYS]) {
    ok(explain(name).type !== "", name);
  }
  const { kinds = [] } = explain("call");
  ok(kinds.some(({ name }) => name === "http"));
  ok(kinds.every(({ name }) => name !== "wait"));
  equal(
    fieldOf("task.wait", "wait").description,
    "How long, as PT1M30S or {minutes: 1, seconds: 30}",
  );
});

Deno.test("a field has the words of the contract, and then those of its type", () => {
  const { path, type, description, fields } = explain("agent.spec.model");
  equal(path, "spec.model");
  equal(type, "ModelSettings | string");
  const [field, message] = description.split("\n\n");
  equal(
    field,
    "Which model answers and how; absent means the best one reachable.",
  );
  equal(
    message,
    "ModelSettings chooses a language model and how it samples.",
  );
  ok(fields.some((it) => it.name === "maxOutputTokens"));
});

const TYPES: readonly (readonly [path: string, name: string, type: string])[] =
  [
    ["agent.spec", "instructions", "string"],
    ["agent.spec", "mcpServers", "[](McpServer | string)"],
    [
      "agent.spec",
      "env",
      "map[string](EnvDeclaration | string | number | boolean | null)",
    ],
    ["agent.spec", "skills", "[]string"],
    ["agent.spec", "outputSchema", "object"],
    ["agent.model", "temperature", "number"],
    ["agent.metadata", "labels", "map[string]string"],
    ["workflow.spec", "do", "[]map[string]Task"],
    ["workflow.spec", "tasks", "[]Task"],
    ["workflow.spec", "document", "object"],
    ["workflow-execution.status", "phase", "Phase"],
    ["workflow-execution.status", "output", "any"],
    ["workflow-execution.status", "startedAt", "time"],
    ["task.for.for", "in", "string | []any"],
    ["task.http", "call", '"http"'],
    ["task.http.with", "endpoint", "string | object"],
    ["tests", "cases", "[]object"],
  ];

for (const [path, name, type] of TYPES) {
  Deno.test(`explain("${path}") gives ${name} the type ${type}`, () => {
    equal(fieldOf(path, name).type, type);
  });
}

Deno.test("spec may be left out, and names are those of proto and JSON", () => {
  equal(explain("agent.mcp_servers").path, "spec.mcpServers");
  equal(explain("agent.mcp-servers").path, "spec.mcpServers");
  equal(explain("Agent.spec.mcpServers").path, "spec.mcpServers");
});

Deno.test("an enum says what each of its values means", () => {
  const { values } = explain("workflow-execution.status.phase");
  ok(values.some((it) => it.name.endsWith("RUNNING")));
  ok(values.every((it) => it.description !== ""));
});

Deno.test("what must be given is marked", () => {
  equal(fieldOf("agent.spec", "instructions").required, true);
  equal(fieldOf("agent.spec", "description").required, false);
  equal(fieldOf("task.http.with", "endpoint").required, true);
  equal(fieldOf("task.http.with", "query").required, false);
});

Deno.test("a path goes through lists, maps and kinds of task", () => {
  const names = (path: string): readonly string[] =>
    [...explain(path).fields, ...explain(path).kinds ?? []]
      .map((it) => it.name);
  ok(names("workflow.do").includes("http"));
  ok(names("workflow.do.http.with").includes("redirect"));
  ok(names("workflow.do.for.do.fork").includes("fork"));
  ok(names("workflow.use.retries").includes("backoff"));
  ok(names("agent.env").includes("required"));
});

Deno.test("a task has its kinds apart from what stands in its place", () => {
  const { fields, kinds = [] } = explain("workflow.tasks");
  ok(fields.some((it) => it.name === "dependsOn"));
  ok(fields.some((it) => it.name === "agent"));
  ok(kinds.some((it) => it.name === "http"));
  ok([...fields, ...kinds].every((it) => !it.name.includes("_")));
});

Deno.test("the whole tree has all that stands at its top, and what is below", () => {
  for (const { name } of explainable()) {
    const flat = explain(name);
    const whole = explain(name, { recursive: true });
    const names = (it: typeof flat): readonly string[] =>
      [...it.fields, ...it.kinds ?? []].map((field) => field.name);
    deepEqual(names(whole), names(flat), name);
  }
  const at = (root: string, ...path: readonly string[]): ExplainedField => {
    const { fields, kinds = [] } = explain(root, { recursive: true });
    let list: readonly ExplainedField[] = [...fields, ...kinds];
    let found: ExplainedField | undefined;
    for (const step of path) {
      found = list.find((it) => it.name === step);
      ok(found, `${root}.${path.join(".")} lacks ${step}`);
      list = found.fields ?? [];
    }
    ok(found);
    return found;
  };
  equal(at("agent", "spec", "model", "temperature").type, "number");
  ok((at("tests", "cases").fields?.length ?? 0) > 10);
  ok((at("task", "run", "run", "shell").fields?.length ?? 0) > 2);
  ok((at("task", "http", "with").fields?.length ?? 0) > 5);
  equal(at("workflow", "spec", "do").type, "[]map[string]Task");
  ok((at("workflow", "status").fields?.length ?? 0) > 0);
  // A task that holds tasks does not begin anew.
  equal(at("task", "for", "do").fields, undefined);
});

function refusal(path: string): StigmerError {
  let caught: unknown;
  throws(() => explain(path), (error) => {
    caught = error;
    return error instanceof StigmerError;
  });
  ok(caught instanceof StigmerError);
  return caught;
}

Deno.test("what is not there is refused with the nearest that is", () => {
  equal(
    refusal("agnt").message,
    'Cannot explain "agnt", there is no such kind or word',
  );
  equal(refusal("agnt").hints[0], 'Did you mean "agent"?');
  equal(
    refusal("agent.modle").message,
    'Cannot explain "Agent.modle", Agent has no such field',
  );
  equal(refusal("agent.modle").hints[0], 'Did you mean "model"?');
  equal(
    refusal("agent.spec.instructions.x").hints[0],
    "It is of type string, which has no fields",
  );
  equal(refusal("").code, "INVALID_ARGUMENT");
  equal(refusal("agent.").code, "INVALID_ARGUMENT");
});
