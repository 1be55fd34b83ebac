/**
 * A tool server over stdio whose tools are what a file says at the moment, and
 * that keeps a log of the calls that it was sent.
 *
 *     deno run tests/servers/changing_tools.ts TOOLS LOG
 *
 * The tools `turn` and `die` put `TOOLS.next` in the place of `TOOLS`: the
 * first says so to its client, the second ends the server.
 *
 * @module
 */

type Message = {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
};

const [tools = "", log = ""] = Deno.args;

function write(message: unknown): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < bytes.length;) {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}

function resultOf({ method, params }: Message): unknown {
  switch (method) {
    case "initialize":
      return {
        protocolVersion: params?.["protocolVersion"],
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: "changing", version: "1.0.0" },
      };
    case "tools/list":
      return { tools: JSON.parse(Deno.readTextFileSync(tools)) };
    case "tools/call":
      return called(String(params?.["name"]));
    default:
      return {};
  }
}

function called(name: string): unknown {
  Deno.writeTextFileSync(log, `${name}\n`, { append: true });
  if (name === "turn" || name === "die") {
    Deno.renameSync(`${tools}.next`, tools);
    if (name === "die") Deno.exit(3);
    const method = "notifications/tools/list_changed";
    write({ jsonrpc: "2.0", method });
  }
  return { content: [{ type: "text", text: `did ${name}` }] };
}

let buffer = "";
const decoder = new TextDecoder();
for await (const chunk of Deno.stdin.readable) {
  buffer += decoder.decode(chunk, { stream: true });
  const lines = buffer.split("\n");
  buffer = lines.pop() ?? "";
  for (const line of lines) {
    const message: Message = JSON.parse(line);
    const { id } = message;
    if (id === undefined) continue;
    write({ jsonrpc: "2.0", id, result: resultOf(message) });
  }
}
