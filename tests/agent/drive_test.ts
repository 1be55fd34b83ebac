import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { NO_USAGE } from "../../src/model/usage.ts";
import { createAgentActivities } from "../../src/agent/activities.ts";
import { createAgentMachine } from "../../src/agent/machine.ts";
import { AGENT_LIMITS_DEFAULT, type AgentPlan } from "../../src/agent/plan.ts";
import { LIMIT_TYPE } from "../../src/agent/limit.ts";
import { systemHost } from "../../src/host/system.ts";
import type { ToolServer } from "../../src/mcp/server.ts";
import type { ActivityDelta, Machine } from "../../src/model/durable.ts";
import { anthropicError, serveAnthropic } from "../servers/anthropic.ts";
import { serveOpenaiChat } from "../servers/openai_chat.ts";
import { serveOpenaiResponses } from "../servers/openai_responses.ts";
import type { ProviderServer, WireReply } from "../servers/provider_server.ts";
import { drive, type Driven, type DriveOptions } from "./drive.ts";

const FILESYSTEM: ToolServer = {
  name: "filesystem",
  enabledTools: ["list_directory", "read_text_file"],
  transport: { kind: "catalog", args: [] },
};
const SCRIPT = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);

function badServer(mode: string, file = ""): ToolServer {
  return {
    name: "test",
    enabledTools: [],
    transport: {
      kind: "stdio",
      command: Deno.execPath(),
      args: ["run", "-q", "--no-config", "-A", SCRIPT, mode, file],
      env: {},
      cwd: "",
    },
  };
}

function planOf(overrides: Partial<AgentPlan>): AgentPlan {
  return {
    name: "librarian",
    instructions: "Answer from the files",
    model: { name: "script:bot.yaml", baseUrl: "" },
    mcpServers: [],
    limits: {
      ...AGENT_LIMITS_DEFAULT,
      maxTurns: 10,
      maxToolCallsPerTurn: 5,
      timeoutMs: 60_000,
    },
    subAgents: [],
    skills: [],
    history: [],
    input: null,
    message: "What is in the folder?",
    ...overrides,
  };
}

interface Ran extends Driven {
  readonly machine: Machine;
  readonly deltas: readonly ActivityDelta[];
}

/** Runs a plan in a folder that holds some files. */
async function run(
  plan: AgentPlan,
  options: {
    readonly files?: Readonly<Record<string, string>>;
    /** A folder that stays; one of its own when absent. */
    readonly folder?: string;
    readonly drive?: Partial<DriveOptions>;
    readonly toolCallTimeoutMs?: number;
  } = {},
): Promise<Ran> {
  const folder = options.folder ?? await makeFolder();
  const deltas: ActivityDelta[] = [];
  const { toolCallTimeoutMs = 20_000 } = options;
  const agents = createAgentActivities({
    host: systemHost(),
    toolCallTimeoutMs,
  });
  try {
    for (const [name, text] of Object.entries(options.files ?? {})) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    const machine = createAgentMachine(plan, { executionId: "aex-test" });
    const driven = await drive(machine, {
      activities: agents.activities,
      workingDirectory: folder,
      onDelta: (delta) => deltas.push(delta),
      variables: { ANTHROPIC_API_KEY: "a", OPENAI_API_KEY: "o" },
      ...options.drive,
    });
    return { ...driven, machine, deltas };
  } finally {
    await agents.close();
    if (options.folder === undefined) {
      await Deno.remove(folder, { recursive: true });
    }
  }
}

/** Makes a folder; its real path, as the filesystem server knows it. */
async function makeFolder(): Promise<string> {
  return await Deno.realPath(await Deno.makeTempDir());
}

const LIBRARIAN = `
turns:
  - say: Let me look.
    call: { tool: filesystem_list_directory, arguments: { path: "\${workingDirectory}" } }
  - when: { toolResult: { matches: '\\[FILE\\] (\\S+\\.txt)' } }
    call: { tool: filesystem_read_text_file, arguments: { path: "\${workingDirectory}/\${match.1}" } }
  - say: "The poem begins: \${toolResult}"
`;
const FILES = { "bot.yaml": LIBRARIAN, "poem.txt": "roses are red" };

Deno.test("an agent reads a real folder through the real filesystem server", async () => {
  const plan = planOf({ mcpServers: [FILESYSTEM] });
  const { end, machine, deltas } = await run(plan, { files: FILES });
  assert.deepEqual(end, {
    kind: "done",
    output: "The poem begins: roses are red",
  });
  assert.deepEqual(
    machine.tasks().map((it) => [it.path, it.kind, it.phase]),
    [
      ["/turn/1", "model turn", "COMPLETED"],
      ["/turn/1/tool/call-1-1", "tool call", "COMPLETED"],
      ["/turn/2", "model turn", "COMPLETED"],
      ["/turn/2/tool/call-2-1", "tool call", "COMPLETED"],
      ["/turn/3", "model turn", "COMPLETED"],
    ],
  );
  const { turns, toolCalls } = machine.usage?.() ?? {};
  assert.deepEqual([turns, toolCalls], [3, 2]);
  const text = deltas.map((delta) => delta.text).join("");
  assert.equal(text, "Let me look.The poem begins: roses are red");
});

