import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createAgentActivities } from "../../src/agent/activities.ts";
import { createAgentMachine } from "../../src/agent/machine.ts";
import { AGENT_LIMITS_DEFAULT, type AgentPlan } from "../../src/agent/plan.ts";
import { systemHost } from "../../src/host/system.ts";
import type { ToolServer } from "../../src/mcp/server.ts";
import type { JournalEvent } from "../../src/model/durable.ts";
import type { Json } from "../../src/model/json.ts";
import type { RunSecrets } from "../../src/model/mask.ts";
import { sealedReference } from "../../src/model/sealed.ts";
import { createMask } from "../../src/vault/mask.ts";
import { serveAnthropic } from "../servers/anthropic.ts";
import { serveOpenaiChat } from "../servers/openai_chat.ts";
import { serveOpenaiResponses } from "../servers/openai_responses.ts";
import type { ProviderServer, WireReply } from "../servers/provider_server.ts";
import { drive, type Driven } from "./drive.ts";

const TOOLS = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);
const MARK = "00112233445566778899aabbccddeeff";
/** A value that JSON writes otherwise than it is. */
const VALUE = 'p4ss "quoted"\nand more';
const KEY = "key-of-the-provider-0815";
const TOKEN = "token-of-the-server-4711";
const REFERENCE = sealedReference(MARK, "^0");

interface WireCase {
  readonly name: string;
  /** The secret that is its key, where it has one. */
  readonly key: string | undefined;
  readonly serve: (replies: readonly WireReply[]) => ProviderServer;
}

const WIRES: readonly WireCase[] = [
  {
    name: "anthropic/claude-sonnet-4-5",
    key: "ANTHROPIC_API_KEY",
    serve: serveAnthropic,
  },
  {
    name: "openai/gpt-5.4",
    key: "OPENAI_API_KEY",
    serve: serveOpenaiResponses,
  },
  {
    name: "openai-compatible/any",
    key: "OPENAI_COMPATIBLE_API_KEY",
    serve: serveOpenaiChat,
  },
  { name: "ollama/llama3.2", key: undefined, serve: serveOpenaiChat },
];

/** What a run may open, with what was asked for. */
function runSecrets(
  values: Readonly<Record<string, Json>>,
): RunSecrets & { readonly opened: string[] } {
  const opened: string[] = [];
  const mask = createMask(values, { mark: MARK });
  return {
    opened,
    names: Object.keys(values),
    open(names, { path }) {
      opened.push(...names.map((name) => `${name} for ${path}`));
      return Promise.resolve(
        Object.fromEntries(names.map((name) => [name, values[name] ?? null])),
      );
    },
    mask: () => Promise.resolve(mask),
  };
}

function serverOf(mode: string, log = ""): ToolServer {
  return {
    name: "test",
    enabledTools: [],
    transport: {
      kind: "stdio",
      command: Deno.execPath(),
      args: ["run", "-q", "--no-config", "-A", TOOLS, mode, log],
      env: { MY_TOKEN: "${TOKEN}" },
      cwd: "",
    },
  };
}

function planOf(overrides: Partial<AgentPlan>): AgentPlan {
  return {
    name: "keeper",
    instructions: "Keep it",
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
    input: { login: { key: REFERENCE } },
    message: `Log in with "${REFERENCE}" now`,
    sealMark: MARK,
    ...overrides,
  };
}

async function run(
  plan: AgentPlan,
  options: {
    readonly secrets: RunSecrets;
    readonly folder?: string;
    readonly journal?: readonly JournalEvent[];
  },
): Promise<Driven> {
  const agents = createAgentActivities({ host: systemHost() });
  const { secrets, folder = "/", journal = [] } = options;
  try {
    return await drive(createAgentMachine(plan, { executionId: "aex-1" }), {
      activities: agents.activities,
      secrets,
      workingDirectory: folder,
      journal,
    });
  } finally {
    await agents.close();
  }
}

