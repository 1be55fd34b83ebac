import { deepEqual, equal, ok } from "node:assert/strict";
import { toJson } from "@bufbuild/protobuf";
import { ResourceSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Json } from "../model/json.ts";
import { readManifests } from "./read.ts";

const TOP = "apiVersion: agentic.stigmer.ai/v1\n";
const AGENT = `${TOP}kind: Agent\nmetadata: {name: a}\nspec:\n`;
const WORDS = "  instructions: Answer in one short line.\n";

/** Reads a text and says its problems as `line:column severity: message`. */
async function problemsOf(text: string, name = "f.yaml"): Promise<string[]> {
  const { diagnostics } = await readManifests([{ name, text }]);
  for (const { excerpt } of diagnostics) {
    ok(excerpt === undefined || excerpt.length >= 1);
  }
  return diagnostics.map((it) =>
    `${it.line}:${it.column} ${it.message}${it.hint ? ` (${it.hint})` : ""}`
  );
}

async function check(text: string, expected: readonly string[]): Promise<void> {
  deepEqual(await problemsOf(text), expected, text);
}

/** Reads a text that is right, and gives its resources as JSON. */
async function jsonOf(text: string): Promise<Json[]> {
  const { documents, diagnostics } = await readManifests([
    { name: "f.yaml", text },
  ]);
  deepEqual(diagnostics, [], text);
  return documents.map((it) => toJson(ResourceSchema, it.resource));
}

Deno.test("readManifests() says what is wrong with an envelope, and where", async () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["", []],
    ["# nothing\n---\n---\n", []],
    ["null\n", [
      "1:1 Expected a resource, got nothing (A resource has apiVersion, kind, metadata and spec)",
    ]],
    ["hello\n", [
      '1:1 Expected a resource, got "hello" (A resource has apiVersion, kind, metadata and spec)',
    ]],
    [`${TOP}\nkind: Agnet\nmetadata: {name: a}\nspec:\n${WORDS}`, [
      '3:7 Unknown kind "Agnet" (Did you mean "Agent"?)',
    ]],
    [`${TOP}kind: Skill\nmetadata: {name: a}\n`, [
      '2:7 Kind "Skill" cannot be written in a manifest (The kinds are Agent, AgentInstance, Workflow, WorkflowInstance, Environment, McpServer)',
    ]],
    [`${TOP}knd: Agent\n`, [
      '2:1 Unknown field "knd" in the manifest (Did you mean "kind"?)',
    ]],
    [
      "document: {dsl: 1.0.0, namespace: a, nam: eight, version: 1.0.0}\n" +
      "do: [{a: {set: {x: 1}}}]\n",
      [
        '1:38 Unknown field "nam" of the document (Did you mean "name"?)',
      ],
    ],
    [
      "document: {dsl: 1.0.0, namespace: a, version: 1.0.0}\n" +
      "do: [{a: {set: {x: 1}}}]\n",
      [
        '1:11 The document needs "name"',
      ],
    ],
    [
      "document: {dsl: 1.0.0, namespace: a, name: 8, version: 1.0.0}\n" +
      "do: [{a: {set: {x: 1}}}]\n",
      [
        '1:44 "name" must be a string, not the number 8 (Quote it, as "8")',
      ],
    ],
    ["document:\ndo: [{a: {set: {x: 1}}}]\n", [
      '1:1 The workflow has no name, add document.name (A "document" has dsl, namespace, name and version)',
    ]],
    ["do: [{a: {set: {x: 1}}}]\n", [
      '1:1 The workflow has no name, add document.name (A "document" has dsl, namespace, name and version)',
    ]],
    ["kind: Environment\nmetadata: {name: a}\n", [
      '1:1 The resource has no apiVersion (Add "apiVersion: agentic.stigmer.ai/v1")',
    ]],
    ["apiVersion: v1\nkind: Environment\nmetadata: {name: a}\n", [
      '1:13 Unknown apiVersion "v1" (Write "agentic.stigmer.ai/v1")',
    ]],
    [`${TOP}kind: Environment\n`, [
      "1:1 Environment has no name, add metadata.name",
    ]],
    [`${TOP}kind: Environment\nmetadata:\n  nmae: a\n`, [
      '4:3 Unknown field "nmae" in metadata (Did you mean "name"?)',
    ]],
    [`${TOP}kind: Environment\nmetadta:\n  name: a\n`, [
      '3:1 Unknown field "metadta" in the manifest (Did you mean "metadata"?)',
    ]],
    [`${TOP}kind: List\nitem: []\n`, [
      '1:1 A List needs "items", a list of resources',
      '3:1 Unknown field "item" in a List (Did you mean "items"?)',
    ]],
    ['[{"kind": 5}]', [
      '1:2 The resource has no apiVersion (Add "apiVersion: agentic.stigmer.ai/v1")',
      '1:11 Unknown kind "5" (The kinds are Agent, AgentInstance, Workflow, WorkflowInstance, Environment, McpServer)',
    ]],
  ];
  for (const [text, expected] of cases) await check(text, expected);
});

