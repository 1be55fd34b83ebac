import { deepEqual, equal, ok } from "node:assert/strict";
import { type Schema, Validator } from "@cfworker/json-schema";
import { parseAllDocuments } from "yaml";
import { schemaOf } from "../../src/manifest/schema.ts";
import { pointerTo } from "../../src/model/diagnostic.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../../src/model/json.ts";
import { checkWorkflow } from "../../src/workflow/check.ts";
import { KIND_KEYS } from "../../src/workflow/tasks/base_keys.ts";
import {
  readSpecification,
  specificationFolder,
} from "../conformance/specification.ts";
import { examplesOf } from "../language/page.ts";

const DOCS = new URL("../../docs/", import.meta.url);
const EXAMPLES = new URL("../../examples/", import.meta.url);
const HEAD = "document: {dsl: 1.0.3, namespace: a, name: b, version: 1.0.0}\n";
const specification = specificationFolder("examples", ".yaml");

const MANIFEST = validatorOf("manifest");
const WORKFLOW = validatorOf("Workflow");

function validatorOf(kind: Parameters<typeof schemaOf>[0]): Validator {
  return new Validator(schemaOf(kind) as Schema, "7", false);
}

/** What a schema has against a file, one line for each of its documents. */
function faults(validator: Validator, text: string): readonly string[] {
  return parseAllDocuments(text).flatMap((document) => {
    const json = document.toJS();
    // A text without a document is nothing to complain of.
    if (json === null) return [];
    const { valid, errors } = validator.validate(json);
    const said = errors.map((it) => `${it.instanceLocation} ${it.error}`);
    return valid ? [] : [said.slice(-3).join("\n")];
  });
}

Deno.test({
  name: "the schemas take all examples of the specification",
  ignore: specification.path === undefined,
  fn() {
    for (const name of specification.names) {
      const text = readSpecification(specification, name);
      deepEqual(faults(WORKFLOW, text), [], name);
      deepEqual(faults(MANIFEST, text), [], name);
    }
  },
});

Deno.test("the schemas take every example of this repository", async () => {
  let count = 0;
  for await (const text of repositoryTexts()) {
    deepEqual(faults(MANIFEST, text), [], text);
    count++;
  }
  ok(count > 40, `${count}`);
});

/** The manifests of the examples, and of the pages of the documentation. */
async function* repositoryTexts(): AsyncGenerator<string> {
  for (const entry of Deno.readDirSync(EXAMPLES)) {
    if (!entry.isDirectory) continue;
    for (const file of Deno.readDirSync(new URL(`${entry.name}/`, EXAMPLES))) {
      const url = new URL(`${entry.name}/${file.name}`, EXAMPLES);
      if (!/\.yaml$/.test(file.name)) continue;
      const text = await Deno.readTextFile(url);
      if (/^(?:apiVersion|document):/m.test(text)) yield text;
    }
  }
  for (const name of ["manifests.md", "workflows.md", "migration.md"]) {
    const page = await Deno.readTextFile(new URL(name, DOCS));
    for (const [, text = ""] of page.matchAll(/```yaml\n(.*?)```/gs)) {
      yield text.startsWith("- ") ? `${HEAD}do:\n${text}` : text;
    }
  }
  const language = new URL("workflow-language.md", DOCS);
  for (const it of examplesOf(await Deno.readTextFile(language))) {
    if (it.kind !== "error") yield it.text;
  }
}