/** All texts of a request, unescaped. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") {
    try {
      // Some providers carry JSON in texts.
      const inner: unknown = JSON.parse(value);
      return typeof inner === "object" ? [value, ...textsOf(inner)] : [value];
    } catch {
      return [value];
    }
  }
  return typeof value === "object" && value !== null
    ? Object.values(value).flatMap(textsOf)
    : [];
}

function assertNowhere(journal: readonly JournalEvent[]): void {
  const text = JSON.stringify(journal);
  for (const part of ["p4ss", "quoted", "and more", KEY, TOKEN]) {
    assert.ok(!text.includes(part), `the journal has ${part}`);
  }
}

async function withFolder(use: (folder: string) => Promise<void>) {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const { name, key, serve } of WIRES) {
  Deno.test(`${name} is told what is sealed, and the journal is not`, async () => {
    await withFolder(async (folder) => {
      await using provider = serve([
        {
          kind: "answer",
          text: `I take ${VALUE} along.`,
          calls: [{
            id: "c1",
            name: "test_echo",
            argumentsText: JSON.stringify({ text: `is ${VALUE}` }),
          }],
        },
        { kind: "answer", text: `It was ${VALUE}.` },
      ]);
      const secrets = runSecrets({
        "^0": VALUE,
        TOKEN,
        ...(key === undefined ? {} : { [key]: KEY }),
        OTHER: "never-asked-for-this",
      });
      const log = `${folder}/log`;
      const { end, journal } = await run(
        planOf({
          model: { name, baseUrl: `${provider.url}/v1` },
          mcpServers: [serverOf("good", log)],
        }),
        { secrets, folder },
      );
      assert.deepEqual(end, { kind: "done", output: "It was ***." });
      assertNowhere(journal);
      const [first, second] = provider.requests.map(({ body, headers }) => ({
        texts: textsOf(body),
        headers: [...headers.values()],
      }));
      const request = `Log in with "${VALUE}" now\n\nInput:\n` +
        JSON.stringify({ login: { key: VALUE } }, null, 2);
      assert.ok(first?.texts.includes(request));
      assert.equal(
        first?.headers.some((it) => it.includes(KEY)),
        key !== undefined,
      );
      // What the model said and called comes back to it as it was.
      assert.ok(second?.texts.some((it) => it.includes(`take ${VALUE} along`)));
      assert.ok(second?.texts.includes(`is ${VALUE}`));
      // What a tool returns is for the model what it is for everyone.
      assert.ok(second?.texts.includes("echo: is ***"));
      const sent = JSON.stringify(provider.requests.map((it) => it.body));
      assert.ok(!sent.includes("‹sealed"), "a reference was sent");
      assert.match(
        await Deno.readTextFile(log),
        /^call echo is p4ss "quoted"\nand more$/m,
      );
      assert.ok(!secrets.opened.some((it) => it.startsWith("OTHER")));
      assert.ok(secrets.opened.includes("^0 for /turn/1/tool/c1"));
    });
  });
}

Deno.test("an agent with a sealed input, killed after any event, answers the same", async () => {
  const script = `
turns:
  - say: "Got \${input.login.key}"
    call: { tool: test_echo, arguments: { text: "\${input.login.key}" } }
  - say: "Done with \${toolResult}: \${input.login.key}"
`;
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/bot.yaml`, script);
    const plan = planOf({ mcpServers: [serverOf("good")] });
    const secrets = runSecrets({ "^0": VALUE, TOKEN });
    const whole = await run(plan, { secrets, folder });
    assert.deepEqual(whole.end, {
      kind: "done",
      output: "Done with echo: ***: ***",
    });
    assertNowhere(whole.journal);
    assert.ok(whole.journal.length >= 8);
    for (let kept = 1; kept <= whole.journal.length; kept++) {
      const journal = whole.journal.slice(0, kept);
      const resumed = await run(plan, { secrets, folder, journal });
      assert.deepEqual(resumed.end, whole.end, `after ${kept} events`);
      assertNowhere(resumed.journal);
      const done = journal.filter((it) => it.type === "TASK_COMPLETED")
        .map((it) => it.path);
      const again = done.filter((path) => resumed.ran.includes(path));
      assert.deepEqual(again, [], `after ${kept} events`);
    }
  });
});

Deno.test("a structured answer with what is sealed fits its schema, and shows ***", async () => {
  await using provider = serveOpenaiResponses([
    { kind: "answer", text: JSON.stringify({ key: "short-one", n: 1 }) },
  ]);
  const { end, journal } = await run(
    planOf({
      model: { name: "openai/gpt-5.4", baseUrl: `${provider.url}/v1` },
      outputSchema: { type: "object", required: ["key"] },
    }),
    { secrets: runSecrets({ "^0": "short-one", OPENAI_API_KEY: KEY }) },
  );
  assert.deepEqual(end, { kind: "done", output: { key: "***", n: 1 } });
  assert.ok(!JSON.stringify(journal).includes("short-one"));
});

Deno.test("an object that is sealed is told as one, and its texts may be passed on", async () => {
  await withFolder(async (folder) => {
    await using provider = serveAnthropic([
      {
        kind: "answer",
        calls: [{
          id: "c1",
          name: "test_echo",
          argumentsText: '{"text":"s3cret-pass"}',
        }],
      },
      { kind: "answer", text: "As s3cret-user." },
    ]);
    const account = { user: "s3cret-user", password: "s3cret-pass" };
    const log = `${folder}/log`;
    const { end, journal } = await run(
      planOf({
        model: { name: "anthropic/x", baseUrl: `${provider.url}/v1` },
        mcpServers: [serverOf("good", log)],
      }),
      { secrets: runSecrets({ "^0": account, TOKEN, ANTHROPIC_API_KEY: KEY }) },
    );
    assert.deepEqual(end, { kind: "done", output: "As ***." });
    assert.ok(!JSON.stringify(journal).includes("s3cret-"));
    const [request] = provider.requests;
    const told = textsOf(request?.body).find((it) => it.includes("Input:"));
    const [, input = ""] = String(told).split("Input:\n");
    assert.deepEqual(JSON.parse(input), { login: { key: account } });
    assert.match(await Deno.readTextFile(log), /^call echo s3cret-pass$/m);
  });
});

Deno.test("a model is not told what a server says of its secrets", async () => {
  await using provider = serveAnthropic([{ kind: "answer", text: "Fine." }]);
  const { end } = await run(
    planOf({
      model: { name: "anthropic/x", baseUrl: `${provider.url}/v1` },
      mcpServers: [serverOf("tell")],
    }),
    { secrets: runSecrets({ "^0": VALUE, TOKEN, ANTHROPIC_API_KEY: KEY }) },
  );
  assert.deepEqual(end, { kind: "done", output: "Fine." });
  const sent = JSON.stringify(provider.requests[0]?.body);
  assert.match(sent, /Does echo with \*\*\*/);
  assert.ok(!sent.includes(TOKEN));
});

