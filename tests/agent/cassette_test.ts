import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  Phase,
  type Usage,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  type Cassette,
  recordCassette,
  replayCassette,
} from "../../src/backend/cassette.ts";
import { type BackendClient, openBackend } from "../../src/backend/open.ts";
import { jsonOfValue } from "../../src/backend/proto_json.ts";
import type { Host } from "../../src/host/host.ts";
import { systemHost } from "../../src/host/system.ts";
import type { ModelTape } from "../../src/llm/cassette.ts";
import type { ModelTurn } from "../../src/llm/model_turn.ts";
import type { Json } from "../../src/model/json.ts";
import { anthropicError, serveAnthropic } from "../servers/anthropic.ts";
import { serveOpenaiChat } from "../servers/openai_chat.ts";
import { serveOpenaiResponses } from "../servers/openai_responses.ts";
import type { ProviderServer, WireReply } from "../servers/provider_server.ts";

type Request = Parameters<BackendClient["createExecution"]>[0];

const TOOL_SERVER = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);
const KEYS: Readonly<Record<string, string>> = {
  ANTHROPIC_API_KEY: "key-a",
  OPENAI_API_KEY: "key-o",
};

/** The real machine with keys of providers, and nothing else of its own. */
function onlineHost(): Host {
  return { ...systemHost(), env: { get: (name) => KEYS[name] } };
}

/** The real machine without a network and without keys. */
function offlineHost(): Host {
  const refuse = (): never => {
    throw new Error("the network was used");
  };
  return {
    ...systemHost(),
    env: { get: () => undefined },
    network: {
      fetch: refuse,
      addressesOf: refuse,
      openSocket: refuse,
      openHttpClient: refuse,
      serveHttp: refuse,
      serveHttp2: refuse,
      certificateEndsAtMs: refuse,
    },
  };
}

interface Done {
  readonly phase: Phase | undefined;
  readonly output: Json;
  readonly detail: string;
  readonly usage: Usage | undefined;
}

