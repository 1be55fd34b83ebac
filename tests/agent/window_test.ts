import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createAgentActivities } from "../../src/agent/activities.ts";
import { createAgentMachine } from "../../src/agent/machine.ts";
import { AGENT_LIMITS_DEFAULT, type AgentPlan } from "../../src/agent/plan.ts";
import { turnFromJson } from "../../src/agent/turn.ts";
import { systemHost } from "../../src/host/system.ts";
import { estimateTokens } from "../../src/llm/estimate.ts";
import { CONTEXT_WINDOW_TYPE } from "../../src/llm/failure.ts";
import type {
  Activity,
  ActivityDelta,
  Machine,
} from "../../src/model/durable.ts";
import type { Json } from "../../src/model/json.ts";
import { anthropicError, serveAnthropic } from "../servers/anthropic.ts";
import { ollamaError, serveOllama } from "../servers/ollama.ts";
import { openaiError, serveOpenaiChat } from "../servers/openai_chat.ts";
import { serveOpenaiResponses } from "../servers/openai_responses.ts";
import type {
  ProviderServer,
  WireReplies,
  WireReply,
  WireRequest,
} from "../servers/provider_server.ts";
import { drive, type Driven, type DriveOptions } from "./drive.ts";

const TOOL_SERVER = fileURLToPath(
  new URL("../servers/tool_server.ts", import.meta.url),
);
/** What only the first tool result says, and the answer must. */
const CODE = "CODE-7319";

function planOf(overrides: Partial<AgentPlan>): AgentPlan {
  return {
    name: "walker",
    instructions: "Walk on, and tell the code in the end",
    model: { name: "script:bot.yaml", baseUrl: "" },
    mcpServers: [{
      name: "box",
      enabledTools: ["echo"],
      transport: {
        kind: "stdio",
        command: Deno.execPath(),
        args: ["run", "-q", "--no-config", "-A", TOOL_SERVER, "good"],
        env: {},
        cwd: "",
      },
    }],
    limits: { ...AGENT_LIMITS_DEFAULT, timeoutMs: 60_000 },
    subAgents: [],
    skills: [],
    history: [],
    input: null,
    message: "Walk to the end",
    ...overrides,
  };
}

interface Ran extends Driven {
  readonly machine: Machine;
  readonly deltas: readonly ActivityDelta[];
  /** What the models were asked, in order. */
  readonly asked: readonly { readonly path: string; readonly tokens: number }[];
}

async function run(
  plan: AgentPlan,
  options: {
    readonly script?: string;
    readonly drive?: Partial<DriveOptions>;
  } = {},
): Promise<Ran> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-window-" });
  const agents = createAgentActivities({ host: systemHost() });
  const deltas: ActivityDelta[] = [];
  const asked: { path: string; tokens: number }[] = [];
  const ask = agents.activities["model"];
  assert(ask !== undefined);
  const model: Activity = (input, context) => {
    asked.push({ path: context.path, tokens: tokensIn(input) });
    return ask(input, context);
  };
  try {
    if (options.script !== undefined) {
      await Deno.writeTextFile(`${folder}/bot.yaml`, options.script);
    }
    const machine = createAgentMachine(plan, { executionId: "aex-test" });
    const driven = await drive(machine, {
      activities: { ...agents.activities, model },
      workingDirectory: folder,
      onDelta: (delta) => deltas.push(delta),
      variables: { ANTHROPIC_API_KEY: "a", OPENAI_API_KEY: "o" },
      ...options.drive,
    });
    return { ...driven, machine, deltas, asked };
  } finally {
    await agents.close();
    await Deno.remove(folder, { recursive: true });
  }
}

function tokensIn(request: Json): number {
  const messages = Object.entries(request ?? {}).find(([key]) =>
    key === "messages"
  );
  return estimateTokens(messages?.[1] ?? null);
}