Deno.test("a failure of a provider that tells the key does not tell it on", async () => {
  await using provider = serveAnthropic([{
    kind: "status",
    status: 401,
    body: {
      type: "error",
      error: { type: "authentication_error", message: `bad key ${KEY}` },
    },
  }]);
  const { end, journal } = await run(
    planOf({ model: { name: "anthropic/x", baseUrl: `${provider.url}/v1` } }),
    { secrets: runSecrets({ "^0": VALUE, ANTHROPIC_API_KEY: KEY }) },
  );
  assert.ok(end.kind === "failed");
  assert.match(end.failure.detail, /bad key \*\*\*/);
  assertNowhere(journal);
});

Deno.test("secrets that are words of the protocol break no turn and no reference", async () => {
  await withFolder(async (folder) => {
    await using provider = serveAnthropic([
      {
        kind: "answer",
        text: `sealed 5566 stop name test ${VALUE}.`,
        calls: [{
          id: "call-1",
          name: "test_echo",
          argumentsText: JSON.stringify({ text: VALUE }),
        }],
      },
      { kind: "answer", text: `Done with name and ${VALUE}` },
    ]);
    const log = `${folder}/log`;
    const words = ["sealed", "5566", "stop", "name", "test", "call", "echo"];
    const { end, journal } = await run(
      planOf({
        model: { name: "anthropic/x", baseUrl: `${provider.url}/v1` },
        mcpServers: [serverOf("good", log)],
      }),
      {
        secrets: runSecrets({
          "^0": VALUE,
          TOKEN,
          ANTHROPIC_API_KEY: KEY,
          ...Object.fromEntries(words.map((it) => [it.toUpperCase(), it])),
        }),
        folder,
      },
    );
    assert.deepEqual(end, { kind: "done", output: "Done with *** and ***" });
    assertNowhere(journal);
    assert.match(
      await Deno.readTextFile(log),
      /^call echo p4ss "quoted"\nand more$/m,
    );
    const turn = journal.find((it) => it.type === "TASK_COMPLETED")?.data;
    assert.equal(
      JSON.parse(JSON.stringify(turn)).text,
      `*** *** *** *** *** ${REFERENCE}.`,
    );
  });
});

Deno.test("a script that has no answer quotes no half of a secret", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/bot.yaml`,
      "turns:\n  - { when: { message: never }, say: hm }\n",
    );
    const { end, journal } = await run(
      planOf({ message: `${"x".repeat(190)}${REFERENCE}` }),
      { secrets: runSecrets({ "^0": VALUE }), folder },
    );
    assert.ok(end.kind === "failed");
    assert.match(end.failure.detail, /no turn left for message "x{190}\*\*\*/);
    assertNowhere(journal);
  });
});
