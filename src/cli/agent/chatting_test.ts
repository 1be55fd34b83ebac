import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { openBackend } from "../../backend/open.ts";
import type { Host, Terminal } from "../../host/host.ts";
import { systemHost } from "../../host/system.ts";
import { main } from "../main.ts";

/** How long a chat of a test may take. */
const CHAT_MS_MAX = 30_000;
const SCRIPT = `turns:
  - { when: { message: { contains: fail } }, error: { status: 400, message: "Not today" }, repeat: true }
  - { when: { message: { contains: wait } }, say: "begun${
  " and on".repeat(50)
}", chunkDelayMs: 200, chunkLength: 5, repeat: true }
  - { when: { message: { contains: hurry } }, say: "beginning and end", chunkDelayMs: 150, chunkLength: 5, repeat: true }
  - { when: { toolResult: { matches: . } }, say: "\\e]0;owned\\ahere", repeat: true }
  - { when: { message: { contains: steer } }, call: { tool: "none\\e[2J", arguments: {} } }
  - { say: "heard \${message}", repeat: true }
`;
/** What happens at a terminal, in order. */
type Step =
  | { readonly line: string }
  | { readonly interrupt: "SIGINT" | "SIGTERM" }
  /** What must be written, after what was waited for before. */
  | { readonly said: string };

/** A terminal at which a person follows a plan. */
function plannedTerminal(
  steps: readonly Step[],
): Terminal & { readonly text: () => string } {
  const rest = [...steps];
  const listeners = new Set<(signal: "SIGINT" | "SIGTERM") => void>();
  let written = "";
  let seen = 0;
  let reader: ((line: string | undefined) => void) | undefined;
  let moving = false;
  const move = (): void => {
    if (moving) return;
    moving = true;
    for (;;) {
      const [step] = rest;
      if (step === undefined) {
        reader?.(undefined);
        reader = undefined;
        break;
      }
      if ("said" in step) {
        const at = written.indexOf(step.said, seen);
        if (at < 0) break;
        seen = at + step.said.length;
      } else if ("line" in step) {
        if (reader === undefined) break;
        const answer = reader;
        reader = undefined;
        answer(step.line);
      } else {
        if (listeners.size === 0) break;
        for (const listener of [...listeners]) listener(step.interrupt);
      }
      rest.shift();
    }
    moving = false;
  };
  return {
    ...systemHost().terminal,
    isTerminal: () => true,
    columns: () => 80,
    write(_stream, text) {
      written += typeof text === "string"
        ? text
        : new TextDecoder().decode(text);
      queueMicrotask(move);
      return true;
    },
    readLine: () =>
      new Promise((resolve) => {
        reader = resolve;
        queueMicrotask(move);
      }),
    withoutEcho(work) {
      const done = work();
      // Ctrl-C that nobody hears ends the process, and leaves it like this.
      ok(listeners.size > 0, "the echo is off, and nobody hears Ctrl-C");
      return done;
    },
    withKeys(work) {
      return work(async () => {
        const line = await this.readLine();
        return line === undefined
          ? undefined
          : new TextEncoder().encode(`${line}\r`);
      });
    },
    onInterrupt(callback) {
      listeners.add(callback);
      queueMicrotask(move);
      return () => void listeners.delete(callback);
    },
    text: () => written,
  };
}

interface Chatted {
  readonly code: number;
  readonly text: string;
  /** Message and phase of each execution, oldest first. */
  readonly said: readonly (readonly [message: string, phase: number])[];
  readonly sessions: number;
}

/** Chats as a plan says, in a home with a scripted agent. */
async function chatted(
  steps: readonly Step[],
  options: {
    readonly home?: string;
    readonly words?: readonly string[];
  } = {},
): Promise<Chatted> {
  const folder = options.home ??
    await Deno.makeTempDir({ prefix: "stigmer-chat-" });
  try {
    await Deno.writeTextFile(`${folder}/bot.script.yaml`, SCRIPT);
    const terminal = plannedTerminal(steps);
    const system = systemHost();
    // The terminal is one that may be drawn on, whoever runs the tests.
    const env = {
      ...system.env,
      get: (name: string) => name === "CI" ? undefined : system.env.get(name),
    };
    const host: Host = { ...system, env, terminal };
    await furnish(folder);
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`It got no further: ${terminal.text()}`)),
      CHAT_MS_MAX,
    );
    const words = ["agent", "chat", "bot", "--home", folder, "--color=never"];
    const code = await Promise.race([
      main([...words, ...options.words ?? []], host),
      late,
    ]).finally(() => clearTimeout(timer));
    await using backend = await openBackend({ home: folder, execute: "none" });
    const { executions } = await backend.client.listExecutions({});
    const { sessions } = await backend.client.listSessions({});
    return {
      code,
      text: terminal.text(),
      said: executions.toReversed().map((it) =>
        [it.spec?.message ?? "", it.status?.phase ?? 0] as const
      ),
      sessions: sessions.length,
    };
  } finally {
    if (options.home === undefined) {
      await Deno.remove(folder, { recursive: true });
    }
  }
}

