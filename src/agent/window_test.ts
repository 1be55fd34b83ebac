import assert from "node:assert/strict";
import { estimateTokens } from "../llm/estimate.ts";
import { CONTEXT_WINDOW_TYPE } from "../llm/failure.ts";
import { type Failure, failureOf } from "../model/failure.ts";
import type { JsonObject } from "../model/json.ts";
import { sealedReference } from "../model/sealed.ts";
import type { PastTurn } from "./conversation.ts";
import { AGENT_LIMITS_DEFAULT, type AgentPlan } from "./plan.ts";
import { summaryRequestToJson } from "./summary.ts";
import type { SummaryExtent, TurnOutput } from "./turn.ts";
import { ContextWindow, type WindowStep } from "./window.ts";

const PLAN: AgentPlan = {
  name: "bot",
  instructions: "Be brief",
  model: { name: "script:x", baseUrl: "" },
  mcpServers: [],
  limits: AGENT_LIMITS_DEFAULT,
  subAgents: [],
  skills: [],
  history: [],
  message: "Find the codes",
  input: null,
};
const TOO_LONG: Failure = {
  type: CONTEXT_WINDOW_TYPE,
  status: 413,
  title: "Context window exceeded",
  detail: "prompt is too long",
  instance: "",
};

type Ask = Extract<WindowStep, { kind: "ask" }>;
type Summarise = Extract<WindowStep, { kind: "summarise" }>;

/** A run whose model has a window, and counts tokens its own way. */
class Scene {
  readonly window: ContextWindow;
  readonly plan: AgentPlan;
  readonly turns: PastTurn[] = [];
  readonly summaries: SummaryExtent[] = [];
  asked: readonly JsonObject[] = [];

  constructor(plan: Partial<AgentPlan>) {
    this.plan = { ...PLAN, ...plan };
    this.window = new ContextWindow(this.plan);
  }

  get number(): number {
    return this.turns.length + 1;
  }

  next(): WindowStep {
    return this.window.next(this.number, this.turns);
  }

  /** Summarises as often as it is wanted, and gives what is asked then. */
  ask(): Ask {
    for (let i = 0; i < 50; i++) {
      const step = this.next();
      if (step.kind === "ask") {
        this.asked = step.messages;
        return step;
      }
      assert(step.kind === "summarise", JSON.stringify(step));
      this.summarise(step);
    }
    assert.fail("it summarises for ever");
  }

  summarise({ task }: Summarise, text = `S${this.summaries.length + 1}`): void {
    const extent = task.parts.at(-1)?.extent;
    assert(extent !== undefined);
    this.summaries.push(extent);
    const output = outputOf({ text, summary: extent });
    assert.equal(this.window.summaryEnded(this.number, output), undefined);
  }

  /** Ends the turn with a call, and its result of so many characters. */
  turn(
    length: number,
    measured: { readonly inputTokens?: number } & Partial<TurnOutput> = {},
  ): void {
    const { number } = this;
    const output = outputOf({
      text: `Step ${number}`,
      inputTokens: estimateTokens(this.asked),
      toolCalls: [{
        kind: "mcp",
        id: "c",
        name: "look",
        server: "s",
        tool: "t",
        arguments: {},
        repeatable: true,
        effect: "read",
      }],
      ...measured,
    });
    this.window.turnEnded(output, [...this.turns]);
    const text = `R${number} ${"x".repeat(length)}`;
    const results = new Map([["c", { text, isError: false }]]);
    this.turns.push({ number, output, results });
  }

  refuse(): Failure | undefined {
    return this.window.turnFailed(this.number, TOO_LONG, this.turns);
  }
}

function outputOf(over: Partial<TurnOutput>): TurnOutput {
  return {
    model: "script:x",
    content: [{ type: "text", text: over.text ?? "" }],
    text: "",
    finishReason: "stop",
    toolCalls: [],
    inputTokens: 10,
    outputTokens: 2,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    ...over,
  };
}

function windowOf(contextWindow: number): Partial<AgentPlan> {
  return { model: { ...PLAN.model, contextWindow } };
}

