import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { fetchWithinOrigin } from "./http_fetch.ts";
import { createToolHub } from "./hub.ts";
import type { ToolServer } from "./server.ts";

/** A tool server by streamable HTTP that answers each request as JSON. */
function serveTools(): {
  readonly url: string;
  readonly seen: string[];
  stop(): Promise<void>;
} {
  const seen: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      if (request.method !== "POST") return new Response(null, { status: 405 });
      const { id, method, params } = await request.json();
      seen.push(`${method} ${request.headers.get("authorization")}`);
      if (id === undefined) return new Response(null, { status: 202 });
      const result = method === "initialize"
        ? {
          protocolVersion: params.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: "http", version: "1" },
        }
        : method === "tools/list"
        ? { tools: [{ name: "add", inputSchema: { type: "object" } }] }
        : {
          content: [{
            type: "text",
            text: String(params.arguments.a + params.arguments.b),
          }],
        };
      return Response.json({ jsonrpc: "2.0", id, result });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/mcp`,
    seen,
    stop: () => server.shutdown(),
  };
}

function serverAt(url: string): ToolServer {
  const headers = { Authorization: "Bearer ${TOKEN}" };
  return {
    name: "calc",
    enabledTools: [],
    transport: { kind: "http", url, headers },
  };
}

const SCOPE = {
  variables: { TOKEN: "t0ken" },
  workingDirectory: "/",
  signal: new AbortController().signal,
};

function call(server: ToolServer) {
  return {
    server,
    tool: "add",
    arguments: { a: 2, b: 3 },
    idempotencyKey: "key",
    timeoutMs: 5000,
  };
}

Deno.test("a server by HTTP is listed and called with its headers", async () => {
  const tools = serveTools();
  const hub = createToolHub({ host: systemHost() });
  try {
    const server = serverAt(tools.url);
    const listed = await hub.tools([server], SCOPE);
    assert.deepEqual(listed.map((tool) => tool.name), ["calc_add"]);
    const result = await hub.call(call(server), SCOPE);
    assert.deepEqual(result, { text: "5", isError: false });
    assert(tools.seen.every((line) => line.endsWith("Bearer t0ken")));
  } finally {
    await hub.close();
    await tools.stop();
  }
});

Deno.test("a server by HTTP is given secrets in its headers", async () => {
  const tools = serveTools();
  const hub = createToolHub({ host: systemHost() });
  const secretsOf = (value: string) => ({
    names: ["TOKEN"],
    open: () => Promise.resolve({ TOKEN: value }),
    hide: (text: string) => text,
  });
  try {
    const server = serverAt(tools.url);
    const scope = { ...SCOPE, variables: {} };
    await assert.rejects(
      hub.tools([server], { ...scope, secrets: secretsOf("two\nlines") }),
      (error: Error) => {
        assert.match(error.message, /header "Authorization" .* a line break/);
        assert.ok(!error.message.includes("lines"));
        return true;
      },
    );
    // A line break at the end of a value, as of a file, is no part of it.
    await hub.tools([server], { ...scope, secrets: secretsOf("t0ken\n") });
    assert.ok(tools.seen.length > 0);
    assert.ok(tools.seen.every((line) => line.endsWith(" Bearer t0ken")));
  } finally {
    await hub.close();
    await tools.stop();
  }
});

Deno.test("a server by HTTP that is not there gives a clear error", async () => {
  const tools = serveTools();
  await tools.stop();
  const hub = createToolHub({ host: systemHost() });
  try {
    await assert.rejects(
      hub.call(call(serverAt(tools.url)), SCOPE),
      /Cannot start tool server "calc"/,
    );
  } finally {
    await hub.close();
  }
});

/** A server that sends each request on, with 307. */
function redirectTo(target: (path: string) => string): {
  readonly url: string;
  stop(): Promise<void>;
} {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      await request.body?.cancel();
      const location = target(new URL(request.url).pathname);
      return new Response(null, { status: 307, headers: { location } });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/mcp`,
    stop: () => server.shutdown(),
  };
}

Deno.test("a server's headers go nowhere else by a redirect", async () => {
  const tools = serveTools();
  const redirecting = redirectTo(() => tools.url);
  const hub = createToolHub({ host: systemHost() });
  try {
    await assert.rejects(
      hub.tools([serverAt(redirecting.url)], SCOPE),
      /Cannot start tool server "calc": "http:.*" redirects to "http:.*", where its headers must not go/,
    );
    assert.deepEqual(tools.seen, []);
  } finally {
    await hub.close();
    await redirecting.stop();
    await tools.stop();
  }
});

Deno.test("a redirect within a server is followed, but not for ever", async () => {
  const asked: string[] = [];
  const network = {
    async fetch(request: Request): Promise<Response> {
      const { pathname } = new URL(request.url);
      asked.push(`${pathname} ${await request.text()}`);
      const location = pathname === "/mcp" ? "/mcp/" : `${pathname}x`;
      return pathname === "/mcp/"
        ? new Response("here")
        : new Response(null, { status: 308, headers: { location } });
    },
  };
  const get = fetchWithinOrigin(network);
  const init = { method: "POST", body: "b" };
  const response = await get("http://a.test/mcp", init);
  assert.equal(await response.text(), "here");
  assert.deepEqual(asked, ["/mcp b", "/mcp/ b"]);
  await assert.rejects(get("http://a.test/x", init), /more than 5 times/);
});

Deno.test("fetchWithinOrigin() reads no answer for ever", async () => {
  const piece = new Uint8Array(1024 * 1024);
  let sentCount = 0;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      await request.body?.cancel();
      return new Response(
        new ReadableStream({
          pull(controller) {
            sentCount++;
            controller.enqueue(piece);
          },
        }),
      );
    },
  );
  const post = fetchWithinOrigin(systemHost().network);
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const response = await post(url, { method: "POST", body: "{}" });
  await assert.rejects(response.bytes(), /more than 67108864 bytes/);
  assert.ok(sentCount < 200, `${sentCount} MiB were sent`);
});

Deno.test("fetchWithinOrigin() reads events for ever, and no event", async () => {
  /** Bytes of one piece of a stream. */
  const PIECE = 8 * 1024 * 1024;
  const line = new Uint8Array(PIECE).fill(120);
  line[PIECE - 1] = 10;
  const event = line.slice();
  event[PIECE - 2] = 10;
  const serveEvents = (ends: boolean) =>
    Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
      let left = 12;
      return new Response(
        new ReadableStream<Uint8Array>({
          pull(controller) {
            if (left-- === 0) return controller.close();
            controller.enqueue(ends ? event : line);
          },
        }),
      );
    });
  const get = fetchWithinOrigin(systemHost().network);
  const read = async (ends: boolean): Promise<number> => {
    await using server = serveEvents(ends);
    const url = `http://127.0.0.1:${server.addr.port}/`;
    const response = await get(url, { method: "GET" });
    let sizeBytes = 0;
    for await (const piece of response.body ?? []) sizeBytes += piece.length;
    return sizeBytes;
  };
  assert.equal(await read(true), 12 * PIECE);
  await assert.rejects(read(false), /answered with more than 67108864 bytes/);
});