async function furnish(home: string): Promise<void> {
  await using backend = await openBackend({ home, execute: "none" });
  const { agents } = await backend.client.listAgents({});
  if (agents.length > 0) return;
  await backend.client.createAgent({
    agent: {
      metadata: { name: "bot" },
      spec: {
        instructions: "Say what you hear.",
        env: { KEY: { secret: true } },
        model: { name: `script:${home}/bot.script.yaml` },
      },
    },
  });
}

Deno.test("a chat is one session, an execution for each message", async () => {
  const { code, said, sessions, text } = await chatted([
    { line: "one" },
    { line: "" },
    { line: "two\\" },
    { line: "lines" },
    { line: "//slash" },
    { line: "/exit" },
    { line: "never" },
  ]);
  strictEqual(code, 0);
  deepStrictEqual(said.map(([message]) => message), [
    "one",
    "two\nlines",
    "/slash",
  ]);
  strictEqual(sessions, 1);
  match(text, /heard two\nlines\n/);
  // An answer that was streamed is not printed again.
  strictEqual(text.split("heard one").length - 1, 1);
});

Deno.test("Ctrl-D leaves a chat, also within a message", async () => {
  const { code, said } = await chatted([{ line: "one\\" }]);
  strictEqual(code, 0);
  deepStrictEqual(said, []);
});

Deno.test("Ctrl-C cancels an answer, and the chat goes on", async () => {
  const { code, said, text } = await chatted([
    { line: "wait" },
    { said: "begun" },
    { interrupt: "SIGINT" },
    { said: "Cancelled aex-" },
    { line: "again" },
    { said: "heard again" },
  ]);
  strictEqual(code, 0);
  deepStrictEqual(said.map(([message]) => message), ["wait", "again"]);
  match(text, /Cancelled aex-\S+: Interrupted by Ctrl-C/);
});