function textOf(messages: readonly JsonObject[]): string {
  return JSON.stringify(messages);
}

function historyOf(count: number, length: number): AgentPlan["history"] {
  return Array.from({ length: count }, (_, i) => {
    const executionId = `aex-${i + 1}`;
    return [
      { role: "user", text: `Q${i + 1} ${"q".repeat(length)}`, executionId },
      { role: "assistant", text: `A${i + 1}`, executionId },
    ] as const;
  }).flat();
}

Deno.test("next() asks as it is while nobody knows how large the window is", () => {
  const scene = new Scene({});
  for (let i = 0; i < 30; i++) {
    scene.ask();
    scene.turn(10_000);
  }
  assert.equal(scene.summaries.length, 0);
  assert.equal(scene.ask().messages.length, 2 + 2 * 30);
});

Deno.test("next() keeps each of 200 turns in the window", () => {
  const scene = new Scene(windowOf(2_000));
  for (let i = 0; i < 200; i++) {
    scene.ask();
    const tokens = estimateTokens(scene.asked);
    assert(tokens < 2_000 * 0.8, `turn ${scene.number}: ${tokens}`);
    scene.turn(400);
  }
  assert(scene.summaries.length > 10, `${scene.summaries.length} summaries`);
  assert(scene.summaries.length < 50, `${scene.summaries.length} summaries`);
  const places = scene.summaries.map((it) => it.upToTurn);
  assert.deepEqual(places, [...new Set(places)].sort((a, b) => a - b));
});

Deno.test("a turn tells how large the window is, unless the agent does", () => {
  const scene = new Scene({});
  scene.ask();
  scene.turn(40_000, { contextWindow: 1_000 });
  assert.match(textOf(scene.ask().messages), /characters are not shown/);
  const told = new Scene(windowOf(100_000));
  told.ask();
  told.turn(40_000, { contextWindow: 1_000 });
  assert(!textOf(told.ask().messages).includes("are not shown"));
});

Deno.test("what is asked is instructions, message, summary and newest turns", () => {
  const scene = new Scene(windowOf(2_000));
  while (scene.summaries.length === 0) {
    scene.ask();
    scene.turn(800);
  }
  const { messages } = scene.ask();
  const [system, request, summary] = messages.map((it) => textOf([it]));
  assert.match(system ?? "", /Be brief/);
  assert.match(request ?? "", /Find the codes/);
  const last = `<summary>\\nS${scene.summaries.length}\\n</summary>`;
  assert(summary?.includes(last), summary);
  const extent = scene.summaries.at(-1);
  const kept = scene.turns.filter((it) => it.number > (extent?.upToTurn ?? 0));
  assert.equal(messages.length, 3 + 2 * kept.length);
  // A call stands with its result, and the newest is always there.
  assert.match(textOf(messages), new RegExp(`R${scene.turns.length} `));
  assert.equal(messages.at(-1)?.["role"], "tool");
  assert.equal(messages.at(-2)?.["role"], "assistant");
});

Deno.test("a summary is made of the one before it and of what came since", () => {
  const scene = new Scene(windowOf(2_000));
  while (scene.summaries.length === 0) {
    scene.ask();
    scene.turn(800);
  }
  let step = scene.next();
  while (step.kind === "ask") {
    scene.asked = step.messages;
    scene.turn(800);
    step = scene.next();
  }
  assert(step.kind === "summarise");
  const from = scene.summaries.at(-1)?.upToTurn ?? 0;
  const request = JSON.stringify(
    summaryRequestToJson(scene.plan, {
      task: step.task,
      budget: {},
      lastModel: undefined,
    }),
  );
  const last = `<summary>\\nS${scene.summaries.length}\\n</summary>`;
  assert(request.includes(last), request);
  assert.match(request, new RegExp(`R${from + 1} `));
  assert(!request.includes(`R${from} `), "it is told twice");
  assert.match(request, /<request>\\nFind the codes\\n<\/request>/);
});