/** A script of so many turns: each calls a tool, and the last one answers. */
function longScript(turns: number): string {
  const walk = Array.from({ length: turns - 1 }, (_, i) => ({
    say: `Step ${i + 1}.`,
    call: {
      tool: "box_echo",
      arguments: { text: `${i === 0 ? CODE : `R${i + 1}`} ${"x".repeat(300)}` },
    },
  }));
  return JSON.stringify({
    turns: [
      {
        when: {
          message: {
            contains: "Summarise the conversation",
            matches: "(CODE-\\d+)",
          },
        },
        say: "The code is ${match.1}.",
        repeat: true,
      },
      ...walk,
      { say: "Done after ${toolResult}" },
    ],
  });
}

const SMALL: Partial<AgentPlan> = {
  model: { name: "script:bot.yaml", baseUrl: "", contextWindow: 2_000 },
};

Deno.test("a run of 40 turns goes through a window of 2,000 tokens", async () => {
  const script = longScript(40);
  const { end, machine, asked, journal, deltas } = await run(planOf(SMALL), {
    script,
  });
  assert.equal(end.kind, "done", JSON.stringify(end));
  assert.match(
    String(end.kind === "done" && end.output),
    /^Done after echo: R39 x+$/,
  );
  const most = Math.max(...asked.map(({ tokens }) => tokens));
  assert(most < 2_000, `${most} tokens were asked at once`);

  const summaries = machine.tasks().filter(({ kind }) => kind === "summary");
  assert(summaries.length > 3, `${summaries.length} summaries`);
  for (const { phase, usage, model, name } of summaries) {
    assert.equal(phase, "COMPLETED");
    assert.equal(usage?.turns, 1);
    assert.equal(model, "script:bot.yaml");
    assert.match(name, /^summary before turn \d+$/);
  }
  assert.equal(machine.usage?.()?.turns, 40 + summaries.length);
  // What the first result said has been told from summary to summary.
  const texts = journal.flatMap((event) =>
    event.type === "TASK_COMPLETED" && event.path.includes("/summary")
      ? [turnFromJson(event.data).text]
      : []
  );
  assert.deepEqual(new Set(texts), new Set([`The code is ${CODE}.`]));
  // A summary is no answer, and nobody is told it as one.
  const heard = deltas.map(({ text }) => text).join("");
  assert(!heard.includes(CODE) && heard.includes("Step 39."), heard);
});

Deno.test("a run killed after any event asks for no summary twice", async () => {
  const plan = planOf(SMALL);
  const script = longScript(14);
  const whole = await run(plan, { script });
  const asked = whole.asked.map(({ path }) => path);
  assert(asked.some((path) => path.endsWith("/summary")));
  const places = whole.journal.flatMap((event, i) =>
    event.path.includes("/summary") || event.path === "/turn/9"
      ? [i, i + 1]
      : []
  );
  for (const place of new Set(places)) {
    const journal = whole.journal.slice(0, place);
    const known = new Set(
      journal.filter((it) => it.type === "TASK_COMPLETED").map((it) => it.path),
    );
    const rest = await run(plan, { script, drive: { journal } });
    assert.deepEqual(rest.end, whole.end);
    assert.deepEqual(
      rest.asked,
      whole.asked.filter(({ path }) => !known.has(path)),
      `killed after event ${place}`,
    );
  }
});

/** A provider whose models refuse what is over their window. */
interface SmallProvider {
  readonly model: string;
  readonly serve: (replies: WireReplies) => ProviderServer;
  readonly refusal: (tokens: number) => Extract<WireReply, { kind: "status" }>;
  /** Tokens of its window, where it tells them. */
  readonly told?: number;
}

function refusal(status: number, body: unknown): ReturnType<
  SmallProvider["refusal"]
> {
  return { kind: "status", status, body };
}

