import { deepStrictEqual } from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../../src/model/json.ts";
import type { Task } from "../../src/workflow/tree.ts";
import type { Consumption, Schedule } from "../../src/workflow/tree_events.ts";
import { examplesOf } from "./page.ts";

const PAGE = new URL("../../docs/workflow-language.md", import.meta.url);
const DEPTH_MAX = 64;

/** Says whether an object of a definition is what is looked for. */
type Looks = (object: JsonObject) => boolean;

const has = (...keys: readonly string[]): Looks => (object) =>
  keys.every((key) => member(object, key) !== undefined);
const calls = (name: string): Looks => (object) =>
  member(object, "call") === name;
const within = (outer: string, inner: string): Looks => (object) => {
  const value = member(object, outer);
  return isJsonObject(value) && member(value, inner) !== undefined;
};

/**
 * How each kind of task is told in a definition; the compiler counts them.
 * `call: typescript` needs its program, and is run by `tests/sdk/`.
 */
const KINDS: Readonly<Record<Exclude<Task["kind"], "typescript">, Looks>> = {
  do: has("do"),
  set: has("set"),
  switch: has("switch"),
  for: has("for", "do"),
  fork: has("fork"),
  try: has("try", "catch"),
  raise: has("raise"),
  wait: has("wait"),
  emit: has("emit"),
  listen: has("listen"),
  shell: within("run", "shell"),
  script: within("run", "script"),
  container: within("run", "container"),
  workflow: within("run", "workflow"),
  http: calls("http"),
  openapi: calls("openapi"),
  grpc: calls("grpc"),
  asyncapi: calls("asyncapi"),
  a2a: calls("a2a"),
  mcp: calls("mcp"),
  agent: calls("agent"),
  llm: calls("llm"),
  human: calls("human"),
  function: (object) => {
    const name = member(object, "call");
    return typeof name === "string" && !BUILT_IN.includes(name);
  },
};
const BUILT_IN: readonly string[] = [
  "a2a",
  "agent",
  "asyncapi",
  "grpc",
  "http",
  "human",
  "llm",
  "mcp",
  "openapi",
];
const SCHEDULES: Readonly<Record<Schedule["kind"], Looks>> = {
  every: within("schedule", "every"),
  cron: within("schedule", "cron"),
  after: within("schedule", "after"),
  on: within("schedule", "on"),
};
const CONSUMPTIONS: Readonly<Record<Consumption["kind"], Looks>> = {
  one: within("to", "one"),
  all: within("to", "all"),
  any: within("to", "any"),
};
const OTHERS: Readonly<Record<string, Looks>> = {
  until: within("to", "until"),
  foreach: has("listen", "foreach"),
  correlate: has("with", "correlate"),
  "input.schema": within("input", "schema"),
  "input.from": within("input", "from"),
  "output.as": within("output", "as"),
  "output.schema": within("output", "schema"),
  "export.as": within("export", "as"),
  if: has("if"),
  timeout: has("timeout"),
  then: has("then"),
  metadata: has("metadata"),
  evaluate: has("document", "evaluate"),
  ...Object.fromEntries(
    ["basic", "bearer", "digest", "oauth2", "oidc"].map((name) => [
      name,
      has(name),
    ]),
  ),
  ...Object.fromEntries(
    [
      "authentications",
      "catalogs",
      "errors",
      "extensions",
      "functions",
      "retries",
      "secrets",
      "timeouts",
    ].map((name) => [`use.${name}`, within("use", name)]),
  ),
};

Deno.test("every construct has an example in docs/workflow-language.md that runs", async () => {
  const objects: JsonObject[] = [];
  for (const example of examplesOf(await Deno.readTextFile(PAGE))) {
    if (example.kind !== "run") continue;
    const texts = [example.text, example.definitions ?? ""];
    for (const document of texts.flatMap((it) => parseAllDocuments(it))) {
      collect(document.toJS(), objects);
    }
  }
  const constructs = { ...KINDS, ...SCHEDULES, ...CONSUMPTIONS, ...OTHERS };
  const missing = Object.entries(constructs)
    .filter(([, looks]) => !objects.some(looks))
    .map(([name]) => name);
  deepStrictEqual(missing, []);
});

/** Every object of a document, from the outside in. */
function collect(value: Json, into: JsonObject[], depth = 0): void {
  if (depth > DEPTH_MAX) throw new Error("a document is too deep");
  if (isJsonArray(value)) {
    for (const item of value) collect(item, into, depth + 1);
  } else if (isJsonObject(value)) {
    into.push(value);
    for (const item of Object.values(value)) collect(item, into, depth + 1);
  }
}