Deno.test("an answer that is over before it is cancelled is shown whole", async () => {
  const { code, text } = await chatted([
    { line: "hurry" },
    { said: "begin" },
    { interrupt: "SIGINT" },
    { said: "resumed)\n" },
    { said: "beginning and end\n> " },
  ]);
  strictEqual(code, 0);
  match(text, /begin[a-z ]*\nCancelling \(/);
});

Deno.test("a second Ctrl-C leaves the chat and its run", async () => {
  const { code, said, text } = await chatted([
    { line: "wait" },
    { said: "begun" },
    { interrupt: "SIGINT" },
    { interrupt: "SIGINT" },
  ]);
  strictEqual(code, 130);
  strictEqual(said.length, 1);
  match(text, /stigmer execution resume aex-/);
});

Deno.test("Ctrl-C at the prompt drops what was typed, twice leaves", async () => {
  const { code, said, text } = await chatted([
    { line: "one\\" },
    { said: "… " },
    { interrupt: "SIGINT" },
    { said: "> " },
    { line: "two" },
    { said: "heard two\n> " },
    { interrupt: "SIGINT" },
    { said: "or /exit leave\n> " },
    { line: "three" },
    { said: "heard three\n> " },
    { interrupt: "SIGINT" },
    { said: "or /exit leave\n> " },
    { interrupt: "SIGINT" },
  ]);
  strictEqual(code, 130);
  deepStrictEqual(said.map(([message]) => message), ["two", "three"]);
  ok(!text.includes("heard one"), text);
});

Deno.test("SIGTERM at the prompt leaves at once", async () => {
  const { code } = await chatted([
    { said: "> " },
    { interrupt: "SIGTERM" },
  ]);
  strictEqual(code, 130);
});

Deno.test("an answer that fails is told, and the chat goes on", async () => {
  const { code, text, said } = await chatted([
    { line: "fail" },
    { said: "today" },
    { line: "again" },
  ]);
  strictEqual(code, 0);
  strictEqual(said.length, 2);
  match(text, /Execution aex-\S+ failed: [^>]*Not\s+today/);
});

Deno.test("/help, /tools, /usage, /session and /save answer about the chat", async () => {
  const home = await Deno.makeTempDir({ prefix: "stigmer-chat-" });
  try {
    const file = `${home}/chat.md`;
    const { text, said } = await chatted(
      [
        { line: "/session" },
        { line: "one" },
        { line: "/help" },
        { line: "/tools" },
        { line: "/usage" },
        { line: "/session" },
        { line: "/save" },
        { line: `/save ${file}` },
        { line: `/save ${file}` },
        { line: `/save ${home}/chat.json` },
        { line: `/save ${home}/no/chat.md` },
        { line: "/usag" },
        { line: "/EXIT" },
        { line: "never" },
      ],
      { home },
    );
    strictEqual(said.length, 1);
    for (
      const expected of [
        /No session yet/,
        /\/save FILE +Write/,
        /Alt-Enter and a paste .*↑/,
        /Ctrl-C cancels the answer/,
        /bot has no tool servers/,
        /1 message, 1 turn, 0 tool calls, \d+ tokens in, \d+ out/,
        /stigmer agent chat bot --session ses-/,
        /Name a file, as \/save/,
        /Saved 1 message to/,
        /Something is there already/,
        /Cannot write\s.*no\/chat.md":\sno\ssuch\sfile\sor\sfolder/,
        /There is no "\/usag". Did you mean "\/usage"\?/,
      ]
    ) match(text, expected);
    const saved = await Deno.readTextFile(file);
    if (Deno.build.os !== "windows") {
      strictEqual(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
    }
    match(saved, /\*\*You\*\*\n\none\n\n\*\*bot\*\*\n\nheard one\n/);
    const json = JSON.parse(await Deno.readTextFile(`${home}/chat.json`));
    strictEqual(json.said[0].answer, "heard one");
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("what a model says steers no terminal, however it is shown", async () => {
  for (const words of [[], ["--quiet"]]) {
    const { text, code } = await chatted(
      [{ line: "steer" }, { said: "here" }, { line: "/tools" }],
      { words },
    );
    strictEqual(code, 0, text);
    match(text, /Called: none\[2J \(1\)/);
    ok(!text.includes("\x1b[2J"), "it clears the terminal");
    ok(!text.includes("\x1b]"), "it names the terminal");
  }
});

Deno.test("/tools shows names that would steer a terminal as they are", async () => {
  const home = await Deno.makeTempDir({ prefix: "stigmer-chat-" });
  try {
    await using backend = await openBackend({ home, execute: "none" });
    await backend.client.createAgent({
      agent: {
        metadata: { name: "bot" },
        spec: {
          instructions: "Say what you hear.",
          model: { name: `script:${home}/bot.script.yaml` },
          mcpServers: [{
            name: "fs",
            transport: { case: "stdio", value: { command: "none" } },
            enabledTools: ["x\x1b]0;T\x07", "y"],
          }],
        },
      },
    });
    const { text } = await chatted([{ line: "/tools" }], { home });
    ok(text.includes("fs (stdio): x\\u{1b}]0;T\\u{7}, y"), text);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("a message with a secret of the chat is in no history", async () => {
  const home = await Deno.makeTempDir({ prefix: "stigmer-chat-" });
  try {
    await furnish(home);
    const { said } = await chatted([
      { line: "it is hunter2hunter2" },
      { said: "heard it is ***" },
      { line: "and this is none" },
      { said: "heard and" },
    ], { home, words: ["--secret", "KEY=hunter2hunter2"] });
    deepStrictEqual(said.map(([message]) => message), [
      "it is ***",
      "and this is none",
    ]);
    const kept = await Deno.readTextFile(`${home}/chat_history.jsonl`);
    strictEqual(kept, '"and this is none"\n');
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("a chat goes on with the last session, and shows its end", async () => {
  const home = await Deno.makeTempDir({ prefix: "stigmer-chat-" });
  try {
    const lines = ["one", "two", "three", "four"].map((line) => ({ line }));
    await chatted(lines, { home });
    const again = await chatted([{ line: "five" }], {
      home,
      words: ["--session", "last"],
    });
    strictEqual(again.sessions, 1);
    strictEqual(again.said.length, 5);
    match(again.text, /… 1 earlier\n> two\nheard two\n> three\n/);
    const other = await chatted([{ line: "six" }], {
      home,
      words: ["--session", "new"],
    });
    strictEqual(other.sessions, 2);
    const id = /ses-[0-9a-z]{26}/.exec(again.text)?.[0] ?? "";
    const named = await chatted([{ line: "seven" }], {
      home,
      words: ["--session", id],
    });
    strictEqual(named.sessions, 2);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("/fork and /new go on apart, and a slip of the pen ends nothing", async () => {
  const home = await Deno.makeTempDir({ prefix: "stigmer-chat-" });
  try {
    const { text, said, sessions } = await chatted([
      { line: "/fork" },
      { line: "one" },
      { line: "/fork aex-x" },
      { line: "/fork" },
      { line: "two" },
      { line: "/new" },
      { line: "three" },
      { line: "/session" },
    ], { home });
    strictEqual(said.length, 3);
    strictEqual(sessions, 3);
    match(text, /No session yet/);
    match(text, /Cannot find execution "aex-x" in session/);
    match(text, /Session (ses-\S+) goes on after\s+aex-/);
    match(text, /The next message begins a new session/);
    const fork = /Session (ses-\S+) goes on/.exec(text)?.[1] ?? "";
    const again = await chatted([{ line: "four" }], {
      home,
      words: ["--session", fork],
    });
    // What was said before the fork is of its conversation.
    match(again.text, /> one\nheard one\n> two\nheard two\n/);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
