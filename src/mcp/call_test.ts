import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { until } from "../../tests/until.ts";
import type { Host } from "../host/host.ts";
import { systemHost } from "../host/system.ts";
import type { ActivityContext, ActivityOutcome } from "../model/durable.ts";
import { StigmerError } from "../model/error.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { createMcpActivity } from "./call.ts";
import { CATALOG } from "./catalog.ts";

const SCRIPT = fileURLToPath(
  new URL("../../tests/servers/tool_server.ts", import.meta.url),
);
/** How long a test waits for something to be so. */

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly host?: Host;
  readonly hide?: (text: string) => string;
  readonly emit?: ActivityContext["emit"];
}

async function ask(
  input: JsonObject,
  options: CallOptions = {},
): Promise<ActivityOutcome> {
  const host = options.host ?? systemHost();
  const context: ActivityContext = {
    executionId: "wex-1",
    path: "/do/0/m",
    name: "m",
    attempt: 1,
    idempotencyKey: "key-1",
    signal: options.signal ?? new AbortController().signal,
    variables: { TOKEN: "s3cret" },
    workingDirectory: "/",
    emit: options.emit ?? (() => {}),
    ...(options.hide === undefined ? {} : {
      secrets: {
        names: [],
        open: () => Promise.resolve({}),
        hide: options.hide,
      },
    }),
  };
  const sender = {
    fetch: (request: Request, authentication: Json | undefined) => {
      if (typeof authentication === "string") {
        request.headers.set("authorization", authentication);
      }
      return host.network.fetch(request);
    },
  };
  return await createMcpActivity({ host, sender })(input, context);
}

/** The transport to the test's own server. */
function stdio(mode: string, file = "", more: JsonObject = {}): JsonObject {
  return {
    stdio: {
      command: "deno",
      arguments: ["run", "-q", "--no-config", "-A", SCRIPT, mode, file],
      ...more,
    },
  };
}

function outputOf(outcome: ActivityOutcome): JsonObject {
  assert.equal(outcome.kind, "completed", JSON.stringify(outcome));
  return JSON.parse(JSON.stringify(
    outcome.kind === "completed" ? outcome.output : {},
  ));
}

function textOf(outcome: ActivityOutcome): string {
  const { content } = outputOf(outcome);
  assert.ok(Array.isArray(content));
  return content[0].text;
}

async function started(file: string): Promise<string[]> {
  const text = await Deno.readTextFile(file).catch(() => "");
  return text.split("\n").filter((it) => it.startsWith("started "))
    .map((it) => it.slice("started ".length));
}

/** Whether a process is there and no mere entry of the process table. */
function isAlive(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

Deno.test("mcp tells no half of a secret where it cuts a line", async () => {
  const secret = "s3cret-of-some-length";
  const told: string[] = [];
  await assert.rejects(ask({
    method: "tools/call",
    parameters: { name: "echo" },
    transport: stdio("straddle", "", { environment: { MY_TOKEN: secret } }),
  }, {
    hide: (text) => text.replaceAll(secret, "***"),
    emit: ({ text }) => void told.push(text),
  }));
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /^1 \.{490}\*\*\*\n$/);
});

Deno.test("mcp keeps the beginning of an error that is too long", async () => {
  const outcome = await ask({
    method: "tools/call",
    parameters: { name: "echo" },
    transport: stdio("wordy"),
  });
  assert(outcome.kind === "failed");
  assert.match(outcome.failure.detail ?? "", /: 20971520 characters$/);
});

Deno.test("mcp gives a stdio server its variables, and no other", async () => {
  Deno.env.set("STIGMER_TEST_LEAK", "leak");
  try {
    const outcome = await ask({
      method: "tools/call",
      parameters: { name: "echo" },
      transport: stdio("env", "", { environment: { GIVEN: "${TOKEN}" } }),
    });
    const env = JSON.parse(textOf(outcome));
    assert.equal(env.GIVEN, "${TOKEN}");
    assert.equal(env.STIGMER_TEST_LEAK, undefined);
  } finally {
    Deno.env.delete("STIGMER_TEST_LEAK");
  }
});