Deno.test("readManifests() says what is wrong with YAML in its own words", async () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["a:\n\tb: 1\n", ["2:1 A tab cannot indent YAML (Indent with spaces)"]],
    ["a: [1,\n\t2]\n", ["2:1 A tab cannot indent YAML (Indent with spaces)"]],
    ["a:\n  - b\n c: 1\n", [
      "3:2 The indentation fits none of the lines above (Begin every key of an object in the same column)",
    ]],
    ["a: b: c\n", [
      '1:4 A value on the line of its key cannot hold another ": " (Put the value in quotes)',
    ]],
    ["key\nb: 1\n", ['1:1 Expected ":" after "key" (Write it as KEY: VALUE)']],
    ["a: 1\nb\n", ['2:1 Expected ":" after "b" (Write it as KEY: VALUE)']],
    ["a: @b\n", ['1:4 Text cannot begin with "@" (Put the value in quotes)']],
    ['a: "x\\qy"\n', [
      '1:6 Unknown escape in quoted text, "\\q" (Double the backslash, or use single quotes)',
    ]],
    ["a: 1\nb: 'it''s\nc: 2\n", [
      "2:4 The quoted text that begins here is never closed",
    ]],
    ['a: 1\nb: "say \\"x\nc: 2\n', [
      "2:4 The quoted text that begins here is never closed",
    ]],
    ["a: {b: 1\nc: 2\n", [
      '2:1 The object in brackets is not closed before this (Close it with "}", or indent its lines further)',
    ]],
    ["- a\nb: 1\nc: 2\nd: 3\n", ['2:1 Unexpected "b"']],
    ["a: !foo 1\n", ['1:4 Tag "!foo" is not known here (Remove it)']],
    ["a: *x\n", [
      '1:4 Alias "*x" names no anchor before it (Put text that begins with * in quotes)',
    ]],
    ["a: {b: ***}\n", [
      '1:8 Alias "***" names no anchor before it (Put text that begins with * in quotes)',
    ]],
    ["a: &a [*a]\n", [
      '1:8 Alias "*a" names no anchor before it (Put text that begins with * in quotes)',
    ]],
    ["a: {{ .b }}\n", [
      '1:5 A key must be text (Put text that begins with "{{" in quotes)',
    ]],
    ["a: { x: ${ .b } }\n", [
      `1:10 An expression inside of "{ }" or "[ ]" has to stand in quotes (Write "\${ … }", or '\${ … }' where double quotes are in it)`,
    ]],
    ["a: [${ .b }, 1]\n", [
      `1:6 An expression inside of "{ }" or "[ ]" has to stand in quotes (Write "\${ … }", or '\${ … }' where double quotes are in it)`,
    ]],
    ["? [a]\n: b\n", ["1:3 A key must be text"]],
    [": b\n", ["1:1 A key is missing before this"]],
    ["a: 1\nb: 2\na: 3\n", ['3:1 Key "a" is given twice, first in line 1']],
    ["{a: 1, a: 2}\n", ['1:8 Key "a" is given twice, first in line 1']],
    ["a: x\u0007\n", [
      '1:5 Character U+0007 does not belong in a text file (Write it as "\\u0007" in double quotes)',
    ]],
    ["a: \ufffd\n", ["1:4 This is not UTF-8 text (Save the file as UTF-8)"]],
    ["a: b\0\n", [
      "1:5 Character U+0000 does not belong in a text file (Save the file as UTF-8)",
    ]],
  ];
  for (const [text, expected] of cases) {
    const found = await problemsOf(text);
    // What the envelope lacks is told as well, where the YAML can be read.
    const about = found.filter((it) => !/has no (?:kind|apiVersion)/.test(it));
    deepEqual(about, expected, text);
  }
});

