import assert from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import type { Json } from "../model/json.ts";
import { tokensAsked } from "./estimate.ts";
import type { ModelTurn } from "./model_turn.ts";
import type { CallOptions } from "./model.ts";
import { openScript } from "./script.ts";
import { parseScript } from "./script_file.ts";
import { runTurn, type TurnOutcome } from "./turn.ts";

type Prompt = CallOptions["prompt"];

/** A conversation with a script, kept from turn to turn. */
class Talk {
  prompt: Prompt = [];
  readonly deltas: string[] = [];
  readonly #script: string;
  readonly #input: Json;

  constructor(script: string, message: string, input: Json = null) {
    this.#script = script;
    this.#input = input;
    this.say(message);
  }

  say(text: string): void {
    this.prompt = [...this.prompt, {
      role: "user",
      content: [{ type: "text", text }],
    }];
  }

  async next(): Promise<TurnOutcome> {
    const host = fakeHost({ files: { "/project/bot.yaml": this.#script } });
    const { clock } = host;
    const opened = await openScript(
      "bot.yaml",
      { name: "", baseUrl: "" },
      { host, variables: {}, workingDirectory: "/project", input: this.#input },
    );
    const outcome = await runTurn(opened, {
      call: { prompt: this.prompt },
      clock: { ...clock, sleep: () => Promise.resolve() },
      random: host.random,
      signal: new AbortController().signal,
      onText: (text) => this.deltas.push(text),
      onNotice: () => {},
    });
    if (outcome.kind === "turn") {
      const content = JSON.parse(JSON.stringify(outcome.turn.content));
      this.prompt = [...this.prompt, { role: "assistant", content }];
    }
    return outcome;
  }

  async turn(): Promise<ModelTurn> {
    const outcome = await this.next();
    assert(outcome.kind === "turn", JSON.stringify(outcome));
    return outcome.turn;
  }

  result(value: string): void {
    this.prompt = [...this.prompt, {
      role: "tool",
      content: [{
        type: "tool-result",
        toolCallId: "c",
        toolName: "t",
        output: { type: "text", value },
      }],
    }];
  }
}

Deno.test("a script calls a tool and quotes its result", async () => {
  const talk = new Talk(
    `
turns:
  - say: Let me look at \${match.1}.
    when: { message: { matches: 'read (\\S+)' } }
    call: { tool: fs_read, arguments: { path: "\${input.folder}/\${match.1}", n: "\${input.n}" } }
  - say: "It says: \${toolResult}"
`,
    "Please read a.txt",
    { folder: "/data", n: 3 },
  );
  const first = await talk.turn();
  assert.equal(first.text, "Let me look at a.txt.");
  const [call] = first.toolCalls;
  assert.equal(call?.name, "fs_read");
  assert.deepEqual(JSON.parse(call?.argumentsText ?? ""), {
    path: "/data/a.txt",
    n: 3,
  });
  talk.result("a poem");
  assert.equal((await talk.turn()).text, "It says: a poem");
});

Deno.test("a script uses each turn once, in order, and says when none is left", async () => {
  const talk = new Talk("turns: [{ say: one }, { say: two }]", "hello");
  assert.equal((await talk.turn()).text, "one");
  assert.equal((await talk.turn()).text, "two");
  const outcome = await talk.next();
  assert(outcome.kind === "failed");
  assert.match(outcome.failure.detail, /has no turn left for message "hello"/);
  assert.match(outcome.failure.type, /configuration$/);
});

Deno.test("a script chooses by what the conversation holds", async () => {
  const script = `
turns:
  - { when: { message: weather }, say: sunny, repeat: true }
  - { when: { toolResult: error }, say: sorry, repeat: true }
  - { say: anything else, repeat: true }
`;
  const talk = new Talk(script, "what is the weather?");
  assert.equal((await talk.turn()).text, "sunny");
  talk.say("and the time?");
  assert.equal((await talk.turn()).text, "anything else");
  talk.result("error: no clock");
  assert.equal((await talk.turn()).text, "sorry");
});

Deno.test("a script raises errors as providers do, as often as it says", async () => {
  const once = new Talk(
    "turns: [{ say: ok, error: { status: 529, message: Busy, times: 2 } }]",
    "hello",
  );
  assert.equal((await once.turn()).text, "ok");
  const always = new Talk(
    "turns: [{ error: { status: 401, message: Who are you } }]",
    "hello",
  );
  const outcome = await always.next();
  assert(outcome.kind === "failed");
  assert.match(outcome.failure.type, /authentication$/);
  assert.match(outcome.failure.detail, /Who are you/);
});

Deno.test("a script breaks a stream in its middle", async () => {
  const talk = new Talk(
    "turns: [{ say: 0123456789, chunkLength: 4, error: { cutAfter: 6, times: 1 } }]"
      .replace("0123456789", "'0123456789'"),
    "hello",
  );
  assert.equal((await talk.turn()).text, "0123456789");
  assert.deepEqual(talk.deltas, ["0123", "45", "0123", "4567", "89"]);
});

Deno.test("a script quotes no reference inside what it quotes", async () => {
  const talk = new Talk(
    'turns: [{ say: "$${message} is ${message}, in ${workingDirectory}" }]',
    "${input}",
  );
  assert.equal((await talk.turn()).text, "${message} is ${input}, in /project");
});

Deno.test("a script says which reference names nothing", async () => {
  const talk = new Talk('turns: [{ say: "${input.a.b}" }]', "x", { a: {} });
  const outcome = await talk.next();
  assert(outcome.kind === "failed");
  assert.match(outcome.failure.detail, /quotes "\$\{input.a.b\}".*no "b"/);
});

Deno.test("a script follows a tool result that is JSON", async () => {
  const talk = new Talk('turns: [{ say: "${toolResult.items.1}" }]', "x");
  talk.prompt = [...talk.prompt, { role: "assistant", content: [] }];
  talk.result('{"items":["a","b"]}');
  assert.equal((await talk.turn()).text, "b");
});

Deno.test("parseScript() names the place of a mistake", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["turns: 3", /turns must be an array/],
    ["turn: []", /: it has an unknown key "turn", did you mean "turns"\?$/],
    ["{}", /turns must be an array/],
    [
      "turns: [{ sya: x }]",
      /turns\[0\] has an unknown key "sya", did you mean "say"/,
    ],
    ["turns: [{ say: 3 }]", /turns\[0\]\.say must be a text/],
    ["turns: [{ call: {} }]", /turns\[0\]\.calls\[0\]\.tool must be a text/],
    [
      "turns: [{ when: { message: { matches: '(' } } }]",
      /matches .*Unterminated/,
    ],
    ["turns: [{ finish: maybe }]", /finish must be stop/],
    ["turns: [", /script "f"/],
  ];
  for (const [text, message] of cases) {
    await assert.rejects(parseScript(text, "f"), message, text);
  }
});

Deno.test("the script of the manual is one", async () => {
  const manual = new URL("../../docs/script-model.md", import.meta.url);
  const [block] = [
    ...(await Deno.readTextFile(manual)).matchAll(/```yaml\n(turns:.*?)```/gs),
  ];
  const turns = await parseScript(block?.[1] ?? "", "script-model.md");
  assert.equal(turns.length, 3);
});

Deno.test("a script counts all that it is asked, its tools too, as an estimate does", async () => {
  const host = fakeHost({
    files: { "/project/bot.yaml": "turns: [{ say: Done. }]" },
  });
  const opened = await openScript(
    "bot.yaml",
    { name: "", baseUrl: "" },
    { host, variables: {}, workingDirectory: "/project", input: null },
  );
  const call: CallOptions = {
    prompt: [
      { role: "system", content: "Be brief." },
      { role: "user", content: [{ type: "text", text: "hi" }] },
    ],
    tools: [{
      type: "function",
      name: "read",
      description: "Reads a file. ".repeat(100),
      inputSchema: { type: "object" },
    }],
  };
  const asked = tokensAsked(call);
  // What is just enough for the question and its answer is enough.
  const outcome = await runTurn(opened, {
    call,
    budget: { maxTokens: asked + 16 },
    clock: host.clock,
    random: host.random,
    signal: new AbortController().signal,
    onText: () => {},
    onNotice: () => {},
  });
  assert(outcome.kind === "turn");
  assert.equal(outcome.turn.text, "Done.");
  assert.equal(outcome.turn.inputTokens, asked);
  assert(asked > 350, `${asked}`);
});