/** Runs something in a home of its own, with a cassette. */
async function run(
  request: Request,
  from: { readonly host: Host; readonly cassette: Cassette },
): Promise<Done> {
  const home = await Deno.makeTempDir({ prefix: "stigmer-cassette-" });
  try {
    const { host, cassette } = from;
    await using backend = await openBackend({
      home,
      host,
      tape: cassette.tape,
    });
    const { client } = backend;
    const made = await client.createExecution(request);
    const id = made.execution?.metadata?.id ?? "";
    for await (const _ of client.watchExecution({ id }));
    const { execution } = await client.getExecution({ id });
    const status = execution?.status;
    return {
      phase: status?.phase,
      output: jsonOfValue(status?.output, { absent: null, what: "it" }),
      detail: status?.error?.detail ?? "",
      usage: status?.usage,
    };
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** A file for a cassette, removed in the end. */
async function temporaryFile(
  name: string,
): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-cassette-" });
  return {
    path: `${folder}/${name}`,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function agentOf(model: object, more: object = {}): Request {
  const spec = {
    instructions: "Be brief.\nSay what you know.",
    model,
    mcpServers: [{
      name: "box",
      transport: {
        case: "stdio" as const,
        value: {
          command: Deno.execPath(),
          args: ["run", "-q", "--no-config", "-A", TOOL_SERVER, "good"],
        },
      },
    }],
    ...more,
  };
  const value = { metadata: { name: "bot" }, spec };
  return {
    kind: "Agent",
    name: "bot",
    message: "What do you hear?",
    definitions: [{ resource: { case: "agent", value } }],
  };
}

interface Provider {
  readonly model: string;
  readonly serve: (replies: readonly WireReply[]) => ProviderServer;
}

const PROVIDERS: readonly Provider[] = [
  { model: "anthropic/claude-sonnet-4-5", serve: serveAnthropic },
  { model: "openai/gpt-4.1", serve: serveOpenaiResponses },
  { model: "openai-compatible/any", serve: serveOpenaiChat },
  { model: "ollama/llama3.2", serve: serveOpenaiChat },
];

for (const [i, { model, serve }] of PROVIDERS.entries()) {
  const name = i % 2 === 0 ? "c.yaml" : "c.json";
  Deno.test(`what ${model} answered is replayed without it, from ${name}`, async () => {
    await using file = await temporaryFile(name);
    await using server = serve([
      {
        kind: "answer",
        text: "Let me listen.",
        calls: [{
          id: "call_1",
          name: "box_echo",
          argumentsText: '{"text":"rain"}',
        }],
      },
      { kind: "answer", text: "I hear rain." },
    ]);
    const request = agentOf({ name: model, baseUrl: `${server.url}/v1` });
    const host = onlineHost();
    const recorder = recordCassette(host, file.path);
    const first = await run(request, { host, cassette: recorder });
    assert.equal(first.output, "I hear rain.", first.detail);
    const recorded = await recorder.finish();
    assert.deepEqual(recorded, { kind: "recorded", exchanges: 2 });
    assert.equal(server.requests.length, 2);

    const text = await Deno.readTextFile(file.path);
    for (const said of ["box_echo", "I hear rain.", "Say what you know."]) {
      assert(text.includes(said), said);
    }
    for (const hidden of ["key-a", "key-o", server.url]) {
      assert(!text.includes(hidden), hidden);
    }

    const offline = offlineHost();
    const player = await replayCassette(offline, file.path);
    const again = await run(request, { host: offline, cassette: player });
    assert.deepEqual(again, first);
    const end = await player.finish();
    assert.deepEqual(end, { kind: "replayed", exchanges: 2 });
    assert.equal(server.requests.length, 2);
  });
}

Deno.test("a changed agent fails its replay, with what differs", async () => {
  await using file = await temporaryFile("c.yaml");
  await using server = serveAnthropic([{ kind: "answer", text: "Rain." }]);
  const model = { name: "anthropic/x", baseUrl: `${server.url}/v1` };
  const host = onlineHost();
  const recorder = recordCassette(host, file.path);
  await run(agentOf(model), { host, cassette: recorder });
  await recorder.finish();

  const changes: readonly (readonly [Request, RegExp])[] = [
    [
      agentOf(model, { instructions: "Be brief.\nSay what you see." }),
      /--- cassette\/instructions\n\+\+\+ run\/instructions\n@@ .*\n Be brief.\n-Say what you know.\n\+Say what you see.\n$/,
    ],
    [
      { ...agentOf(model), message: "What do you smell?" },
      /-.*What do you hear\?\n\+.*What do you smell\?\n/,
    ],
    [agentOf({ ...model, temperature: 0.5 }), /\+temperature: 0.5\n/],
    [
      agentOf(model, { mcpServers: [] }),
      /--- cassette\/tools\n[^]*-.*box_echo/,
    ],
  ];
  for (const [request, diff] of changes) {
    const offline = offlineHost();
    const player = await replayCassette(offline, file.path);
    const done = await run(request, { host: offline, cassette: player });
    assert.equal(done.phase, Phase.FAILED);
    assert.match(done.detail, /^Cannot replay: at "\/turn\/1" the model is/);
    const end = await player.finish();
    assert(end.kind === "different");
    assert.match(end.diff, diff);
  }
});

Deno.test("a failed run is recorded, and its replay fails alike", async () => {
  await using file = await temporaryFile("c.yaml");
  await using server = serveAnthropic([{
    kind: "status",
    status: 400,
    body: anthropicError("invalid_request_error", "Not today"),
  }]);
  const request = agentOf({
    name: "anthropic/x",
    baseUrl: `${server.url}/v1`,
  });
  const host = onlineHost();
  const recorder = recordCassette(host, file.path);
  const first = await run(request, { host, cassette: recorder });
  assert.equal(first.phase, Phase.FAILED);
  await recorder.finish();

  const offline = offlineHost();
  const player = await replayCassette(offline, file.path);
  const again = await run(request, { host: offline, cassette: player });
  assert.deepEqual(again, first);
  assert.equal((await player.finish()).kind, "replayed");
});

/** Asks two agents at once and a model by itself, which must be asked again. */
function flowOf(folder: string): Request {
  const ask = (message: string) => ({
    call: "agent",
    with: { agent: "bot", message },
  });
  const spec = {
    document: { dsl: "1.0.0", namespace: "t", name: "flow", version: "1.0.0" },
    do: [
      {
        both: {
          fork: { branches: [{ a: ask("one") }, { b: ask("two") }] },
        },
      },
      {
        count: {
          call: "llm",
          with: {
            model: `script:${folder}/count.script.yaml`,
            prompt: "How many?",
            schema: { type: "integer" },
          },
        },
      },
    ],
  };
  const bot = {
    metadata: { name: "bot" },
    spec: {
      instructions: "Answer what you are asked",
      model: { name: `script:${folder}/bot.script.yaml` },
    },
  };
  return {
    kind: "Workflow",
    name: "flow",
    definitions: [
      {
        resource: {
          case: "workflow",
          value: { metadata: { name: "flow" }, spec },
        },
      },
      { resource: { case: "agent", value: bot } },
    ],
  };
}

/** Makes one of the two agents slower than the other. */
function scriptFor(slow: string): string {
  return `turns:
  - { when: { message: { contains: ${slow} } }, say: "slow", delayMs: 30, repeat: true }
  - { say: "fast", repeat: true }
`;
}

Deno.test("agents that are asked at once are recorded by their tasks", async () => {
  await using file = await temporaryFile("c.yaml");
  const folder = file.path.slice(0, file.path.lastIndexOf("/"));
  await Deno.writeTextFile(
    `${folder}/count.script.yaml`,
    'turns: [{ say: "many" }, { say: "2" }]\n',
  );
  const texts: string[] = [];
  for (const slow of ["one", "two"]) {
    await Deno.writeTextFile(`${folder}/bot.script.yaml`, scriptFor(slow));
    const host = onlineHost();
    const recorder = recordCassette(host, file.path);
    const done = await run(flowOf(folder), { host, cassette: recorder });
    assert.equal(done.output, 2, done.detail);
    await recorder.finish();
    texts.push(await Deno.readTextFile(file.path));
  }
  const places = texts.map((it) =>
    [...it.matchAll(/ at: "?([^"\n]+)/g)].map((match) => match[1])
  );
  assert.deepEqual(places[1], places[0]);
  assert.equal(places[0]?.length, 4);
  assert.equal(places[0]?.[3], "/do/1/count#2");

  // The scripts are gone, and each task gets its own answer all the same.
  await Deno.remove(`${folder}/bot.script.yaml`);
  await Deno.remove(`${folder}/count.script.yaml`);
  const offline = offlineHost();
  const player = await replayCassette(offline, file.path);
  const request = flowOf(folder);
  const again = await run(request, { host: offline, cassette: player });
  assert.equal(again.output, 2, again.detail);
  const end = await player.finish();
  assert.deepEqual(end, { kind: "replayed", exchanges: 4 });
});

Deno.test("the same run is recorded as the same bytes", async () => {
  await using file = await temporaryFile("c.yaml");
  const folder = file.path.slice(0, file.path.lastIndexOf("/"));
  await Deno.writeTextFile(`${folder}/s.yaml`, scriptFor("none"));
  const request = agentOf({ name: `script:${folder}/s.yaml` });
  const texts: string[] = [];
  for (let i = 0; i < 2; i++) {
    const host = onlineHost();
    const recorder = recordCassette(host, file.path);
    await run(request, { host, cassette: recorder });
    await recorder.finish();
    texts.push(await Deno.readTextFile(file.path));
  }
  assert.equal(texts[1], texts[0]);
});

Deno.test("a cassette that cannot be is refused before anything is paid for", async () => {
  await using file = await temporaryFile("c.yaml");
  const folder = file.path.slice(0, file.path.lastIndexOf("/"));
  const host = onlineHost();
  assert.throws(() => recordCassette(host, folder), /it is a folder/);
  assert.throws(
    () => recordCassette(host, `${folder}/no/c.yaml`),
    /there is no folder/,
  );
  await assert.rejects(replayCassette(host, file.path), /no such file/);
  await assert.rejects(replayCassette(host, folder), /it is a folder/);
});

function documentOf(
  name: string,
  tasks: readonly Json[],
): NonNullable<Request["definitions"]>[number] {
  const document = { dsl: "1.0.0", namespace: "t", name, version: "1.0.0" };
  const spec = { document, do: JSON.parse(JSON.stringify(tasks)) };
  return {
    resource: { case: "workflow", value: { metadata: { name }, spec } },
  };
}

Deno.test("a question is asked with the tasks above it, and with none where nobody waits", async () => {
  const ask = {
    ask: { call: "llm", with: { model: "ollama/y", prompt: "Hi" } },
  };
  const start = (name: string, more: Record<string, Json> = {}): Json => ({
    run: { workflow: { namespace: "t", name, version: "1.0.0" }, ...more },
  });
  const request: Request = {
    kind: "Workflow",
    name: "outer",
    definitions: [
      documentOf("outer", [
        { nested: start("inner") },
        { alone: start("inner", { await: false }) },
      ]),
      documentOf("inner", [ask]),
    ],
  };
  const heard: (readonly [string | undefined, string])[] = [];
  const { promise: both, resolve, reject } = Promise.withResolvers<void>();
  const tape: ModelTape = {
    asksModels: false,
    exchange({ lineage, path }) {
      const above = lineage?.map((step) => step.path).join(" > ");
      heard.push([above, path]);
      if (heard.length === 2) resolve();
      const turn: ModelTurn = {
        content: [{ type: "text", text: "Hello" }],
        text: "Hello",
        toolCalls: [],
        finishReason: "stop",
        inputTokens: 0,
        outputTokens: 0,
      };
      return Promise.resolve({ kind: "turn", model: "x/y", turn });
    },
  };
  const home = await Deno.makeTempDir({ prefix: "stigmer-cassette-" });
  try {
    await using backend = await openBackend({
      home,
      host: offlineHost(),
      tape,
    });
    await backend.client.createExecution(request);
    const late = setTimeout(() => reject(new Error("never asked")), 30_000);
    await both.finally(() => clearTimeout(late));
  } finally {
    await Deno.remove(home, { recursive: true });
  }
  assert.deepEqual(heard, [
    [" > /do/0/nested", "/do/0/ask"],
    [undefined, "/do/0/ask"],
  ]);
});