Deno.test("the schema refuses mistakes that an editor should show", () => {
  const mistakes: readonly string[] = [
    "{ set: { a: 1 }, zzz: 1 }",
    "{ set: 5 }",
    "{ set: { a: 1 }, set2: {} }",
    "{ call: http, with: { method: get, url: https://example.org } }",
    "{ call: http, with: { method: get, endpoint: https://example.org, output: all } }",
    "{ call: http }",
    "{ call: grpc, with: { proto: { endpoint: a }, service: { name: a }, method: b } }",
    "{ call: agent, with: { message: hi } }",
    "{ call: human, with: { prompt: hi, outcome: yes } }",
    "{ call: llm, with: { promt: hi } }",
    "{ for: { each: a }, do: [ { b: { wait: PT1S } } ] }",
    "{ for: { in: .a, of: .b }, do: [ { b: { wait: PT1S } } ] }",
    "{ fork: { branches: {} } }",
    "{ try: [ { a: { wait: PT1S } } ] }",
    "{ try: [ { a: { wait: PT1S } } ], catch: { errors: { with: { code: 4 } } } }",
    "{ switch: [ { a: { when: .x } } ] }",
    "{ raise: { error: { type: https://example.org } } }",
    "{ call: typescript, if: .x }",
    "{ wait: { second: 1 } }",
    "{ wait: 5 }",
    "{ emit: { event: { with: { source: a } } } }",
    "{ listen: { to: { some: [] } } }",
    "{ listen: { to: { one: {} }, read: everything } }",
    "{ run: { shell: { cmd: ls } } }",
    "{ run: { shell: { command: ls }, return: out } }",
    "{ run: { container: { image: a, pullPolicy: sometimes } } }",
    "{ run: { workflow: { name: a } } }",
    "{ do: [] }",
    "{ do: [ { a: { wait: PT1S }, b: { wait: PT1S } } ] }",
    "{ set: { a: 1 }, timeout: { seconds: 5 } }",
    "{ set: { a: 1 }, input: { form: .a } }",
  ];
  for (const task of mistakes) {
    const text = `${HEAD}do: [ { a: ${task} } ]`;
    equal(faults(WORKFLOW, text).length, 1, task);
    // A list inside a task is looked at just the same.
    const inner = `${HEAD}do: [ { o: { do: [ { a: ${task} } ] } } ]`;
    equal(faults(MANIFEST, inner).length, 1, task);
  }
  const manifests: readonly string[] = [
    "apiVersion: agentic.stigmer.ai/v1\nkind: Agent\nmetadata: {name: a}\nspec: {instructons: x}",
    "apiVersion: agentic.stigmer.ai/v1\nkind: Agent\nmetadata: {name: a}",
    "apiVersion: agentic.stigmer.ai/v2\nkind: Agent\nmetadata: {name: a}\nspec: {}",
    "apiVersion: agentic.stigmer.ai/v1\nkind: Agnet\nmetadata: {name: a}\nspec: {}",
    "apiVersion: agentic.stigmer.ai/v1\nkind: Agent\nmetadata: {name: a}\nspec: {limits: {maxTurns: many}}",
    "apiVersion: agentic.stigmer.ai/v1\nkind: Environment\nmetadata: {name: a}\nspec: {variables: [a]}",
    "apiVersion: agentic.stigmer.ai/v1\nkind: Workflow\nmetadata: {name: a}\nspec: {tasks: [{name: a, agent: b, needs: [c]}]}",
    "apiVersion: agentic.stigmer.ai/v1\nkind: Workflow\nmetadata: {name: a}\nspec: {inputs: {a: text}, tasks: [{name: a, agent: b}]}",
  ];
  for (const text of manifests) equal(faults(MANIFEST, text).length, 1, text);
});

Deno.test("every reference of the schemas leads to a definition, and each is used", () => {
  const schema = schemaOf("manifest");
  const definitions = member(schema, "definitions");
  ok(isJsonObject(definitions));
  const used = new Set(
    [...JSON.stringify(schema).matchAll(/"#\/definitions\/(\w+)"/g)]
      .map(([, name = ""]) => name),
  );
  deepEqual([...used].sort(), Object.keys(definitions).sort());
});

/** One workflow with every construct; what the readers know is asked of it. */
async function samples(): Promise<readonly JsonObject[]> {
  const language = new URL("workflow-language.md", DOCS);
  const page = examplesOf(await Deno.readTextFile(language));
  const texts = page.filter(({ kind }) => kind !== "error").map((it) =>
    it.text
  );
  const own = specification.names.map((name) =>
    readSpecification(specification, name)
  );
  return [...texts, ...own, ...MORE]
    .flatMap((text) => parseAllDocuments(text))
    .map((document) => document.toJS())
    .map((json) => isJsonObject(json?.spec) ? json.spec : json)
    .filter((json) => isJsonObject(json) && checkWorkflow(json).plan);
}