Deno.test("readManifests() says what is wrong with fields, all at once", async () => {
  await check(
    AGENT + WORDS + [
      "  model: {name: ollama/x, temprature: 1, maxOutputTokens: -1}",
      "  mcpServers:",
      "    - 5",
      "    - {name: x, stdio: {command: c}, http: {url: 'https://h'}}",
      "    - {name: github, command: npx}",
      "    - {name: githb}",
      "  limits: {timeout: soon, maxTurns: many, maxToolCallsPerTurn: 1.5}",
      "  outputSchema: {type: objekt, required: name}",
      "  env: [A]",
      "  description: 5",
      "  hooks: []",
      "",
    ].join("\n"),
    [
      '6:27 Unknown field "temprature" in spec.model (Did you mean "temperature"?)',
      "6:59 Expected a whole number from 0 to 4294967295 for spec.model.maxOutputTokens, got the number -1",
      "8:7 Expected an object for spec.mcpServers[0], got the number 5",
      '9:38 Only one of "stdio" and "http" can be given',
      '10:22 Unknown field "command" in spec.mcpServers[2] (Put it under "stdio")',
      '11:14 Tool server "githb" is not in the catalog and has no "stdio" or "http" (Did you mean "github"?)',
      '12:21 Expected a duration for spec.limits.timeout, got "soon" (Write it as "10m", "1h30m", "600s" or "PT10M")',
      '12:37 Expected a number for spec.limits.maxTurns, got "many"',
      "12:64 Expected a whole number from 0 to 4294967295 for spec.limits.maxToolCallsPerTurn, got the number 1.5",
      '13:24 Unknown type "objekt" in a schema (Did you mean "object"?)',
      '13:42 "required" in a schema must be a list of names, got string',
      '14:8 Expected an object for spec.env, got a list (Write "NAME: VALUE" on each line, without "- ")',
      "15:16 Expected text for spec.description, got the number 5 (Put it in quotes)",
      '16:3 Unknown field "hooks" in spec',
    ],
  );
});

Deno.test("readManifests() tells one slip once", async () => {
  await check(`${AGENT}  instrctions: Answer in one short line.\n`, [
    '5:3 Unknown field "instrctions" in spec (Did you mean "instructions"?)',
  ]);
  await check(`${AGENT}  instructions: 5\n`, [
    "5:17 Expected text for spec.instructions, got the number 5 (Put it in quotes)",
  ]);
  await check(`${AGENT}  instructions:\n`, [
    "5:3 Agent has no instructions, add spec.instructions",
  ]);
  await check(`${AGENT}  description: x\n`, [
    "4:1 Agent has no instructions, add spec.instructions",
  ]);
});

Deno.test("readManifests() counts columns in characters", async () => {
  const head = `${TOP}kind: Environment\nmetadata: {name: "日本😀 e\u0301x", `;
  await check(`${head}slug: ab, labls: 1}\n`, [
    '3:39 Unknown field "labls" in metadata (Did you mean "labels"?)',
  ]);
});

Deno.test("readManifests() says where a field belongs, and that once", async () => {
  const agent = `${TOP}kind: Agent\n`;
  const spec = "spec: { instructions: Answer in one short line. }\n";
  await check(`${agent}name: a\n${spec}`, [
    '3:1 Unknown field "name" in the manifest (Indent it under "metadata:")',
  ]);
  await check(
    `${agent}metadata: { name: a }\ninstructions: Answer in one short line.\n`,
    [
      '4:1 Unknown field "instructions" in the manifest (Indent it under "spec:")',
    ],
  );
  await check(`${agent}metadata:\n  name: a\n  ${spec}`, [
    '5:3 Unknown field "spec" in metadata (Indent it less: it stands beside "metadata")',
  ]);
  await check(
    `${TOP}kind: McpServer\nmetadata: { name: a }\nspec: { command: npx }\n`,
    ['4:9 Unknown field "command" in spec (Put it under "stdio")'],
  );
});

