/**
 * A small tool server over stdio that behaves as it is told: well, or badly in
 * one of several ways.
 *
 *     deno run tests/servers/tool_server.ts MODE [FILE]
 *
 * @module
 */

type Message = {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: unknown;
};

const [mode = "good", file = ""] = Deno.args;
/** Bytes of the lines that `big` and `huge` answer with. */
const BIG_LENGTH = 5 * 1024 * 1024;
const HUGE_LENGTH = 50 * 1024 * 1024;
/** Characters of the error that `wordy` answers with. */
const WORDY_LENGTH = 20 * 1024 * 1024;
/** What `flood` writes to stderr, a piece at a time. */
const FLOOD_PIECE = "x".repeat(1024 * 1024);
const FLOOD_PIECES = 100;
/** Levels of the JSON that `deep` answers with. */
const DEEP_LEVELS = 100_000;
/** Tools that `many` has. */
const MANY_TOOLS = 10_000;
/** How often `progress` tells of it, and how long it takes between. */
const PROGRESS_STEPS = 6;
const PROGRESS_PAUSE_MS = 100;
/** How long `dawdle` takes over each page of its list. */
const DAWDLE_MS = 200;
/** How long `once` takes to fail when it is started again. */
const AGAIN_MS = 500;
let counter = 0;
/** Tools that `changing` has by now. */
let grown = 0;

function write(message: unknown): void {
  writeText(`${JSON.stringify(message)}\n`);
}

function writeText(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}

function log(line: string): void {
  if (file !== "") Deno.writeTextFileSync(file, `${line}\n`, { append: true });
}

/** One that tells what it was given wherever a server can. */
const told = mode === "tell" ? ` with ${Deno.env.get("MY_TOKEN")}` : "";
const TOOLS = ["echo", "count", "fail", "act"].map((name) => ({
  name,
  description: `Does ${name}${told}` +
    (mode === "coloured" ? ". It may take a while" : ""),
  inputSchema: { type: "object", properties: { text: { type: "string" } } },
  annotations: { readOnlyHint: name === "echo" },
}));

/** What is offered by one that has more than tools. */
const OFFERS: Record<string, unknown> = {
  "server/discover": {
    supportedVersions: ["2026-07-28"],
    capabilities: { tools: {} },
    instructions: "No handshakes",
  },
  "resources/list": {
    resources: ["one", "two"].map((name) => ({ uri: `memo://${name}`, name })),
  },
  "resources/templates/list": {
    resourceTemplates: [{ uriTemplate: "memo://{name}", name: "any" }],
  },
  "prompts/list": {
    prompts: [{
      name: "greet",
      description: "Greets somebody",
      arguments: [{ name: "who", required: true }],
    }],
  },
};

function listTools(params: Message["params"] = {}): unknown {
  if (mode === "nameless") return { tools: [...TOOLS, { title: "Nobody" }] };
  if (mode === "many") {
    const tools = Array.from({ length: MANY_TOOLS }, (_, i) => ({
      name: `tool_${i}`,
      inputSchema: { type: "object" },
    }));
    return { tools };
  }
  if (mode === "endless" || mode === "dawdle") {
    const at = Number(params["cursor"] ?? 0);
    return { tools: [], nextCursor: String(at + 1) };
  }
  const more = Array.from({ length: grown }, (_, i) => ({
    name: `more_${i + 1}`,
    inputSchema: { type: "object" },
  }));
  const again = mode === "coloured" ? [{ ...TOOLS[0], description: "" }] : [];
  return { tools: [...TOOLS, ...more, ...again] };
}

/** Asks the client, and notes what it answers. */
function ask(method: string, params: unknown = {}): void {
  write({ jsonrpc: "2.0", id: `asked ${method}`, method, params });
}

function note(level: string, data: string): void {
  write({
    jsonrpc: "2.0",
    method: "notifications/message",
    params: { level, data },
  });
}