/** Constructs that the examples do not show. */
const MORE: readonly string[] = [
  `${HEAD}evaluate: { language: jq, mode: strict }
do:
  - a:
      try: [ { b: { wait: PT1S } } ]
      catch:
        errors: { with: { status: 500 } }
        retry:
          delay: PT1S
          backoff: { constant: {} }
          jitter: { from: PT0S, to: PT1S }
          limit: { duration: PT1M, attempt: { count: 2, duration: PT1S } }
`,
  `inputs: { x: { type: string } }
tasks:
  - { name: a, agent: b, inputs: { x: "\${workflow.inputs.x}" } }
`,
  `${HEAD}use:
  authentications:
    a: { basic: { username: a, password: b } }
    b: { digest: { username: a, password: b } }
    c:
      oauth2:
        authority: https://example.org
        grant: urn:ietf:params:oauth:grant-type:token-exchange
        request: { encoding: application/json }
        subject: { token: a, type: b }
        client: { id: a, secret: b }
do:
  - a:
      call: a2a
      with: { server: https://example.org, method: tasks/list }
`,
  `${HEAD}do:
  - a: { call: typescript }
`,
];

Deno.test("the readers and the schema know the same keys, construct by construct", async () => {
  const definitions = definitionsByTitle(schemaOf("manifest"));
  const vocabulary = new Set([...definitions.values()].flatMap((keys) => [
    ...keys,
  ]));
  // Some objects that are called the same have other keys elsewhere.
  const known = new Map<string, Set<string>>();
  const probed = new Set<string>();
  for (const sample of await samples()) {
    for (const { pointer, keys, with: add } of objectsOf(sample, "")) {
      const what = unknownOf(add("zzz"), `${pointer}/zzz`, "zzz");
      const probe = `${what} ${keys.join()}`;
      if (what === undefined || probed.has(probe)) continue;
      probed.add(probe);
      const found = known.get(what) ?? new Set();
      known.set(what, found);
      for (const key of vocabulary) {
        const at = pointerTo(pointer, key);
        if (unknownOf(add(key), at, key) === undefined) found.add(key);
      }
    }
  }
  for (const [what, keys] of known) {
    const wanted = definitions.get(what) ?? new Set();
    // A task with the key of another kind is one of that kind, and what has
    // "use" is a reference.
    const asked = [...keys].filter((key) =>
      wanted.has(key) || (key !== "use" && !KIND_KEYS.includes(key))
    );
    deepEqual({ what, keys: asked.sort() }, { what, keys: [...wanted].sort() });
  }
  const missed = [...definitions.keys()].filter((it) =>
    !known.has(it) && !it.endsWith("of a graph")
  );
  deepEqual(missed.sort(), OF_THE_CONTRACT.toSorted());
});

Deno.test("the readers and the schema know the same words, choice by choice", async () => {
  const choices = choicesByTitle(schemaOf("manifest"));
  const seen = new Set<string>();
  for (const sample of await samples()) {
    for (const { pointer, set, with: add } of objectsOf(sample, "")) {
      const what = unknownOf(add("zzz"), `${pointer}/zzz`, "zzz");
      for (const [key, words] of choices.get(what ?? "") ?? []) {
        const title = `${what} ${key}`;
        if (seen.has(title)) continue;
        const asked = wordsAsked(set(key, "zzz"), pointerTo(pointer, key));
        if (asked === undefined) continue;
        seen.add(title);
        deepEqual({ title, words: asked }, { title, words });
      }
    }
  }
  const all = [...choices].flatMap(([what, keys]) =>
    [...keys.keys()].map((key) => `${what} ${key}`)
  );
  // The types of an input are the reader's own list.
  deepEqual(all.filter((it) => !seen.has(it)), ["an input type"]);
});

/** The words that a reader asks for at a place, sorted. */
function wordsAsked(
  json: JsonObject,
  pointer: string,
): readonly string[] | undefined {
  const said = checkWorkflow(json).diagnostics.find((it) =>
    it.pointer === pointer && it.message.startsWith("This must be one of ")
  );
  const list = said?.message.split(", not ")[0] ?? "";
  return said && [...list.matchAll(/"([^"]+)"/g)].map(([, word = ""]) => word)
    .sort();
}

/** The words that are all that a part takes, sorted; `undefined` for others. */
function wordsOf(part: Json, schema: JsonObject): Json[] | undefined {
  if (!isJsonObject(part)) return undefined;
  const [, name] = /^#\/definitions\/(\w+)$/.exec(`${part.$ref}`) ?? [];
  const { definitions = null } = schema;
  if (name !== undefined && isJsonObject(definitions)) {
    return wordsOf(definitions[name] ?? null, schema);
  }
  const { enum: words = null } = part;
  return isJsonArray(words) ? words.toSorted() : undefined;
}