Deno.test("an agent killed after any event answers the same and pays no turn twice", async () => {
  const plan = planOf({ mcpServers: [FILESYSTEM] });
  const folder = await makeFolder();
  try {
    const whole = await run(plan, { files: FILES, folder });
    assert(whole.journal.length > 10);
    for (let kept = 1; kept <= whole.journal.length; kept++) {
      const journal = whole.journal.slice(0, kept);
      const resumed = await run(plan, { folder, drive: { journal } });
      assert.deepEqual(resumed.end, whole.end, `after ${kept} events`);
      const done = journal.filter((it) => it.type === "TASK_COMPLETED")
        .map((it) => it.path);
      const again = done.filter((path) => resumed.ran.includes(path));
      assert.deepEqual(again, [], `after ${kept} events`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a call in flight at a crash runs again only when that does no harm", async () => {
  const folder = await Deno.makeTempDir();
  const script = (tool: string): string => `
turns:
  - call: { tool: test_${tool}, arguments: { text: x } }
  - say: "Got: \${toolResult}"
`;
  const cases = [["echo", /^Got: echo: x$/, 1], [
    "act",
    /interrupted by a crash .* whether it took effect is not known/,
    0,
  ]] as const;
  try {
    for (const [tool, answer, calls] of cases) {
      const file = `${folder}/${tool}`;
      const plan = planOf({ mcpServers: [badServer("good", file)] });
      const files = { "bot.yaml": script(tool) };
      const whole = await run(plan, { files });
      const started = whole.journal.findIndex((it) =>
        it.type === "TASK_STARTED" && it.path.includes("/tool/")
      );
      const journal = whole.journal.slice(0, started + 1);
      await Deno.writeTextFile(file, "");
      const { end } = await run(plan, { files, drive: { journal } });
      assert(end.kind === "done" && typeof end.output === "string");
      assert.match(end.output, answer);
      const log = await Deno.readTextFile(file);
      assert.equal(log.match(/^call /gm)?.length ?? 0, calls, tool);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

interface WireCase {
  readonly name: string;
  readonly serve: (replies: readonly WireReply[]) => ProviderServer;
  /** What two turns of 25 tokens read and 15 written cost, where it is known. */
  readonly costUsd?: number;
}

const WIRES: readonly WireCase[] = [
  {
    name: "anthropic/claude-sonnet-4-5",
    serve: serveAnthropic,
    costUsd: 0.0006,
  },
  { name: "openai/gpt-5.4", serve: serveOpenaiResponses, costUsd: 0.000575 },
  { name: "openai-compatible/any", serve: serveOpenaiChat },
  { name: "ollama/llama3.2", serve: serveOpenaiChat },
];

function modelAt(server: ProviderServer, name: string): AgentPlan["model"] {
  return { name, baseUrl: `${server.url}/v1` };
}

for (const { name, serve, costUsd } of WIRES) {
  Deno.test(`an agent on ${name} calls tools at once and answers`, async () => {
    await using server = serve([
      {
        kind: "answer",
        text: "Counting.",
        calls: [
          { id: "c1", name: "test_echo", argumentsText: '{"text":"one"}' },
          { id: "c2", name: "test_echo", argumentsText: '{"text":"two"}' },
          { id: "c3", name: "test_fail", argumentsText: "{}" },
          { id: "c4", name: "test_echo", argumentsText: '{"text":' },
          { id: "c5", name: "test_ecko", argumentsText: "{}" },
        ],
      },
      { kind: "answer", text: "All done." },
    ]);
    const { end, machine } = await run(planOf({
      model: modelAt(server, name),
      mcpServers: [badServer("good")],
    }));
    assert.deepEqual(end, { kind: "done", output: "All done." });
    assert.deepEqual(machine.usage?.(), {
      ...NO_USAGE,
      turns: 2,
      toolCalls: 5,
      inputTokens: 50,
      outputTokens: 30,
      ...(costUsd === undefined ? { unpricedTurns: 2 } : { costUsd }),
    });
    const body = server.requests[1]?.body;
    // One provider is given errors as JSON inside of JSON.
    const sent = JSON.stringify(body).replaceAll("\\", "");
    for (
      const part of [
        "echo: one",
        "echo: two",
        "it failed on purpose",
        'The arguments of "test_echo" are no JSON object',
        'There is no tool "test_ecko", did you mean "test_echo"',
      ]
    ) assert(sent.includes(part), part);
    const phases = machine.tasks().map((it) => it.phase);
    assert.deepEqual(phases, [
      "COMPLETED",
      ...phases.slice(1, -1),
      "COMPLETED",
    ]);
    assert.equal(phases.filter((it) => it === "FAILED").length, 3);
  });

  Deno.test(`an agent on ${name} without a valid key fails with authentication`, async () => {
    await using server = serve([{
      kind: "status",
      status: 401,
      body: anthropicError("authentication_error", "invalid x-api-key"),
    }]);
    const { end } = await run(planOf({ model: modelAt(server, name) }));
    assert(end.kind === "failed");
    assert.equal(end.failure.status, 401);
    assert.match(end.failure.type, /authentication$/);
  });

  Deno.test(`an agent on ${name} gives an object that fits its schema`, async () => {
    await using server = serve([
      { kind: "answer", text: "It is sunny!" },
      { kind: "answer", text: '```json\n{"city":"Bern"}\n```' },
      { kind: "answer", text: '{"city":"Bern","degrees":21}' },
    ]);
    const outputSchema = {
      type: "object",
      properties: { city: { type: "string" }, degrees: { type: "number" } },
      required: ["city", "degrees"],
    };
    const { end } = await run(
      planOf({ model: modelAt(server, name), outputSchema }),
    );
    assert.deepEqual(end, {
      kind: "done",
      output: { city: "Bern", degrees: 21 },
    });
    const sent = server.requests.map((it) => JSON.stringify(it.body));
    assert.match(sent[0] ?? "", /fits this JSON Schema/);
    assert.match(sent[1] ?? "", /it is no JSON/);
    assert.match(sent[2] ?? "", /missing \\"degrees\\"/);
  });
}

Deno.test("no provider is given a schema of anything but an object", async () => {
  for (const { name, serve } of WIRES) {
    await using server = serve([{ kind: "answer", text: "[1]" }]);
    const outputSchema = { type: "array", items: { type: "number" } };
    const { end } = await run(
      planOf({ model: modelAt(server, name), outputSchema }),
    );
    assert.deepEqual(end, { kind: "done", output: [1] }, name);
    const { text, response_format, output_format, output_config, tools } =
      server.requests[0]?.body ?? {};
    assert.equal(text?.format?.type, undefined, name);
    assert.deepEqual(
      [response_format, output_format, output_config, tools],
      [undefined, undefined, undefined, undefined],
      name,
    );
  }
});

Deno.test("an agent without a key fails, naming the model and the variable", async () => {
  const plan = planOf({ model: { name: "anthropic/x", baseUrl: "" } });
  const variables = { ANTHROPIC_API_KEY: "" };
  const key = Deno.env.get("ANTHROPIC_API_KEY");
  Deno.env.delete("ANTHROPIC_API_KEY");
  try {
    const { end } = await run(plan, { drive: { variables } });
    assert(end.kind === "failed");
    assert.match(end.failure.type, /authentication$/);
    assert.equal(
      end.failure.detail,
      'Cannot ask "anthropic/x": no key, set ANTHROPIC_API_KEY, or give it with --secret ANTHROPIC_API_KEY or in an environment',
    );
  } finally {
    if (key !== undefined) Deno.env.set("ANTHROPIC_API_KEY", key);
  }
});

Deno.test("an agent that never fits its schema fails, naming the keys", async () => {
  const plan = planOf({
    outputSchema: { type: "object", required: ["title", "diff"] },
  });
  const files = { "bot.yaml": 'turns: [{ say: "{}", repeat: true }]' };
  const { end, ran } = await run(plan, { files });
  assert(end.kind === "failed");
  assert.match(end.failure.type, /validation$/);
  assert.match(end.failure.detail, /after 4 answers: missing "title", "diff"/);
  assert.equal(ran.length, 4);
});

Deno.test("an endless tool loop ends at the cap on turns", async () => {
  await using server = serveAnthropic([{
    kind: "answer",
    calls: [{ id: "c1", name: "test_count", argumentsText: "{}" }],
  }]);
  const { end, ran } = await run(planOf({
    model: modelAt(server, "anthropic/x"),
    mcpServers: [badServer("good")],
    limits: {
      ...AGENT_LIMITS_DEFAULT,
      maxTurns: 4,
      maxToolCallsPerTurn: 5,
      timeoutMs: 60_000,
    },
  }));
  assert(end.kind === "failed");
  assert.equal(end.failure.type, LIMIT_TYPE);
  assert.match(end.failure.detail, /within 4 model turns, raise spec.limits/);
  assert.equal(server.requests.length, 4);
  assert.equal(ran.filter((path) => path.includes("/tool/")).length, 3);
});

Deno.test("too many tool calls in one turn are not made", async () => {
  await using server = serveAnthropic([{
    kind: "answer",
    calls: [1, 2, 3].map((id) => ({
      id: `c${id}`,
      name: "test_count",
      argumentsText: "{}",
    })),
  }]);
  const { end, ran } = await run(planOf({
    model: modelAt(server, "anthropic/x"),
    mcpServers: [badServer("good")],
    limits: {
      ...AGENT_LIMITS_DEFAULT,
      maxTurns: 4,
      maxToolCallsPerTurn: 2,
      timeoutMs: 60_000,
    },
  }));
  assert(end.kind === "failed");
  assert.equal(end.failure.type, LIMIT_TYPE);
  assert.match(end.failure.detail, /3 tool calls in one turn, at most 2/);
  assert.deepEqual(ran, ["/turn/1"]);
});

const TOOL_TROUBLE: readonly (readonly [string, RegExp])[] = [
  ["crash", /ended with exit code 3.*a disk is on fire/s],
  ["hang", /did not answer within 0.3 s/],
  ["garbage", /100 lines that are no messages/],
];

for (const [mode, message] of TOOL_TROUBLE) {
  Deno.test(`an agent whose tool server is in mode ${mode} is told and goes on`, async () => {
    const script = `
turns:
  - call: { tool: test_echo, arguments: { text: x } }
  - say: "The tool said: \${toolResult}"
`;
    const { end, machine } = await run(
      planOf({ mcpServers: [badServer(mode)] }),
      {
        files: { "bot.yaml": script },
        toolCallTimeoutMs: mode === "hang" ? 300 : 20_000,
      },
    );
    assert(end.kind === "done" && typeof end.output === "string");
    assert.match(end.output, message);
    assert.equal(machine.tasks()[1]?.phase, "FAILED");
  });
}

Deno.test("an agent whose tool server cannot start fails, saying why", async () => {
  const { end } = await run(
    planOf({ mcpServers: [badServer("crash-at-start")] }),
    { files: FILES },
  );
  assert(end.kind === "failed");
  assert.match(end.failure.detail, /exit code 7.*no configuration found/s);
});

Deno.test("an agent without a reachable script fails, naming the path", async () => {
  const { end } = await run(planOf({}));
  assert(end.kind === "failed");
  assert.match(end.failure.type, /configuration$/);
  assert.match(end.failure.detail, /Cannot read script ".*\/bot.yaml"/);
});

Deno.test("an abort leaves the model's stream at once", async () => {
  await using server = serveAnthropic([
    { kind: "hanging", text: "It holds a very long poem." },
  ]);
  const stop = new AbortController();
  const running = run(planOf({ model: modelAt(server, "anthropic/x") }), {
    drive: {
      signal: stop.signal,
      onDelta: () => stop.abort(new Error("enough")),
    },
  });
  await assert.rejects(running, /enough/);
  await server.abandoned;
});

Deno.test("a large tool result is journalled whole and shown with a note", async () => {
  const script = `
turns:
  - call: { tool: test_echo, arguments: {} }
  - say: "\${toolResult}"
`;
  const { end, journal } = await run(
    planOf({ mcpServers: [badServer("big")] }),
    { files: { "bot.yaml": script } },
  );
  assert(end.kind === "done" && typeof end.output === "string");
  assert.match(
    end.output.slice(-100),
    /\[5042880 of 5242880 characters are not shown: ask the tool for less\]$/,
  );
  const kept = journal.find((it) =>
    it.type === "TASK_COMPLETED" && it.path.includes("/tool/")
  );
  assert(JSON.stringify(kept?.data).length > 5 * 1024 * 1024);
});

Deno.test("an agent knows the earlier messages of its session", async () => {
  await using server = serveOpenaiChat([{ kind: "answer", text: "Ada." }]);
  const { end } = await run(planOf({
    model: modelAt(server, "ollama/x"),
    history: [
      { role: "user", text: "I am Ada" },
      { role: "assistant", text: "Hello Ada" },
    ],
    message: "Who am I?",
    input: { mood: "curious" },
  }));
  assert.equal(end.kind, "done");
  const { messages } = server.requests[0]?.body ?? {};
  assert.deepEqual(
    messages.map((it: { role: string }) => it.role),
    ["system", "user", "assistant", "user"],
  );
  assert.match(JSON.stringify(messages[3]), /Who am I.*Input.*curious/);
});

Deno.test("an agent without a message is given its input as JSON", async () => {
  await using server = serveOpenaiChat([{ kind: "answer", text: "ok" }]);
  const { message: _, ...plan } = planOf({
    model: modelAt(server, "ollama/x"),
    input: { diff: "+1 -1" },
  });
  await run(plan);
  const { messages } = server.requests[0]?.body ?? {};
  const { content } = messages[1];
  const text = typeof content === "string" ? content : content[0].text;
  assert.deepEqual(JSON.parse(text), { diff: "+1 -1" });
});
