import assert from "node:assert/strict";
import {
  anthropicError,
  serveAnthropic,
} from "../../tests/servers/anthropic.ts";
import { serveOpenaiChat } from "../../tests/servers/openai_chat.ts";
import { serveOpenaiResponses } from "../../tests/servers/openai_responses.ts";
import type {
  ProviderServer,
  WireReply,
} from "../../tests/servers/provider_server.ts";
import type { Host } from "../host/host.ts";
import { systemHost } from "../host/system.ts";
import type { CallOptions } from "./model.ts";
import { openModel } from "./open.ts";
import { MODEL_ATTEMPTS_MAX, runTurn, type TurnOutcome } from "./turn.ts";

interface Asked {
  readonly outcome: TurnOutcome;
  readonly deltas: readonly string[];
  readonly notices: readonly string[];
  /** The waits between attempts, which take no time here. */
  readonly waits: readonly number[];
}

/** The real machine, whose sleeps are over at once. */
function hurriedHost(waits: number[]): Host {
  const host = systemHost();
  const sleep = (delayMs: number, signal?: AbortSignal): Promise<void> => {
    waits.push(delayMs);
    signal?.throwIfAborted();
    return Promise.resolve();
  };
  return {
    ...host,
    env: { get: () => undefined },
    clock: { ...host.clock, sleep },
  };
}

const PROMPT: CallOptions["prompt"] = [
  { role: "system", content: "Be brief" },
  { role: "user", content: [{ type: "text", text: "What is in a.txt?" }] },
];
const TOOLS: NonNullable<CallOptions["tools"]> = [{
  type: "function",
  name: "files_read",
  description: "Reads a file",
  inputSchema: { type: "object", properties: { path: { type: "string" } } },
}];
const KEYS = { ANTHROPIC_API_KEY: "key-a", OPENAI_API_KEY: "key-o" };

async function ask(
  server: ProviderServer,
  name: string,
  options: {
    readonly signal?: AbortSignal;
    readonly onDelta?: (text: string) => void;
    readonly prompt?: CallOptions["prompt"];
    /** Lets every timer ring that early. */
    readonly timerMsMax?: number;
  } = {},
): Promise<Asked> {
  const waits: number[] = [];
  const deltas: string[] = [];
  const notices: string[] = [];
  const host = hurriedHost(waits);
  const signal = options.signal ?? new AbortController().signal;
  const opened = await openModel(
    { name, baseUrl: `${server.url}/v1`, temperature: 0.5 },
    { host, variables: KEYS, workingDirectory: "/", input: null },
    signal,
  );
  const outcome = await runTurn(opened, {
    call: {
      prompt: options.prompt ?? PROMPT,
      tools: TOOLS,
      ...(opened.providerOptions === undefined
        ? {}
        : { providerOptions: opened.providerOptions }),
    },
    clock: {
      ...host.clock,
      timer: (delayMs, callback) =>
        host.clock.timer(
          Math.min(delayMs, options.timerMsMax ?? delayMs),
          callback,
        ),
    },
    random: host.random,
    signal,
    onText(text) {
      deltas.push(text);
      options.onDelta?.(text);
    },
    onNotice: (text) => notices.push(text),
  });
  return { outcome, deltas, notices, waits };
}

interface Provider {
  readonly name: string;
  readonly path: string;
  readonly key: readonly [header: string, value: string] | undefined;
  readonly serve: (replies: readonly WireReply[]) => ProviderServer;
}

const PROVIDERS: readonly Provider[] = [
  {
    name: "anthropic/claude-sonnet-4-5",
    path: "/v1/messages",
    key: ["x-api-key", "key-a"],
    serve: serveAnthropic,
  },
  {
    name: "openai/gpt-4.1",
    path: "/v1/responses",
    key: ["authorization", "Bearer key-o"],
    serve: serveOpenaiResponses,
  },
  {
    name: "openai-compatible/any",
    path: "/v1/chat/completions",
    key: undefined,
    serve: serveOpenaiChat,
  },
  {
    name: "ollama/llama3.2",
    path: "/v1/chat/completions",
    key: undefined,
    serve: serveOpenaiChat,
  },
];