/** The keys that take one of some words, sorted, by the title of the object. */
function choicesByTitle(
  schema: JsonObject,
): Map<string, Map<string, Json[]>> {
  const found = new Map<string, Map<string, Json[]>>();
  const walk = (json: Json): void => {
    if (isJsonArray(json)) return json.forEach(walk);
    if (!isJsonObject(json)) return;
    const title = member(json, "title");
    for (
      const [key, part] of Object.entries(member(json, "properties") ?? {})
    ) {
      const words = wordsOf(part, schema);
      if (typeof title !== "string" || words === undefined) continue;
      const keys = found.get(title) ?? new Map();
      found.set(title, keys.set(key, words));
    }
    Object.values(json).forEach(walk);
  };
  walk(schema);
  return found;
}

/** What the descriptors of the contract know, and no reader of workflows. */
const OF_THE_CONTRACT: readonly string[] = [
  "Agent",
  "AgentInstance",
  "AgentInstanceSpec",
  "AgentLimits",
  "AgentSpec",
  "EnvDeclaration",
  "Environment",
  "EnvironmentSpec",
  "HttpTransport",
  "McpOAuth",
  "McpServer",
  "McpServerSpec",
  "Metadata",
  "ModelPrice",
  "ModelSettings",
  "SecretRef",
  "StdioTransport",
  "SubAgent",
  "ToolPermissions",
  "Version",
  "Workflow",
  "WorkflowInstance",
  "WorkflowInstanceSpec",
  "WorkspaceTools",
];

/** The keys of each object that the schema has, by its title. */
function definitionsByTitle(schema: Json): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const walk = (json: Json): void => {
    if (isJsonArray(json)) return json.forEach(walk);
    if (!isJsonObject(json)) return;
    const [title, properties] = [
      member(json, "title"),
      member(json, "properties"),
    ];
    if (
      typeof title === "string" && isJsonObject(properties) &&
      member(json, "additionalProperties") === false
    ) {
      const keys = found.get(title) ?? new Set();
      found.set(title, keys);
      for (const key of Object.keys(properties)) keys.add(key);
    }
    Object.values(json).forEach(walk);
  };
  walk(schema);
  return found;
}

/** An object inside a definition, and the whole with one key more in it. */
interface Inner {
  readonly pointer: string;
  readonly keys: readonly string[];
  readonly with: (key: string) => JsonObject;
  /** The whole with another value at a key. */
  readonly set: (key: string, value: Json) => JsonObject;
}

function objectsOf(json: Json, pointer: string): readonly Inner[] {
  if (isJsonArray(json)) return [];
  if (!isJsonObject(json)) return [];
  const own: Inner = {
    pointer,
    keys: Object.keys(json),
    with: (key) => Object.hasOwn(json, key) ? json : { ...json, [key]: "x" },
    set: (key, value) => ({ ...json, [key]: value }),
  };
  return [
    own,
    ...Object.entries(json).flatMap(([key, value]) =>
      innerOf(value, pointerTo(pointer, key), (it) => ({ ...json, [key]: it }))
    ),
  ];
}

function innerOf(
  value: Json,
  pointer: string,
  wrap: (value: Json) => JsonObject,
): readonly Inner[] {
  if (isJsonArray(value)) {
    return value.flatMap((item, i) =>
      innerOf(item, pointerTo(pointer, i), (it) => wrap(value.with(i, it)))
    );
  }
  return objectsOf(value, pointer).map((it) => ({
    ...it,
    with: (key) => wrap(it.with(key)),
    set: (key, value) => wrap(it.set(key, value)),
  }));
}

/** What an object is called, when its reader does not know a key of it. */
function unknownOf(
  json: JsonObject,
  pointer: string,
  key: string,
): string | undefined {
  const { diagnostics } = checkWorkflow(json);
  const found = diagnostics.find((it) =>
    it.pointer === pointer &&
    it.message.startsWith(`Unknown field "${key}" of `)
  );
  return found?.message.slice(`Unknown field "${key}" of `.length);
}
