import assert from "node:assert/strict";
import { systemHost } from "../host/system.ts";
import { StigmerError } from "../model/error.ts";
import { reconnectDelayMs } from "./http_transport.ts";
import { createToolHub, type ToolHub } from "./hub.ts";
import type { OAuthLogins } from "./oauth.ts";
import type { ToolServer } from "./server.ts";
import { createMask } from "../vault/mask.ts";

/** How long a test waits for something to be so. */
const PATIENCE_MS = 10_000;
/** How long a server may wait to hear that a call is cancelled. */
const CANCELLED_WITHIN_MS = 1000;

type Message = {
  readonly id?: number;
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
};

/** A session of the server. */
interface Served extends AsyncDisposable {
  readonly server: ToolServer;
  readonly hub: ToolHub;
  /** What it was asked, in order: `POST tools/call s1`. */
  readonly seen: string[];
  /** Forgets all sessions. */
  forget(): void;
  call(options?: {
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
    readonly onProgress?: (line: string) => void;
  }): Promise<string>;
  /** Waits until it was asked that. */
  until(start: string): Promise<void>;
}

type Answer = (
  message: Message,
  reply: (result: unknown) => Record<string, unknown>,
) => Response | undefined;

/** Serves streamable HTTP with sessions; `answer` says what a call gives. */
function serve(
  answer: Answer,
  resume?: (lastEventId: string) => Response,
): Served {
  const seen: string[] = [];
  const sessions = new Set<string>();
  let count = 0;
  async function handle(request: Request): Promise<Response> {
    const session = request.headers.get("mcp-session-id") ?? "";
    const lastEventId = request.headers.get("last-event-id");
    if (request.method !== "POST") {
      seen.push(`${request.method} ${lastEventId ?? ""} ${session}`);
      if (request.method === "GET" && lastEventId !== null) {
        return resume?.(lastEventId) ?? new Response(null, { status: 405 });
      }
      if (request.method === "DELETE") sessions.delete(session);
      return new Response(null, {
        status: request.method === "DELETE" ? 200 : 405,
      });
    }
    const message: Message = await request.json();
    seen.push(`POST ${message.method} ${session}`);
    const reply = (result: unknown) => ({
      jsonrpc: "2.0",
      id: message.id,
      result,
    });
    if (message.method === "initialize") {
      const id = `s${++count}`;
      sessions.add(id);
      return Response.json(
        reply({
          protocolVersion: message.params?.["protocolVersion"],
          capabilities: { tools: {} },
          serverInfo: { name: "http", version: "1" },
        }),
        { headers: { "mcp-session-id": id } },
      );
    }
    if (!sessions.has(session)) return new Response(null, { status: 404 });
    if (message.id === undefined) return new Response(null, { status: 202 });
    if (message.method === "tools/list") {
      const tools = [{ name: "work", inputSchema: { type: "object" } }];
      return Response.json(reply({ tools }));
    }
    return answer(message, reply) ??
      Response.json(reply({ content: [{ type: "text", text: "done" }] }));
  }
  const listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    handle,
  );
  const hub = createToolHub({ host: systemHost() });
  const url = `http://127.0.0.1:${listener.addr.port}/mcp`;
  const server: ToolServer = {
    name: "web",
    enabledTools: [],
    transport: { kind: "http", url, headers: {} },
  };
  return {
    server,
    hub,
    seen,
    forget: () => sessions.clear(),
    async call({ timeoutMs = PATIENCE_MS, signal, onProgress } = {}) {
      const result = await hub.call({
        server,
        tool: "work",
        arguments: {},
        idempotencyKey: "key",
        timeoutMs,
        ...(onProgress === undefined ? {} : { onProgress }),
      }, {
        variables: {},
        workingDirectory: "/",
        signal: signal ?? new AbortController().signal,
      });
      return result.text;
    },
    async until(start) {
      for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += 10) {
        if (seen.some((it) => it.startsWith(start))) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assert.fail(`it was never asked "${start}", but ${seen.join("; ")}`);
    },
    async [Symbol.asyncDispose]() {
      await hub.close();
      await listener.shutdown();
    },
  };
}

/** A stream of events that stays open, or ends after them. */
function events(
  texts: readonly string[],
  { ends = true }: { readonly ends?: boolean } = {},
): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const text of texts) {
        controller.enqueue(new TextEncoder().encode(`${text}\n\n`));
      }
      if (ends) controller.close();
    },
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream" },
  });
}

function event(id: string, data: unknown): string {
  return `id: ${id}\ndata: ${JSON.stringify(data)}`;
}

/** Where somebody has logged in, by a token that does not end. */
const LOGINS: OAuthLogins = {
  find: () =>
    Promise.resolve({
      authority: { issuer: "here", tokenEndpoint: "http://127.0.0.1:9/token" },
      client: { id: "us", authentication: "none" },
      tokens: { accessToken: "what-nobody-sees", scopes: [] },
      askedScopes: [],
    }),
  keep: () => Promise.resolve(),
  forget: () => Promise.resolve(false),
  exclusively: (_key, work) => work(),
  command: (name) => `stigmer mcp login ${name}`,
  mask: () => createMask({}),
};