for (const provider of PROVIDERS) {
  const { name, path, key, serve } = provider;

  Deno.test(`runTurn() streams text and usage of ${name}`, async () => {
    await using server = serve([{ kind: "answer", text: "It holds a poem." }]);
    const { outcome, deltas } = await ask(server, name);
    assert(outcome.kind === "turn");
    assert.equal(outcome.turn.text, "It holds a poem.");
    assert.equal(outcome.turn.finishReason, "stop");
    assert.equal(outcome.turn.inputTokens, 25);
    assert.equal(outcome.turn.outputTokens, 15);
    assert(deltas.length > 1, "text comes in pieces");
    assert.equal(deltas.join(""), "It holds a poem.");
    assert.equal(server.requests[0]?.path, path);
    if (key) assert.equal(server.requests[0]?.headers.get(key[0]), key[1]);
  });

  Deno.test(`runTurn() takes tool calls of ${name} and gives them back`, async () => {
    await using server = serve([
      {
        kind: "answer",
        text: "Let me see.",
        calls: [
          { id: "c1", name: "files_read", argumentsText: '{"path":"a.txt"}' },
          { id: "c2", name: "files_read", argumentsText: '{"path":' },
        ],
      },
      { kind: "answer", text: "A poem." },
    ]);
    const first = (await ask(server, name)).outcome;
    assert(first.kind === "turn");
    assert.deepEqual(
      first.turn.toolCalls.map((call) => [call.name, call.argumentsText]),
      [["files_read", '{"path":"a.txt"}'], ["files_read", '{"path":']],
    );
    // Through JSON, as a journal keeps it.
    const content = JSON.parse(JSON.stringify(first.turn.content));
    const second = await ask(server, name, {
      prompt: [...PROMPT, { role: "assistant", content }, {
        role: "tool",
        content: first.turn.toolCalls.map((call) => ({
          type: "tool-result",
          toolCallId: call.id,
          toolName: call.name,
          output: { type: "text", value: `result of ${call.id}` },
        })),
      }],
    });
    assert.equal(second.outcome.kind, "turn");
    const sent = JSON.stringify(server.requests[1]?.body);
    for (const id of first.turn.toolCalls.map((call) => call.id)) {
      assert(sent.includes(`result of ${id}`));
    }
    assert(sent.includes("Let me see."));
  });

  for (const how of ["dropped", "ended"] as const) {
    Deno.test(`runTurn() asks ${name} again when a stream is ${how}`, async () => {
      await using server = serve([
        { kind: "broken", text: "It holds a very long poem.", how },
        { kind: "answer", text: "A poem." },
      ]);
      const { outcome, waits, notices } = await ask(server, name);
      assert.equal(outcome.kind === "turn" && outcome.turn.text, "A poem.");
      assert.equal(server.requests.length, 2);
      assert.equal(waits.length, 1);
      assert.match(notices[0] ?? "", /attempt 2 of 5/);
    });
  }

  Deno.test(`runTurn() gives up on ${name} after broken streams`, async () => {
    await using server = serve([
      { kind: "broken", text: "It holds a very long poem.", how: "dropped" },
    ]);
    const { outcome } = await ask(server, name);
    assert(outcome.kind === "failed");
    assert.match(outcome.failure.type, /communication$/);
    assert.match(outcome.failure.detail, /\(5 attempts\)/);
    assert.equal(server.requests.length, MODEL_ATTEMPTS_MAX);
  });

  Deno.test(`runTurn() leaves ${name} while it waits for more`, async () => {
    await using server = serve([{ kind: "hanging", text: "It holds a poem." }]);
    const stop = new AbortController();
    const { clock } = systemHost();
    let disarm: (() => void) | undefined;
    const asked = ask(server, name, {
      signal: stop.signal,
      // Once nothing more comes, all that is sent has arrived.
      onDelta() {
        disarm?.();
        disarm = clock.timer(100, () => stop.abort(new Error("enough")));
      },
    });
    await assert.rejects(asked, /enough/);
    await server.abandoned;
  });

  Deno.test(`runTurn() leaves ${name} at once when aborted`, async () => {
    await using server = serve([{ kind: "hanging", text: "It holds a poem." }]);
    const stop = new AbortController();
    const asked = ask(server, name, {
      signal: stop.signal,
      onDelta: () => stop.abort(new Error("enough")),
    });
    await assert.rejects(asked, /enough/);
    await server.abandoned;
    assert.equal(server.requests.length, 1);
  });
}