Deno.test("readManifests() says how a value of the wrong shape is written", async () => {
  const checkAgent = (spec: string, expected: readonly string[]) =>
    check(
      `${TOP}kind: Agent\nmetadata: { name: a }\nspec:\n` +
        `  instructions: Answer in one short line.\n  ${spec}\n`,
      expected,
    );
  await checkAgent("permissions: { allow: read }", [
    '6:25 Expected a list for spec.permissions.allow, got "read" (Write a list, as ["…"])',
  ]);
  await checkAgent("workspace: true", [
    "6:14 Expected an object for spec.workspace, got true (Write {} to have it as it is by default)",
  ]);
  const HEAD =
    "document: { dsl: 1.0.3, namespace: a, name: b, version: 1.0.0 }\n";
  await check(`${HEAD}do:\n  a: { set: { x: 1 } }\n  b: { set: { x: 1 } }\n`, [
    '3:3 Expected a list for spec.do, got an object (Write a list, "- " before each name: "- a:", then "- b:")',
  ]);
  await check(
    `${HEAD}schedule: "0 6 * * *"\ndo: [{ a: { set: { x: 1 } } }]\n`,
    [
      '2:11 Expected an object for spec.schedule, got "0 6 * * *" (Write { cron: "0 6 * * *" }, or { every: { minutes: 5 } })',
    ],
  );
  await check(`${HEAD}steps: [{ a: { set: { x: 1 } } }]\n`, [
    '2:1 Unknown field "steps" in spec (Did you mean "do" (with a document), or "tasks" (a graph)?)',
  ]);
  await check(`${HEAD}schedule: { cron: * * * * * }\n`, [
    '2:19 Text cannot begin with "* " (Put the value in quotes)',
  ]);
});

Deno.test("readManifests() reads BOM, CRLF and tabs between", async () => {
  const text = `\ufeff${TOP}kind:\tEnvironment\nmetadata: {name: e}\nspc: 1\n`;
  await check(text.replaceAll("\n", "\r\n"), [
    '4:1 Unknown field "spc" in the manifest (Did you mean "spec"?)',
  ]);
});

Deno.test("readManifests() refuses what is past its limits", async () => {
  const large = `${TOP}# ${"x".repeat(1024 * 1024)}\n`;
  await check(`a: 1\n---\n${large}`, [
    "2:1 A document may be 1 MiB long, this is longer (Split it into several)",
  ]);
  await check(`${"[".repeat(50)}${"]".repeat(50)}`, [
    "1:41 Values may be nested 40 deep, this is deeper",
  ]);
  const one = `${TOP}kind: Environment\nmetadata: {name: e`;
  const many = Array.from({ length: 1001 }, (_, i) => `${one}${i}}\n`);
  await check(many.join("---\n"), [
    "4001:1 A set may hold 1000 resources, this is one more (Apply them in several sets)",
  ]);
  const unknown = Array.from({ length: 1100 }, (_, i) => `key${i}x: 1\n`);
  const found = await problemsOf(`${one}}\n${unknown.join("")}`);
  equal(found.length, 1000);
  equal(found.at(-1), "1003:1 There are 101 more problems from here on");
});

Deno.test("readManifests() refuses a few lines that stand for gigabytes", async () => {
  const levels = Array.from(
    { length: 9 },
    (_, i) => `  l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(", ")}]`,
  );
  const text = `l0: &l0 [a, b, c]\nx:\n${levels.join("\n")}\n`;
  const found = await problemsOf(text);
  ok(
    found.some((it) => it.includes("Aliases make this document exceed 1 MiB")),
  );
});