Deno.test(
  "mcp has a server for each call, and ends it with the call",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    const file = await Deno.makeTempFile();
    const input = {
      method: "tools/call",
      parameters: { name: "count" },
      transport: stdio("good", file),
    };
    assert.equal(textOf(await ask(input)), "1");
    assert.equal(textOf(await ask(input)), "1");
    const pids = await started(file);
    assert.equal(pids.length, 2);
    assert.deepEqual(pids.filter(isAlive), []);
    await Deno.remove(file);
  },
);

Deno.test(
  "mcp ends the server of a call that is aborted",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    const file = await Deno.makeTempFile();
    const abort = new AbortController();
    const asking = ask({
      method: "tools/call",
      parameters: { name: "echo" },
      transport: stdio("hang", file),
    }, { signal: abort.signal });
    await until(async () => (await Deno.readTextFile(file)).includes("call"));
    abort.abort(new DOMException("cancelled", "AbortError"));
    await assert.rejects(asking, { name: "AbortError" });
    const pids = await started(file);
    assert.equal(pids.length, 1);
    assert.deepEqual(pids.filter(isAlive), []);
    await Deno.remove(file);
  },
);

Deno.test("mcp asks the real everything server all that it has", async () => {
  const transport = {
    stdio: {
      command: "deno",
      arguments: [
        "run",
        "-q",
        "--no-config",
        "--no-lock",
        "--allow-all",
        `npm:${CATALOG.everything.package}`,
      ],
    },
  };
  const all = async (method: string, parameters: JsonObject = {}) =>
    outputOf(await ask({ method, parameters, transport }));
  const size = (value: Json | undefined): number =>
    Array.isArray(value) ? value.length : 0;
  const { tools } = await all("tools/list");
  assert.ok(size(tools) > 5);
  const { prompts } = await all("prompts/list");
  assert.ok(size(prompts) > 0);
  const { messages } = await all("prompts/get", { name: "simple-prompt" });
  assert.ok(size(messages) > 0);
  const { resourceTemplates } = await all("resources/templates/list");
  assert.ok(size(resourceTemplates) > 0);
  const { resources } = await all("resources/list");
  assert.ok(Array.isArray(resources));
  const { contents } = await all("resources/read", {
    uri: String(resources[0].uri),
  });
  assert.ok(size(contents) > 0);
  const unknown = await ask({
    method: "prompts/get",
    parameters: { name: "no-such-prompt" },
    transport,
  });
  assert.ok(unknown.kind === "failed");
  assert.match(unknown.failure.type, /runtime$/);
  assert.match(
    unknown.failure.detail,
    /^Cannot do "prompts\/get" at tool server "deno": .*no-such-prompt/,
  );
});

/** A tool server by HTTP that keeps what it was sent. */
class HttpServer implements AsyncDisposable {
  readonly seen: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(version = "") {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request, version),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async #answer(request: Request, version: string): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/away") {
      return Response.redirect("http://localhost:1/mcp", 307);
    }
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const { id, method, params } = await request.json();
    const { headers } = request;
    this.seen.push(
      `${method} ${headers.get("authorization")} ${headers.get("x-team")}`,
    );
    if (id === undefined) return new Response(null, { status: 202 });
    const result = method === "initialize"
      ? {
        protocolVersion: version || params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: params.clientInfo.name, version: "1" },
      }
      : { content: [{ type: "text", text: JSON.stringify(params) }] };
    return Response.json({ jsonrpc: "2.0", id, result });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test("mcp proves to an HTTP server who it is, with each request", async () => {
  await using server = new HttpServer();
  const outcome = await ask({
    method: "tools/call",
    parameters: { name: "add", arguments: { text: "${TOKEN}" } },
    client: { name: "me", version: "1.0.0" },
    transport: {
      http: {
        endpoint: { uri: `${server.url}/mcp`, authentication: "Bearer t" },
        headers: { "x-team": "docs" },
      },
    },
  });
  const sent = JSON.parse(textOf(outcome));
  assert.deepEqual(sent.arguments, { text: "${TOKEN}" });
  assert.equal(sent._meta["stigmer.ai/idempotency-key"], "key-1");
  assert.deepEqual(server.seen, [
    "initialize Bearer t docs",
    "notifications/initialized Bearer t docs",
    "tools/call Bearer t docs",
  ]);
});