interface StatusCase {
  readonly status: number;
  readonly type: RegExp;
  readonly attempts: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly waits?: readonly number[];
}

const STATUS_CASES: readonly StatusCase[] = [
  { status: 400, type: /communication$/, attempts: 1 },
  { status: 401, type: /authentication$/, attempts: 1 },
  { status: 403, type: /authorization$/, attempts: 1 },
  { status: 404, type: /configuration$/, attempts: 1 },
  { status: 408, type: /communication$/, attempts: 5 },
  { status: 409, type: /communication$/, attempts: 5 },
  {
    status: 429,
    type: /communication$/,
    attempts: 5,
    headers: { "retry-after": "2" },
    waits: [2000, 2000, 2000, 2000],
  },
  {
    status: 429,
    type: /communication$/,
    attempts: 1,
    headers: { "retry-after": "3600" },
  },
  { status: 503, type: /communication$/, attempts: 5 },
  { status: 529, type: /communication$/, attempts: 5 },
];

for (const it of STATUS_CASES) {
  const after = it.headers
    ? ` with retry-after ${it.headers["retry-after"]}`
    : "";
  Deno.test(`runTurn() meets status ${it.status}${after} with ${it.attempts} attempts`, async () => {
    await using server = serveAnthropic([{
      kind: "status",
      status: it.status,
      headers: it.headers ?? {},
      body: anthropicError("some_error", "Not today"),
    }]);
    const asked = await ask(server, "anthropic/claude-sonnet-4-5");
    const { outcome } = asked;
    assert(outcome.kind === "failed");
    assert.equal(outcome.failure.status, it.status);
    assert.match(outcome.failure.type, it.type);
    assert.match(outcome.failure.detail, /Not today/);
    assert.equal(server.requests.length, it.attempts);
    if (it.waits !== undefined) assert.deepEqual(asked.waits, it.waits);
  });
}

Deno.test("runTurn() goes on once an overload is over", async () => {
  const overloaded: WireReply = {
    kind: "status",
    status: 529,
    body: anthropicError("overloaded_error", "Overloaded"),
  };
  await using server = serveAnthropic([
    overloaded,
    overloaded,
    { kind: "answer", text: "Here." },
  ]);
  const { outcome, waits } = await ask(server, "anthropic/claude-sonnet-4-5");
  assert.equal(outcome.kind === "turn" && outcome.turn.text, "Here.");
  assert.equal(waits.length, 2);
  assert((waits[1] ?? 0) >= 500, "the second wait is longer");
});

Deno.test("runTurn() does not come back when the quota is used up", async () => {
  await using server = serveOpenaiResponses([{
    kind: "status",
    status: 429,
    body: {
      error: {
        message: "You exceeded your current quota",
        type: "insufficient_quota",
        param: null,
        code: "insufficient_quota",
      },
    },
  }]);
  const { outcome } = await ask(server, "openai/gpt-4.1");
  assert.equal(outcome.kind, "failed");
  assert.equal(server.requests.length, 1);
});

Deno.test("runTurn() says that nobody answers at an address", async () => {
  const server = serveAnthropic([]);
  await server[Symbol.asyncDispose]();
  const { outcome } = await ask(server, "anthropic/claude-sonnet-4-5");
  assert(outcome.kind === "failed");
  assert.match(outcome.failure.type, /communication$/);
  assert.match(outcome.failure.detail, /Cannot reach "http:\/\/127/);
});

Deno.test("runTurn() asks again when a model falls silent", async () => {
  await using server = serveAnthropic([
    { kind: "hanging", text: "It holds a poem." },
    { kind: "answer", text: "Here." },
  ]);
  const { outcome, notices } = await ask(server, "anthropic/x", {
    timerMsMax: 300,
  });
  assert.equal(outcome.kind === "turn" && outcome.turn.text, "Here.");
  assert.match(notices[0] ?? "", /it was silent for 180 s/);
  await server.abandoned;
});

Deno.test("runTurn() tells an answer that ran out of tokens", async () => {
  for (const { name, serve } of PROVIDERS) {
    await using server = serve([{ kind: "answer", text: "It", cutOff: true }]);
    const { outcome } = await ask(server, name);
    assert(outcome.kind === "turn");
    assert.equal(outcome.turn.finishReason, "length", name);
  }
});
