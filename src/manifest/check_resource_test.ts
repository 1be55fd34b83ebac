import { deepEqual } from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { ResourceSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { checkResource } from "./check_resource.ts";

const GOOD = "Answer in one short line.";

/** Checks a resource and says what is wrong as `pointer message`. */
function found(resource: JsonObject): string[] {
  return checkResource(fromJson(ResourceSchema, resource)).map((it) =>
    `${it.severity === "warning" ? "warning " : ""}${it.pointer}${
      it.atKey ? " (key)" : ""
    } ${it.message}`
  );
}

function agent(spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  const whole = { instructions: GOOD, ...spec };
  return { agent: { metadata: { name: "a", ...metadata }, spec: whole } };
}

function check(resource: JsonObject, expected: readonly string[]): void {
  deepEqual(found(resource), expected, JSON.stringify(resource).slice(0, 500));
}

Deno.test("checkResource() asks for what must be there", () => {
  check({}, [" The resource is empty, it needs a kind"]);
  check({ agent: {} }, [
    "/metadata/name Agent has no name, add metadata.name",
    '/spec Agent has no spec, add "spec:"',
  ]);
  check({ agent: { metadata: { name: "a" }, spec: {} } }, [
    "/spec/instructions Agent has no instructions, add spec.instructions",
  ]);
  check({ agentInstance: { metadata: { name: "a" }, spec: {} } }, [
    "/spec/agentId Agent instance names no agent, add spec.agent",
  ]);
  check({ workflowInstance: { metadata: { name: "a" }, spec: {} } }, [
    "/spec/workflowId Workflow instance names no workflow, add spec.workflow",
  ]);
  check({ environment: { metadata: { name: "a" } } }, []);
  check({ agent: { ...Object(agent({}).agent), kind: "Workflow" } }, [
    '/kind Kind "Workflow" does not fit, expected "Agent"',
  ]);
});

Deno.test("checkResource() holds names, slugs, labels, annotations, tags", () => {
  const many = Object.fromEntries(
    Array.from({ length: 65 }, (_, i) => [`k${i}`, "v"]),
  );
  const cases: readonly (readonly [JsonObject, readonly string[]])[] = [
    [{ name: "é".repeat(200) }, []],
    [{ name: "n".repeat(201) }, [
      "/metadata/name A name may have 200 characters, this has 201",
    ]],
    [{ name: " a" }, [
      "/metadata/name A name cannot hold control characters, or begin or end with space",
    ]],
    [{ name: "日本" }, [
      '/metadata/name No slug can be made of the name "日本"',
    ]],
    [{ name: "日本", slug: "japan" }, []],
    [{ slug: "My Bot" }, [
      '/metadata/slug "My Bot" is no slug: lower-case letters, digits and single hyphens, up to 63 characters',
    ]],
    [{ labels: many }, [
      "/metadata/labels (key) A resource may have 64 labels, this has 65",
    ]],
    [{ labels: { ["k".repeat(64)]: "v", a: "v".repeat(257), "": "x" } }, [
      `/metadata/labels/${
        "k".repeat(64)
      } (key) A key may have 63 characters, this has 64`,
      '/metadata/labels/a Label "a" may have 256 characters, this has 257',
      "/metadata/labels/ (key) A key is empty",
    ]],
    [{ annotations: { "x/y": "é".repeat(32769) } }, [
      '/metadata/annotations/x~1y Annotation "x/y" is longer than 64 KiB',
    ]],
    [{ annotations: { a: "é".repeat(32768) } }, []],
    [{ tags: ["a", "b", "a", "", "c\u0007"] }, [
      '/metadata/tags/2 Tag "a" is given twice',
      "/metadata/tags/3 A tag is empty",
      "/metadata/tags/4 A tag cannot hold control characters",
    ]],
  ];
  for (const [metadata, expected] of cases) {
    check(agent({}, metadata), expected);
  }
});

Deno.test("checkResource() holds an agent's instructions and limits", () => {
  const cases: readonly (readonly [JsonObject, readonly string[]])[] = [
    [{ instructions: "123456789" }, [
      "/spec/instructions Instructions need 10 characters at least, these have 9",
    ]],
    [{ instructions: "1234567890" }, []],
    [{ instructions: `${" ".repeat(100)}x` }, [
      "/spec/instructions Instructions need 10 characters at least, these have 1",
    ]],
    [{ instructions: "x".repeat(256 * 1024) }, []],
    [{ instructions: "é".repeat(128 * 1024 + 1) }, [
      "/spec/instructions Instructions may be 256 KiB long, these are longer",
    ]],
    [{ limits: { maxTurns: 10_001, maxToolCallsPerTurn: 1001 } }, [
      "/spec/limits/maxTurns An agent may take 10,000 turns, this asks for 10,001",
      "/spec/limits/maxToolCallsPerTurn A turn may make 1,000 tool calls, this asks for 1,001",
    ]],
    [{
      limits: {
        maxToolCalls: 100_001,
        maxTokens: 1_000_000_001,
        maxRepeatedCalls: 10_001,
        maxCostUsd: 1_000_001,
      },
    }, [
      "/spec/limits/maxToolCalls An agent may make 100,000 tool calls, this asks for 100,001",
      "/spec/limits/maxTokens An agent may use 1,000,000,000 tokens, this asks for 1,000,000,001",
      "/spec/limits/maxRepeatedCalls An agent may make the same call 10,000 times, this asks for 10,001",
      "/spec/limits/maxCostUsd An agent may cost $1,000,000, this asks for more",
    ]],
    [{ limits: { maxCostUsd: -0.01 } }, [
      "/spec/limits/maxCostUsd A cost cannot be negative",
    ]],
    [{ limits: { maxCostUsd: "NaN" } }, [
      "/spec/limits/maxCostUsd A cost must be a number",
    ]],
    [{ limits: { maxCostUsd: 0.5, maxTokens: 1, maxRepeatedCalls: 1 } }, []],
    [{ limits: { timeout: "-1s" } }, [
      "/spec/limits/timeout A timeout cannot be negative",
    ]],
    [{ limits: { timeout: "2592001s" } }, [
      "/spec/limits/timeout A timeout may be 30 days long, this is longer",
    ]],
    [{ limits: { timeout: "2592000s" } }, []],
    [{ env: { "A-B": {}, "1": {}, S: { secret: true, default: "x" } } }, [
      '/spec/env/1 (key) "1" is no name for a variable',
      '/spec/env/A-B (key) "A-B" is no name for a variable',
      '/spec/env/S/default Secret "S" cannot have its value in the definition',
    ]],
    [{ description: "d".repeat(1025) }, [
      "/spec/description A description may have 1024 characters",
    ]],
  ];
  for (const [spec, expected] of cases) check(agent(spec), expected);
});

Deno.test("checkResource() knows the forms of a model", () => {
  const cases: readonly (readonly [JsonObject, readonly string[]])[] = [
    [{}, []],
    [{ name: "anthropic/claude-x" }, []],
    [{ name: "ollama/qwen2.5-coder:7b" }, []],
    [{ name: "ollama/org/model" }, []],
    [{ name: "script:tests/a b.json" }, []],
    [{ name: "openai-compatible/x", baseUrl: "http://10.0.0.1:8000/v1" }, []],
    [{ name: "openai-compatible/x" }, [
      'warning /spec/model/baseUrl Model "openai-compatible/x" has no address',
    ]],
    [{ name: "script:" }, [
      '/spec/model/name A scripted model names its file, as "script:FILE"',
    ]],
    [{ name: "llama3" }, [
      '/spec/model/name Model "llama3" names no provider',
    ]],
    [{ name: "anthropic" }, [
      '/spec/model/name "anthropic" is a provider, and names no model of it',
    ]],
    [{ name: "antropic/x" }, [
      '/spec/model/name Unknown provider "antropic" of model "antropic/x"',
    ]],
    [{ name: "openai/" }, [
      '/spec/model/name Model "openai/" has no name after "openai/"',
    ]],
    [{ temperature: 2 }, []],
    [{ temperature: 2.1 }, [
      "/spec/model/temperature A temperature lies between 0 and 2, got 2.1",
    ]],
    [{ temperature: "NaN" }, [
      "/spec/model/temperature A temperature lies between 0 and 2, got NaN",
    ]],
    [{ maxOutputTokens: 0 }, [
      "/spec/model/maxOutputTokens A turn needs 1 output token at least",
    ]],
    [{
      name: "openai/x",
      fallbacks: ["anthropic/y", "script:z.yaml"],
      contextWindow: 2000,
      price: { input: 0, output: 1.5, cacheRead: 0.1 },
    }, []],
    [{
      name: "openai/x",
      fallbacks: ["", "openai/x", "anthropic/y", "anthropic/y", "llama3"],
    }, [
      "/spec/model/fallbacks/0 A fallback names a model",
      '/spec/model/fallbacks/1 Model "openai/x" cannot answer in its own place',
      '/spec/model/fallbacks/3 Model "anthropic/y" is named twice',
      '/spec/model/fallbacks/4 Model "llama3" names no provider',
    ]],
    [{ fallbacks: Array.from({ length: 9 }, (_, i) => `ollama/m${i}`) }, [
      "/spec/model/fallbacks A model may have 8 fallbacks, got 9",
    ]],
    [{ name: "openai/x", fallbacks: ["openai-compatible/y"] }, [
      'warning /spec/model/fallbacks/0 Model "openai-compatible/y" has no address',
    ]],
    [{
      name: "openai-compatible/x",
      baseUrl: "https://x.example",
      fallbacks: ["openai-compatible/y"],
    }, []],
    [{ contextWindow: 255 }, [
      "/spec/model/contextWindow A context window has 256 tokens at least, got 255",
    ]],
    [{ contextWindow: 1000, maxOutputTokens: 1000 }, [
      "/spec/model/maxOutputTokens An answer of 1000 tokens leaves no room for a question in a window of 1000",
    ]],
    [{ price: { input: -1, output: "NaN", cacheWrite: 1e7 } }, [
      "/spec/model/price/input A price lies between 0 and 1000000 US dollars a million tokens, got -1",
      "/spec/model/price/output A price lies between 0 and 1000000 US dollars a million tokens, got NaN",
      "/spec/model/price/cacheWrite A price lies between 0 and 1000000 US dollars a million tokens, got 10000000",
    ]],
    [{ baseUrl: "https://x.example" }, [
      "/spec/model/baseUrl An address alone does not say whose key goes there",
    ]],
    [{ name: "openai/x", baseUrl: "ftp://x" }, [
      '/spec/model/baseUrl Scheme "ftp:" cannot be called, use "https:"',
    ]],
    [{ name: "openai/x", baseUrl: "localhost:8080" }, [
      '/spec/model/baseUrl "localhost:8080" has no scheme, write "http://localhost:8080"',
    ]],
  ];
  for (const [model, expected] of cases) check(agent({ model }), expected);
});

Deno.test("checkResource() asks one transport or a catalog's name of a tool server", () => {
  const cases: readonly (readonly [JsonObject[], readonly string[]])[] = [
    [[{ name: "github" }, { name: "filesystem", args: ["/tmp"] }], []],
    [[{ name: "mine", stdio: { command: "/opt/my tool", args: ["x"] } }], []],
    [[{ name: "web", http: { url: "https://x.org/mcp" } }], []],
    [[{ name: "web", http: { url: "http://127.0.0.1:9/mcp" } }], []],
    [[{ name: "web", http: { url: "http://[::1]:9/mcp" } }], []],
    [[{}], ["/spec/mcpServers/0/name A tool server has no name"]],
    [[{ name: "github" }, { name: "github" }], [
      '/spec/mcpServers/1/name Tool server "github" is given twice',
    ]],
    [[{ name: "nowhere" }], [
      '/spec/mcpServers/0/name Tool server "nowhere" is not in the catalog and has no "stdio" or "http"',
    ]],
    [[{ name: "a b", stdio: { command: "x" } }], [
      '/spec/mcpServers/0/name "a b" is no name for a tool server: letters, digits, ".", "_" and "-", up to 63 characters',
    ]],
    [[{ name: "x", stdio: {} }], [
      "/spec/mcpServers/0/stdio/command The tool server has no command",
    ]],
    [[{ name: "x", stdio: { command: "npx -y foo" } }], [
      '/spec/mcpServers/0/stdio/command Command "npx -y foo" holds a space',
    ]],
    [
      [{ name: "x", stdio: { command: "y", env: { "A B": "" } }, args: ["z"] }],
      [
        '/spec/mcpServers/0/args "args" go with a name of the catalog alone',
        '/spec/mcpServers/0/stdio/env/A B (key) "A B" is no name for a variable',
      ],
    ],
    [[{ name: "x", http: {} }], [
      "/spec/mcpServers/0/http/url The tool server has no url",
    ]],
    [[{ name: "x", http: { url: "http://x.org/mcp" } }], [
      '/spec/mcpServers/0/http/url "http:" is for this machine alone, use "https://x.org"',
    ]],
    [[{ name: "x", http: { url: "https://u:p@x.org" } }], [
      "/spec/mcpServers/0/http/url An address cannot hold a user or a password, use headers",
    ]],
    [[{ name: "x", http: { url: "x.org", headers: { "a b": "c\nd" } } }], [
      '/spec/mcpServers/0/http/url "x.org" is no address, write it as "https://HOST/PATH"',
      '/spec/mcpServers/0/http/headers/a b (key) "a b" is no name for a header',
      '/spec/mcpServers/0/http/headers/a b Header "a b" must be on one line',
    ]],
    [[{ name: "github", enabledTools: ["a", ""] }], [
      "/spec/mcpServers/0/enabledTools/1 The name of a tool is empty",
    ]],
  ];
  for (const [mcpServers, expected] of cases) {
    check(agent({ mcpServers }), expected);
  }
});

Deno.test("checkResource() asks that an output schema is one", () => {
  const at = "/spec/outputSchema";
  const cases: readonly (readonly [JsonObject, readonly string[]])[] = [
    [{}, []],
    [{
      type: ["object", "null"],
      properties: {
        a: { type: "array", items: { $ref: "#/$defs/x" } },
        b: true,
      },
      required: ["a"],
      $defs: { x: { enum: [1, null], "x-own": {} } },
      additionalProperties: false,
    }, []],
    [{ type: "strnig" }, [`${at}/type Unknown type "strnig" in a schema`]],
    [{ type: ["object", 5] }, [
      `${at}/type/1 "1" in a schema must be a type's name, got number`,
    ]],
    [{ properties: { a: 5 } }, [
      `${at}/properties/a "a" in a schema must be a schema, got number`,
    ]],
    [{ properties: [] }, [
      `${at}/properties "properties" in a schema must be schemas by name, got array`,
    ]],
    [{ required: true, minLength: -1, pattern: "(" }, [
      `${at}/required "required" in a schema must be a list of names, got boolean`,
      `${at}/minLength "minLength" in a schema must be a whole number from 0, got number`,
      `${at}/pattern "(" is no regular expression`,
    ]],
    [{ anyOf: [{ not: 1 }], enum: [], multipleOf: 0 }, [
      `${at}/anyOf/0/not "not" in a schema must be a schema, got number`,
      `${at}/enum "enum" in a schema must be a list of values, got array`,
      `${at}/multipleOf "multipleOf" in a schema must be a number above 0, got number`,
    ]],
  ];
  for (const [outputSchema, expected] of cases) {
    check(agent({ outputSchema }), expected);
  }
});

Deno.test("checkResource() holds the variables of an environment", () => {
  function environment(variables: JsonObject): JsonObject {
    return { environment: { metadata: { name: "e" }, spec: { variables } } };
  }
  check(environment({ A: "", _b1: "x".repeat(64 * 1024) }), []);
  check(environment({ A: "x".repeat(64 * 1024 + 1), "": "x", B: "\0" }), [
    '/spec/variables/A Variable "A" is longer than 64 KiB',
    '/spec/variables/ (key) "" is no name for a variable',
    '/spec/variables/B Variable "B" holds a NUL character, which no process can be given',
  ]);
  const many = Object.fromEntries(
    Array.from({ length: 1001 }, (_, i) => [`K${i}`, ""]),
  );
  check(environment(many), [
    "/spec/variables There may be 1000 variables, these are 1001",
  ]);
});

Deno.test("checkResource() holds the environments of an instance", () => {
  const spec = { agentId: "a", environmentIds: ["x", "", "x"] };
  check({ agentInstance: { metadata: { name: "i" }, spec } }, [
    "/spec/environmentIds/1 An environment's name is empty",
    '/spec/environmentIds/2 Environment "x" is bound twice',
  ]);
});

Deno.test("checkResource() refuses a declared secret in the arguments of a server", () => {
  const env = { TOKEN: { secret: true }, PLAIN: {} };
  const cases: readonly (readonly [JsonObject, readonly string[]])[] = [
    [{
      name: "own",
      stdio: {
        command: "x",
        args: ["-t", "is ${TOKEN}"],
        env: { A: "${TOKEN}" },
      },
    }, ["/spec/mcpServers/0/stdio/args/1"]],
    [{ name: "filesystem", args: ["${TOKEN}"] }, ["/spec/mcpServers/0/args/0"]],
    [{ name: "postgres", args: ["${TOKEN}", "${TOKEN}"] }, [
      "/spec/mcpServers/0/args/1",
    ]],
    [{ name: "filesystem", args: ["${PLAIN}", "$TOKEN"] }, []],
    [{
      name: "web",
      http: { url: "https://a.dev", headers: { H: "${TOKEN}" } },
    }, []],
  ];
  for (const [server, places] of cases) {
    check(
      agent({ env, mcpServers: [server] }),
      places.map((place) =>
        `${place} Secret "TOKEN" cannot stand here: every process of the machine can read arguments`
      ),
    );
  }
});