Deno.test("mcp speaks the version that it is told to, and no other", async () => {
  await using server = new HttpServer("2024-11-05");
  const transport = { http: { endpoint: { uri: `${server.url}/mcp` } } };
  const input = {
    method: "tools/call",
    parameters: { name: "add" },
    transport,
  };
  outputOf(await ask({ ...input, protocolVersion: "2024-11-05" }));
  await assert.rejects(
    ask({ ...input, protocolVersion: "2025-06-18" }),
    (error) =>
      error instanceof StigmerError && error.code === "UNAVAILABLE" &&
      /2024-11-05/.test(error.message),
  );
});

Deno.test("mcp takes its headers to no other server", async () => {
  await using server = new HttpServer();
  await assert.rejects(
    ask({
      method: "tools/list",
      transport: { http: { endpoint: { uri: `${server.url}/away` } } },
    }),
    /redirects to "http:\/\/localhost:1", where its headers must not go/,
  );
});

Deno.test("mcp refuses what an expression gives in the wrong shape", async () => {
  await assert.rejects(
    ask({ method: "tools/list", parameters: "x", transport: stdio("good") }),
    /its parameters must be an object/,
  );
  await assert.rejects(
    ask({
      method: "tools/list",
      transport: { http: { endpoint: { uri: "ftp://a" } } },
    }),
    /must begin with "http:\/\/" or "https:\/\/"/,
  );
});

Deno.test("an excerpt of a server's stderr holds no half of a secret", async () => {
  const secret = "s3cret-of-some-length";
  const environment = { MY_TOKEN: secret };
  await assert.rejects(
    ask({
      method: "tools/list",
      transport: stdio("spill", "", { environment }),
    }, {
      hide: (text) => text.replaceAll(secret, "***"),
    }),
    (error: Error) => {
      assert.match(error.message, /\*{3}\.{3990}$/);
      assert.ok(!error.message.includes("length"));
      return true;
    },
  );
});

/** An applied server, as a machine hands it to the activity. */
function applied(mode: string, more: JsonObject = {}): JsonObject {
  const { command, arguments: args } = Object(stdio(mode)["stdio"]);
  return {
    applied: {
      name: "Desk",
      enabledTools: [],
      transport: { kind: "stdio", command, args, env: {}, cwd: "", ...more },
    },
  };
}

Deno.test("mcp gives an applied server what it names of the run", async () => {
  const outcome = await ask({
    method: "tools/call",
    parameters: { name: "echo" },
    transport: applied("env", { env: { GIVEN: "it is ${TOKEN}" } }),
  });
  const env = JSON.parse(textOf(outcome));
  assert.equal(env.GIVEN, "it is s3cret");
  assert.equal(env.TOKEN, undefined);
  await assert.rejects(
    ask({
      method: "tools/list",
      transport: applied("env", { env: { GIVEN: "${NOBODY}" } }),
    }),
    /^StigmerError: Cannot start tool server "Desk": variable "NOBODY" .* is missing/,
  );
});

Deno.test("mcp meets servers that know of no handshake, applied or not", async () => {
  for (const transport of [applied("modern"), stdio("modern")]) {
    const input = {
      method: "tools/call",
      parameters: { name: "echo", arguments: { text: "hi" } },
      transport,
    };
    assert.equal(textOf(await ask(input)), "echo: hi");
    const bound = await ask({ ...input, protocolVersion: "2025-06-18" });
    assert.equal(bound.kind, "failed");
  }
});

Deno.test("mcp says how an applied server died", async () => {
  await assert.rejects(
    ask({ method: "tools/list", transport: applied("crash-at-start") }),
    /"Desk".*no configuration found/s,
  );
});
