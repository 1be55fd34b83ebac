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
};

const [mode = "good", file = ""] = Deno.args;
/** Bytes of the line that `big` answers with. */
const BIG_LENGTH = 5 * 1024 * 1024;
let counter = 0;

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
  description: `Does ${name}${told}`,
  inputSchema: { type: "object", properties: { text: { type: "string" } } },
  annotations: { readOnlyHint: name === "echo" },
}));

function text(value: string, isError = false): unknown {
  return { content: [{ type: "text", text: value }], isError };
}

async function call(params: Message["params"] = {}): Promise<unknown> {
  const args = params["arguments"];
  const given = typeof args === "object" && args !== null && "text" in args
    ? String(args.text)
    : "";
  log(`call ${params["name"]} ${given}`);
  if (mode === "crash") {
    console.error("a disk is on fire");
    Deno.exit(3);
  }
  if (mode === "hang") await new Promise(() => {});
  if (mode === "garbage") {
    for (let i = 0; i < 200; i++) writeText("<html>no message</html>\n");
    await new Promise(() => {});
  }
  if (mode === "big") return text("x".repeat(BIG_LENGTH));
  if (mode === "env") {
    // Sorted, so that a run that is done again is told the same.
    const names = Object.keys(Deno.env.toObject()).sort();
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
  if (id === undefined) return log(`notified ${method}`);
  if (method === "initialize") {
    if (mode === "silent") return;
    const result = {
      protocolVersion: params?.["protocolVersion"],
      capabilities: { tools: {} },
      serverInfo: { name: "test", version: "1.0.0" },
    };
    return write({ jsonrpc: "2.0", id, result });
  }
  const result = method === "tools/list"
    ? { tools: TOOLS }
    : method === "tools/call"
    ? await call(params)
    : {};
  write({ jsonrpc: "2.0", id, result });
}

log(`started ${Deno.pid}`);
if (mode === "crash-at-start") {
  console.error("no configuration found");
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