Deno.test("what does not fit into one question is summarised piece by piece", () => {
  const scene = new Scene({ ...windowOf(2_000), history: historyOf(40, 300) });
  scene.ask();
  assert(scene.summaries.length > 2, `${scene.summaries.length}`);
  const places = scene.summaries.map((it) => it.history);
  assert.deepEqual(places, [...places].sort((a, b) => a - b));
  assert(places.every((it) => it % 2 === 0), "an answer is parted");
  const last = scene.summaries.at(-1);
  assert.equal(last?.through, `aex-${(last?.history ?? 0) / 2}`);
  assert.equal(last?.upToTurn, 0);
  // The summary stands before what is kept of the session, the message last.
  assert.match(textOf(scene.asked.slice(1, 2)), /<summary>/);
  assert.match(textOf(scene.asked.slice(-1)), /Find the codes/);
});

Deno.test("each question for a summary fits the window itself", () => {
  const scene = new Scene({ ...windowOf(2_000), history: historyOf(6, 9_000) });
  for (let i = 0; i < 20; i++) {
    const step = scene.next();
    if (step.kind !== "summarise") break;
    const request = summaryRequestToJson(scene.plan, {
      task: step.task,
      budget: {},
      lastModel: undefined,
    });
    const tokens = estimateTokens(request["messages"] ?? null) +
      step.task.outputTokens;
    assert(tokens < 2_000, `${tokens}`);
    scene.summarise(step, "s".repeat(4 * step.task.outputTokens));
  }
  assert.equal(scene.next().kind, "ask");
});