function tellProgress(params: Message["params"], about: unknown): void {
  const meta = params?.["_meta"];
  const token = typeof meta === "object" && meta !== null &&
      "progressToken" in meta
    ? meta.progressToken
    : undefined;
  if (token === undefined) return;
  write({
    jsonrpc: "2.0",
    method: "notifications/progress",
    params: { progressToken: token, ...Object(about) },
  });
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** Answers a call otherwise than is expected; `undefined` where it does not. */
async function oddCall(
  id: Message["id"],
  params: Message["params"],
): Promise<unknown> {
  switch (mode) {
    case "rich":
      tellProgress(params, { progress: 1, total: 2, message: "Half\nway" });
      note("info", "about to end");
      tellProgress(params, { progress: 2, total: 2 });
      return undefined;
    case "coloured":
      tellProgress(params, { progress: 1, message: "\u001b[31mred" });
      return undefined;
    case "progress":
      for (let step = 1; step <= PROGRESS_STEPS; step++) {
        await pause(PROGRESS_PAUSE_MS);
        tellProgress(params, { progress: step });
      }
      return undefined;
    case "straddle": {
      // What it was given stands where a line is cut.
      const line = `${".".repeat(490)}${Deno.env.get("MY_TOKEN")}`;
      tellProgress(params, { progress: 1, message: line });
      note("error", line);
      return Deno.exit(3);
    }
    case "wordy":
      write({
        jsonrpc: "2.0",
        id,
        error: { code: -32000, message: "x".repeat(WORDY_LENGTH) },
      });
      return await new Promise(() => {});
    case "twice":
      write({ jsonrpc: "2.0", id, result: text("first") });
      return text("second");
    case "other-id":
      write({ jsonrpc: "2.0", id: 4711, result: text("another's") });
      return await new Promise(() => {});
    case "half":
      writeText('{"jsonrpc":"2.0","id":');
      return await new Promise(() => {});
    case "huge":
      return text("x".repeat(HUGE_LENGTH));
    case "deep":
      writeText(
        `{"jsonrpc":"2.0","id":${id},"result":{"content":[],` +
          `"structuredContent":${'{"a":'.repeat(DEEP_LEVELS)}1` +
          `${"}".repeat(DEEP_LEVELS)}}}\n`,
      );
      return await new Promise(() => {});
    case "no-result":
      return "what";
    case "proto":
      return {
        content: [],
        structuredContent: JSON.parse('{"__proto__":{"isError":true}}'),
      };
    case "logs":
      note("error", "the disk is full");
      return Deno.exit(3);
    case "asks":
      ask("roots/list");
      ask("sampling/createMessage", { messages: [], maxTokens: 1 });
      ask("elicitation/create", {
        message: "Who are you?",
        requestedSchema: { type: "object", properties: {} },
      });
      ask("who/knows");
      return undefined;
    case "changing":
      grown++;
      write({ jsonrpc: "2.0", method: "notifications/tools/list_changed" });
      return undefined;
    default:
      return undefined;
  }
}

function text(value: string, isError = false): unknown {
  return { content: [{ type: "text", text: value }], isError };
}

async function call(
  params: Message["params"] = {},
  id?: Message["id"],
): Promise<unknown> {
  const args = params["arguments"];
  const given = typeof args === "object" && args !== null && "text" in args
    ? String(args.text)
    : "";
  log(`call ${params["name"]} ${given}`);
  if (mode === "crash" || mode === "once") {
    console.error("a disk is on fire");
    Deno.exit(3);
  }
  if (mode === "hang") await new Promise(() => {});
  if (mode === "garbage") {
    for (let i = 0; i < 200; i++) writeText("<html>no message</html>\n");
    await new Promise(() => {});
  }
  const odd = await oddCall(id, params);
  if (odd !== undefined) return odd;
  if (mode === "big") return text("x".repeat(BIG_LENGTH));
  if (mode === "env") {
    // Sorted, and without the mark that each start has of its own, so that a
    // run that is done again is told the same.
    const names = Object.keys(Deno.env.toObject()).sort()
      .filter((name) => name !== "STIGMER_CHILD");
    return text(JSON.stringify(Deno.env.toObject(), names));
  }
  switch (params["name"]) {
    case "count":
      return text(String(++counter));
    case "fail":
      return text("it failed on purpose", true);
    default:
      return text(`echo: ${given}`);
  }
}

async function answer(message: Message): Promise<void> {
  const { id, method, params } = message;
  if (method === undefined) {
    const { error, result } = message;
    return log(`${id} ${JSON.stringify(error ?? result)}`);
  }
  if (id === undefined) return log(`notified ${method}`);
  if (mode === "modern" && method === "initialize") {
    const error = { code: -32601, message: "Method not found" };
    return write({ jsonrpc: "2.0", id, error });
  }
  if (method === "initialize") {
    if (mode === "silent") return;
    const result = {
      protocolVersion: mode === "ancient"
        ? "1999-01-01"
        : params?.["protocolVersion"],
      capabilities: {
        tools: { listChanged: true },
        ...(mode === "rich" ? { resources: {}, prompts: {}, logging: {} } : {}),
      },
      serverInfo: { name: "test", version: "1.0.0" },
      ...(mode === "rich" ? { instructions: "Be kind to it" } : {}),
    };
    return write({ jsonrpc: "2.0", id, result });
  }
  // A page at a time is in time, and all are not.
  if (mode === "dawdle" && method === "tools/list") await pause(DAWDLE_MS);
  const result = method === "tools/list"
    ? listTools(params)
    : method === "tools/call"
    ? await call(params, id)
    : OFFERS[method] ?? {};
  // What is spoken without a handshake says of each result what it is.
  const said = mode === "modern"
    ? {
      resultType: "complete",
      ttlMs: 0,
      cacheScope: "private",
      ...Object(result),
    }
    : result;
  write({ jsonrpc: "2.0", id, result: said });
}

log(`started ${Deno.pid}`);
if (mode === "crash-at-start") {
  console.error("no configuration found");
  Deno.exit(7);
}
if (mode === "once" && Deno.readTextFileSync(file).includes("call ")) {
  log("started again");
  await pause(AGAIN_MS);
  Deno.exit(7);
}
if (mode === "spill") {
  // What it was given stands where an excerpt of the end is cut.
  console.error(`${Deno.env.get("MY_TOKEN")}${".".repeat(3990)}`);
  Deno.exit(7);
}
if (mode === "spill-much") {
  // More than is kept of it, so that it is cut somewhere.
  const given = Deno.env.get("MY_TOKEN") ?? "";
  writeText(`${given}\n`);
  console.error(`${given.repeat(10)}\nand no more`);
  Deno.exit(7);
}
if (mode === "ignore-sigterm") Deno.addSignalListener("SIGTERM", () => {});
if (mode === "fork") {
  // A grandchild that holds no pipe and ignores that its parent went away.
  const child = new Deno.Command("sleep", {
    args: ["300"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  child.unref();
  log(`forked ${child.pid}`);
}
if (mode === "daemon") {
  // It leaves the group and keeps the pipes.
  const child = new Deno.Command("setsid", {
    args: ["sleep", "300"],
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  child.unref();
  log(`forked ${child.pid}`);
}
if (mode === "double-fork") {
  // A daemon as they are made: a session of its own, and no parent.
  const child = new Deno.Command("sh", {
    args: [
      "-c",
      `setsid sh -c 'echo forked $$ >>"$0"; exec sleep 300' "$0" &`,
      file,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await child.status;
}
if (mode === "flood") {
  for (let piece = 0; piece < FLOOD_PIECES; piece++) {
    await Deno.stderr.write(new TextEncoder().encode(FLOOD_PIECE));
  }
  console.error("the end of the flood");
}
if (mode === "noise") writeText("Server is ready\n");

let buffer = "";
for await (const chunk of Deno.stdin.readable) {
  buffer += new TextDecoder().decode(chunk);
  const lines = buffer.split("\n");
  buffer = lines.pop() ?? "";
  for (const line of lines) void answer(JSON.parse(line));
}
// One that ignores SIGTERM ignores the end of its input too.
if (mode === "ignore-sigterm") {
  await new Promise(() => setInterval(() => {}, 1000));
}