const NOTICE = {
  jsonrpc: "2.0",
  method: "notifications/message",
  params: { level: "info", data: "at it" },
};

const HANGS: Answer = () => events([": wait"], { ends: false });

Deno.test("a session is kept for its calls, and ended with its hub", async () => {
  await using web = serve(() => undefined);
  assert.equal(await web.call(), "done");
  assert.equal(await web.call(), "done");
  await web.hub.close();
  const sessions = web.seen.filter((it) => it.startsWith("POST"));
  assert.deepEqual(sessions, [
    "POST initialize ",
    "POST notifications/initialized s1",
    "POST tools/list s1",
    "POST tools/call s1",
    "POST tools/call s1",
  ]);
  assert.equal(web.seen.at(-1), "DELETE  s1");
});

Deno.test("a forgotten session is met anew, once for a call and however often", async () => {
  await using web = serve(() => undefined);
  for (let round = 1; round <= 7; round++) {
    assert.equal(await web.call(), "done");
    web.forget();
  }
  assert.equal(web.seen.filter((it) => it.includes("initialize ")).length, 7);
  // None of the forgotten ones is ended: there is nothing to end.
  assert.ok(!web.seen.some((it) => it.startsWith("DELETE")));
});

Deno.test("a session that is forgotten again and again fails the call", async () => {
  await using web = serve(() => new Response(null, { status: 404 }));
  await assert.rejects(web.call(), /Cannot call "work" of tool server "web"/);
  const calls = web.seen.filter((it) => it.includes("tools/call"));
  assert.equal(calls.length, 2);
});

Deno.test("a call that had begun is not made again when its session is forgotten", async () => {
  await using web = serve(
    () => events(["retry: 10", event("e1", NOTICE)]),
    () => new Response(null, { status: 404 }),
  );
  await assert.rejects(web.call(), /Cannot call "work" of tool server "web"/);
  const calls = web.seen.filter((it) => it.includes("tools/call"));
  assert.deepEqual(calls, ["POST tools/call s1"]);
});

Deno.test("a call beside one that finds its session forgotten is not made again", async () => {
  let count = 0;
  await using web = serve(() => {
    count++;
    // The server goes on with the first, and knows nothing of the second.
    if (count === 1) return events([": at it"], { ends: false });
    return count === 2 ? new Response(null, { status: 404 }) : undefined;
  });
  const first = assert.rejects(web.call(), /Cannot call "work"/);
  await web.until("POST tools/call s1");
  assert.equal(await web.call(), "done");
  await first;
  const calls = web.seen.filter((it) => it.includes("tools/call"));
  assert.deepEqual(calls, [
    "POST tools/call s1",
    "POST tools/call s1",
    "POST tools/call s2",
  ]);
});

Deno.test("calls of one turn are all made where their session was forgotten", async () => {
  await using web = serve(() => undefined);
  assert.equal(await web.call(), "done");
  web.forget();
  const texts = await Promise.all(Array.from({ length: 5 }, () => web.call()));
  assert.deepEqual(texts, Array.from({ length: 5 }, () => "done"));
  const met = web.seen.filter((it) => it.includes("initialize "));
  assert.equal(met.length, 2);
});

Deno.test("a call that is checked while its session is found forgotten is made", async () => {
  await using web = serve(() => undefined);
  assert.equal(await web.call(), "done");
  web.forget();
  const { hub, server } = web;
  let checks = 0;
  const result = await hub.call({
    server,
    tool: "work",
    arguments: {},
    idempotencyKey: "key",
    timeoutMs: PATIENCE_MS,
    async check() {
      if (++checks === 1) assert.equal(await web.call(), "done");
    },
  }, {
    variables: {},
    workingDirectory: "/",
    signal: new AbortController().signal,
  });
  assert.equal(result.text, "done");
  assert.equal(checks, 2);
});

Deno.test("a session that several calls find forgotten counts once against its starts", async () => {
  let isBroken = false;
  await using web = serve(() => isBroken ? events([": nothing"]) : undefined);
  assert.equal(await web.call(), "done");
  web.forget();
  await Promise.all(Array.from({ length: 5 }, () => web.call()));
  isBroken = true;
  for (let i = 0; i < 5; i++) await assert.rejects(web.call(), /broke off/);
  await assert.rejects(web.call(), /it ended 5 times already/);
});

Deno.test("a server by HTTP hears within a second that a call is cancelled", async () => {
  await using web = serve(HANGS);
  const stop = new AbortController();
  const calling = assert.rejects(web.call({ signal: stop.signal }), /enough/);
  await web.until("POST tools/call");
  const before = performance.now();
  stop.abort(new Error("enough"));
  await calling;
  await web.until("POST notifications/cancelled");
  const tookMs = performance.now() - before;
  assert.ok(tookMs < CANCELLED_WITHIN_MS, `it took ${tookMs} ms`);
});