Deno.test("old tool results are shortened where nothing is left to summarise", () => {
  const scene = new Scene(windowOf(2_000));
  scene.ask();
  scene.turn(100_000);
  const { messages } = scene.ask();
  assert(estimateTokens(messages) <= 1_600);
  assert.match(textOf(messages), /R1 x+\\n\[\d+ of 100003 characters are not/);
  assert.equal(scene.summaries.length, 0);
});

Deno.test("next() fails with the message that is too large for any window", () => {
  const cases: readonly [Partial<AgentPlan>, RegExp][] = [
    [{ message: "m".repeat(9_000) }, /the message of the run .* about 2,2\d\d/],
    [{ instructions: "i".repeat(9_000) }, /its instructions alone/],
    // Without a summary that would help nobody.
    [
      { message: "m".repeat(9_000), history: historyOf(20, 300) },
      /the message of the run/,
    ],
  ];
  for (const [plan, expected] of cases) {
    const step = new Scene({ ...windowOf(2_000), ...plan }).next();
    assert(step.kind === "failed");
    assert.equal(step.failure.type, CONTEXT_WINDOW_TYPE);
    assert.match(step.failure.detail, expected);
    assert.match(step.failure.detail, /of its model, 2,000 tokens/);
    assert.match(step.failure.detail, /choose a model with a larger window$/);
  }
});

Deno.test("a turn that is refused as too long is asked with less, three times", () => {
  const scene = new Scene({});
  for (let i = 0; i < 20; i++) {
    scene.ask();
    scene.turn(1_000);
  }
  const sizes: number[] = [];
  for (let attempt = 1; attempt <= 3; attempt++) {
    const step = scene.ask();
    assert.equal(step.attempt, attempt);
    sizes.push(estimateTokens(step.messages));
    const failure = scene.refuse();
    if (attempt < 3) assert.equal(failure, undefined);
    else assert.match(failure?.detail ?? "", /\. prompt is too long$/);
  }
  const [first = 0, second = 0, third = 0] = sizes;
  assert(second < first / 2 && third < second, `${sizes}`);
});

Deno.test("what cannot be made shorter is not asked again", () => {
  const scene = new Scene({ message: "m".repeat(9_000) });
  scene.ask();
  assert.equal(scene.refuse(), undefined);
  const step = scene.next();
  assert(step.kind === "failed");
  // What is estimated here is not what the model has counted.
  assert.match(
    step.failure.detail,
    /does not fit into the context window of its model, by its own count; .* an estimate gives 2,2\d\d: /,
  );
  assert.match(step.failure.detail, /offer fewer tools, .*prompt is too long$/);
});

Deno.test("a summary that is refused as too long is asked for with less", () => {
  const scene = new Scene({ ...windowOf(4_000), history: historyOf(40, 300) });
  const first = scene.next();
  assert(first.kind === "summarise");
  const failure = scene.window.summaryFailed(1, TOO_LONG);
  assert.equal(failure, undefined);
  const second = scene.next();
  assert(second.kind === "summarise");
  assert.equal(second.count, 2);
  assert(second.task.parts.length < first.task.parts.length);
  scene.ask();
});

Deno.test("any other failure is that of the run", () => {
  const failure = failureOf("communication", "down");
  const scene = new Scene(windowOf(2_000));
  assert.equal(scene.window.turnFailed(1, failure, []), failure);
  assert.equal(scene.window.summaryFailed(1, failure), failure);
});

Deno.test("a session of any length is summarised in so many questions", () => {
  for (const [count, length] of [[900, 300], [1_000, 10], [60, 60_000]]) {
    const history = historyOf(count ?? 0, length ?? 0);
    const scene = new Scene({ ...windowOf(2_000), history });
    let questions = 0;
    let step = scene.next();
    for (; step.kind === "summarise" && questions < 100; questions++) {
      const request = summaryRequestToJson(scene.plan, {
        task: step.task,
        budget: {},
        lastModel: undefined,
      });
      const tokens = estimateTokens(request["messages"] ?? null);
      assert(tokens + step.task.outputTokens < 2_000, `${tokens} tokens`);
      scene.summarise(step);
      step = scene.next();
    }
    assert(questions <= 16, `${questions} questions`);
    assert.equal(step.kind, "ask");
  }
});

Deno.test("an empty summary fails the run and says so", () => {
  const scene = new Scene({ ...windowOf(2_000), history: historyOf(40, 300) });
  const step = scene.next();
  assert(step.kind === "summarise");
  const extent = step.task.parts.at(-1)?.extent;
  assert(extent !== undefined);
  const output = outputOf({ text: " ", summary: extent });
  const failure = scene.window.summaryEnded(1, output);
  assert.match(failure?.detail ?? "", /"script:x" gave an empty summary/);
});

Deno.test("a model that counts twice as many tokens is summarised for in time", () => {
  const scene = new Scene(windowOf(4_000));
  for (let i = 0; i < 60; i++) {
    scene.ask();
    const inputTokens = 2 * estimateTokens(scene.asked);
    assert(inputTokens < 4_000, `turn ${scene.number}: ${inputTokens}`);
    scene.turn(300, { inputTokens });
  }
  assert(scene.summaries.length > 3);
});

Deno.test("tools that fill the window are no reason to summarise each turn", () => {
  const scene = new Scene(windowOf(4_000));
  for (let i = 0; i < 20; i++) {
    scene.ask();
    // Most of it is what no message has.
    scene.turn(100, { inputTokens: 3_300 + estimateTokens(scene.asked) });
  }
  assert(scene.summaries.length < 10, `${scene.summaries.length}`);
});

Deno.test("no summary holds a secret, nor what refers to one", () => {
  const mark = "0123456789abcdef0123456789abcdef";
  const secret = sealedReference(mark, "TOKEN");
  const scene = new Scene({
    ...windowOf(2_000),
    sealMark: mark,
    message: `Use ${secret}`,
    input: { key: secret },
    history: historyOf(20, 400),
  });
  const step = scene.next();
  assert(step.kind === "summarise");
  const request = JSON.stringify(
    summaryRequestToJson(scene.plan, {
      task: step.task,
      budget: {},
      lastModel: undefined,
    }),
  );
  assert(!request.includes(mark), request);
  assert.match(request, /Use \*\*\*/);
});

Deno.test("a summary is found by its execution when messages before it are gone", () => {
  const history = historyOf(4, 10);
  const scene = new Scene({ history: history.slice(4) });
  const summary = { history: 6, upToTurn: 0, through: "aex-3" };
  const output = outputOf({ text: "S", summary });
  assert.equal(scene.window.summaryEnded(1, output), undefined);
  const text = textOf(scene.ask().messages);
  assert.match(text, /<summary>\\nS/);
  assert(!text.includes("Q3") && text.includes("Q4"), text);
});