Deno.test("readManifests() writes aliases and merge keys out", async () => {
  const [json] = await jsonOf(
    `${TOP}kind: Environment\nmetadata: {name: e, labels: &l {a: b}, annotations: *l}\n` +
      "spec:\n  variables: {<<: *l, A: b}\n",
  );
  deepEqual(json, {
    environment: {
      apiVersion: "agentic.stigmer.ai/v1",
      kind: "Environment",
      metadata: { name: "e", labels: { a: "b" }, annotations: { a: "b" } },
      spec: { variables: { A: "b", a: "b" } },
    },
  });
});

Deno.test("readManifests() reads lists, arrays and Lists", async () => {
  const one =
    '{"apiVersion": "agentic.stigmer.ai/v1", "kind": "Environment", ' +
    '"metadata": {"name": "';
  const both = `[${one}a"}}, ${one}b"}}]`;
  equal((await jsonOf(both)).length, 2);
  equal((await jsonOf(`{"kind": "List", "items": ${both}}`)).length, 2);
  equal((await jsonOf(`{"items": ${both}, "nextPageToken": ""}`)).length, 2);
  await check(`{"items": ${both}, "nextPageToken": "x"}`, [
    `1:${both.length + 13} This list is one page, there are more after it`,
  ]);
  equal((await jsonOf(`${one}a"}}\n---\n${one}b"}}\n`)).length, 2);
});

Deno.test("readManifests() makes a bare document a workflow", async () => {
  const text =
    "document: {dsl: 1.0.0, namespace: n, name: hello, version: 1.0.0}\n" +
    "do:\n  - a: {set: {x: 1}}\n";
  const { documents } = await readManifests([{ name: "-", text }]);
  equal(documents[0]?.kind, "Workflow");
  equal(documents[0]?.name, "hello");
  const place = documents[0]?.locate({
    severity: "error",
    pointer: "/spec/do/0/a/set",
    atKey: true,
    message: "x",
  });
  equal(`${place?.file}:${place?.line}:${place?.column}`, "-:3:9");
});

Deno.test("readManifests() locates keys, values and places in texts", async () => {
  const text =
    `${AGENT}  instructions: |\n    One line.\n    Two \u{1F600} lines.\n`;
  const { documents } = await readManifests([{ name: "f", text }]);
  const cases: readonly (readonly [string, object, string])[] = [
    ["/spec/instructions", {}, "5:17"],
    ["/spec/instructions", { atKey: true }, "5:3"],
    ["/spec/instructions", { offset: 4 }, "6:9"],
    ["/spec/instructions", { offset: 17 }, "7:11"],
    ["/spec/model/name", {}, "4:1"],
    ["/nothing/at/all", {}, "1:1"],
    ["", {}, "1:1"],
  ];
  for (const [pointer, more, expected] of cases) {
    const found = documents[0]?.locate({
      severity: "error",
      pointer,
      message: "x",
      ...more,
    });
    equal(`${found?.line}:${found?.column}`, expected, pointer);
  }
});

Deno.test("readManifests() refuses one resource twice in a set", async () => {
  const text = `${TOP}kind: Environment\nmetadata: {name: My Env}\n`;
  const { diagnostics } = await readManifests([
    { name: "a.yaml", text },
    { name: "b.yaml", text: text.replace("My Env", "my-env") },
    { name: "c.yaml", text: text.replace("Environment", "AgentInstance") },
  ]);
  deepEqual(
    diagnostics.map((it) => `${it.file}:${it.line}:${it.column} ${it.message}`),
    [
      'b.yaml:3:18 Environment "my-env" is given twice, first in a.yaml:1',
      'c.yaml:1:1 AgentInstance has no spec, add "spec:"',
    ],
  );
});

Deno.test("readManifests() keeps numbers exactly or says so", async () => {
  const head = `${TOP}kind: Workflow\nmetadata: {name: w}\nspec:\n` +
    "  document: {dsl: 1.0.0, namespace: n, name: w, version: 1.0.0}\n  do:\n";
  const found = await problemsOf(
    `${head}    - a: {set: {x: 12345678901234567890, y: .nan, z: 0x1F}}\n`,
  );
  deepEqual(found.filter((it) => it.startsWith("7:")), [
    "7:20 The number 12345678901234567890 is too large to be kept exactly (Put it in quotes to keep it as text)",
    "7:45 Expected a finite number for spec.do[0].a.set.y, got the number .nan",
  ]);
});