const WINDOW = 3_000;
const PROVIDERS: readonly SmallProvider[] = [
  {
    model: "anthropic/claude-sonnet-4-5",
    serve: serveAnthropic,
    refusal: (tokens) =>
      refusal(
        400,
        anthropicError(
          "invalid_request_error",
          `prompt is too long: ${tokens} tokens > ${WINDOW} maximum`,
        ),
      ),
  },
  {
    model: "openai/gpt-4.1",
    serve: serveOpenaiResponses,
    refusal: () =>
      refusal(
        400,
        openaiError(
          "context_length_exceeded",
          "Your input exceeds the context window of this model. Please " +
            "adjust your input and try again.",
        ),
      ),
  },
  {
    model: "openai-compatible/any",
    serve: serveOpenaiChat,
    refusal: (tokens) =>
      refusal(
        400,
        openaiError(
          null,
          `This model's maximum context length is ${WINDOW} tokens. However, ` +
            `your messages resulted in ${tokens} tokens.`,
        ),
      ),
  },
  {
    model: "ollama/llama3.2",
    serve: serveOllama,
    refusal: () => refusal(500, ollamaError("no user query found in messages")),
    told: 4_096,
  },
];

/** Answers by what it is asked: it knows nothing that it is not told. */
function walker(
  { refusal, told: window = WINDOW }: SmallProvider,
  turns: number,
): (request: WireRequest) => WireReply {
  return ({ body }) => {
    const told = JSON.stringify(body.messages ?? body.input) +
      JSON.stringify(body.system ?? body.instructions ?? "");
    const tokens = Math.ceil(told.length / 4);
    if (tokens > window) return refusal(tokens);
    const usage = { inputTokens: tokens, outputTokens: 20 };
    const code = /CODE-\d+/.exec(told)?.[0] ?? "lost";
    if (told.includes("Summarise the conversation")) {
      return { kind: "answer", text: `The code is ${code}.`, ...usage };
    }
    const steps = [...told.matchAll(/\bR(\d+) x/g)].map((it) => Number(it[1]));
    const step = Math.max(0, ...steps) + 1;
    if (step > turns) {
      return { kind: "answer", text: `It is ${code}`, ...usage };
    }
    const text = `${step === 1 ? CODE : ""} R${step} ${"x".repeat(600)}`;
    const argumentsText = JSON.stringify({ text });
    const calls = [{ id: `call_${step}`, name: "box_echo", argumentsText }];
    return { kind: "answer", calls, ...usage };
  };
}

for (const provider of PROVIDERS) {
  const how = provider.told === undefined ? "refuses" : "would refuse";
  Deno.test(`what ${provider.model} ${how} as too long is summarised`, async () => {
    await using server = provider.serve(walker(provider, 18));
    const { end, machine, asked } = await run(planOf({
      model: { name: provider.model, baseUrl: `${server.url}/v1` },
    }));
    assert.deepEqual(end, { kind: "done", output: `It is ${CODE}` });
    const again = machine.tasks().filter(({ attempts }) => attempts > 1);
    assert.equal(again.length > 0, provider.told === undefined);
    assert(again.every(({ kind }) => kind === "model turn"));
    for (const { phase, failure, attempts } of again) {
      assert.equal(phase, "COMPLETED");
      assert.equal(failure, undefined);
      assert(attempts <= 3);
    }
    // What was refused is told from what is: nothing is asked without need.
    assert(server.requests.length === asked.length);
    const summaries = asked.filter(({ path }) => path.includes("/summary"));
    assert(summaries.length >= 1 && summaries.length <= 10);
  });
}

Deno.test("a message that is too long for its model is named as that", async () => {
  const [provider] = PROVIDERS;
  assert(provider !== undefined);
  await using server = provider.serve(walker(provider, 1));
  const { end } = await run(planOf({
    model: { name: provider.model, baseUrl: `${server.url}/v1` },
    message: "m".repeat(5 * WINDOW),
  }));
  assert(end.kind === "failed");
  assert.equal(end.failure.type, CONTEXT_WINDOW_TYPE);
  assert.match(
    end.failure.detail,
    /the message of the run with its input alone has about 3,\d{3}; make that shorter/,
  );
  assert.match(end.failure.detail, /prompt is too long: \d+ tokens > 3000/);
  // The same is not asked twice.
  assert.equal(server.requests.length, 1);
});