Deno.test("a server by HTTP hears that a call timed out before the session ends", async () => {
  await using web = serve(HANGS);
  await assert.rejects(web.call({ timeoutMs: 100 }), (error) => {
    assert(error instanceof StigmerError);
    assert.equal(error.code, "DEADLINE_EXCEEDED");
    return true;
  });
  assert.deepEqual(web.seen.slice(-2), [
    "POST notifications/cancelled s1",
    "DELETE  s1",
  ]);
});

Deno.test("a stream that breaks off is taken up where it ended", async () => {
  let answered: unknown;
  await using web = serve(
    (message, reply) => {
      answered = reply({ content: [{ type: "text", text: "in the end" }] });
      const meta = Object(message.params?.["_meta"]);
      return events([
        "retry: 10",
        event("e1", {
          jsonrpc: "2.0",
          method: "notifications/progress",
          params: { progressToken: meta.progressToken, progress: 1, total: 2 },
        }),
      ]);
    },
    () => events([event("e2", answered)]),
  );
  const lines: string[] = [];
  const onProgress = (line: string): void => void lines.push(line);
  assert.equal(await web.call({ onProgress }), "in the end");
  assert.deepEqual(lines, ["1/2"]);
  assert.deepEqual(
    web.seen.filter((it) => it.startsWith("GET e")),
    ["GET e1 s1"],
  );
});

Deno.test("a stream that ends without an answer fails the call at once", async () => {
  await using web = serve(() => events([": nothing"]));
  await assert.rejects(
    web.call(),
    /Cannot call "work" of tool server "web": .*its answer broke off/,
  );
});

Deno.test("of what a server by HTTP answers instead, an error shows the beginning", async () => {
  const words = "x".repeat(5000);
  await using web = serve(() => new Response(words, { status: 500 }));
  await assert.rejects(web.call(), (error: Error) => {
    assert.match(error.message, /"web": it answered with HTTP 500 .*: x+…$/);
    assert.ok(error.message.length < 4200, String(error.message.length));
    return true;
  });
});

Deno.test("a page of a server by HTTP is not shown as its answer", async () => {
  const page = `\n<!doctype html>\n<html>${"\n<p>Sorry".repeat(12)}`;
  await using web = serve(() => new Response(page, { status: 501 }));
  await assert.rejects(web.call(), /it answered with HTTP 501 .* and a page/);
});

for (const kind of ["events", "a body"] as const) {
  Deno.test(`what is no result fails the call at once, as ${kind}`, async () => {
    await using web = serve(({ id }) => {
      const answer = { jsonrpc: "2.0", id, result: "what" };
      return kind === "events"
        ? events([`data: ${JSON.stringify(answer)}`])
        : Response.json(answer);
    });
    await assert.rejects(
      web.call(),
      /its answer (broke off|breaks the protocol)/,
    );
  });
}

for (const kind of ["events", "a body"] as const) {
  Deno.test(`JSON that is nested too deeply fails the call at once, as ${kind}`, async () => {
    const deep = '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000);
    await using web = serve(({ id }) => {
      const text = `{"jsonrpc":"2.0","id":${id},"result":` +
        `{"content":[],"structuredContent":${deep}}}`;
      return kind === "events"
        ? events([`data: ${text}`])
        : new Response(text, {
          headers: { "content-type": "application/json" },
        });
    });
    const before = performance.now();
    const text = await web.call().catch((error: Error) => error.message);
    assert.match(text, /nested more than 512 levels deep/);
    assert.ok(performance.now() - before < PATIENCE_MS / 2, "it did not wait");
  });
}

Deno.test("JSON that is nested too deeply to look for secrets in fails the call at once", async () => {
  const deep = '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000);
  await using web = serve(({ id }) =>
    events([
      `data: {"jsonrpc":"2.0","method":"notifications/message",` +
      `"params":{"level":"info","data":${deep}}}`,
      `data: {"jsonrpc":"2.0","id":${id},"result":` +
      `{"content":[],"structuredContent":${deep}}}`,
    ])
  );
  const hub = createToolHub({ host: systemHost(), logins: LOGINS });
  try {
    const result = await hub.call({
      server: web.server,
      tool: "work",
      arguments: {},
      idempotencyKey: "key",
      timeoutMs: PATIENCE_MS,
    }, {
      variables: {},
      workingDirectory: "/",
      signal: new AbortController().signal,
    });
    assert.deepEqual(result, {
      text: "it sent JSON that is nested too deeply",
      isError: true,
    });
  } finally {
    await hub.close();
  }
});

Deno.test("reconnectDelayMs() waits as long as a server says, within reason", () => {
  const cases = [[0, 100], [-5, 100], [500, 500], [1e12, 2 ** 31 - 1]];
  for (const [asked = 0, given] of cases) {
    assert.equal(reconnectDelayMs(asked), given);
  }
});

Deno.test("a server by HTTP is told of no folder of this machine", async () => {
  const asked: unknown[] = [];
  await using web = serve((message) => {
    asked.push(message.params);
    return undefined;
  });
  await web.call();
  assert.equal(asked.length, 1);
  assert.ok(!web.seen.some((it) => it.includes("roots")));
});
