import assert from "node:assert/strict";
import { openBackend } from "../../src/backend/open.ts";
import { fails } from "../backend/suite.ts";
import { startChaosProxy } from "../servers/chaos_proxy.ts";
import { startFullListener } from "../servers/full_listener.ts";
import { clientOf, serveHere } from "./serving.ts";

/** A server that is none of Stigmer, and the headers of what it was asked. */
function serveOther(
  answer: () => Response,
): { readonly port: number; readonly seen: Headers[] } & AsyncDisposable {
  const seen: Headers[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      await request.bytes();
      seen.push(new Headers(request.headers));
      return answer();
    },
  );
  return {
    port: server.addr.port,
    seen,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("openBackend() opens the backend of a server", async () => {
  await using serving = await serveHere();
  await using backend = await openBackend({
    cloud: { endpoint: `127.0.0.1:${serving.port}` },
  });
  assert.equal(backend.type, "cloud");
  assert.equal(backend.location, `http://127.0.0.1:${serving.port}`);
  const { client } = serving.local;
  await client.createEnvironment({ environment: { metadata: { name: "e" } } });
  const { environments } = await backend.client.listEnvironments({});
  assert.equal(environments[0]?.metadata?.name, "e");
  await fails(
    backend.work({ signal: new AbortController().signal }),
    "UNIMPLEMENTED",
  );
});

Deno.test("openBackend() refuses an endpoint that is none", async () => {
  for (
    const endpoint of ["", "ftp://x", "https://stg_x@host", "http://h?a=1"]
  ) {
    await fails(openBackend({ cloud: { endpoint } }), "INVALID_ARGUMENT");
  }
});

Deno.test("a port that nobody listens on is refused in one line", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await using backend = clientOf(port);
  const error = await fails(backend.client.getBackendInfo({}), "UNAVAILABLE");
  assert.equal(
    error.message,
    `Cannot reach "http://127.0.0.1:${port}": connection refused`,
  );
  assert.match(error.hints.join(), /stigmer server/);
});

Deno.test("a name that nobody knows, and a socket that is not there, say so", async () => {
  await using unnamed = clientOf(1, { endpoint: "https://no.such.invalid" });
  const unknown = await fails(
    unnamed.client.getBackendInfo({}),
    "UNAVAILABLE",
    /its name is not known$/,
  );
  assert.match(unknown.hints.join(), /^Check how the address is written, /);
  await using socket = clientOf(1, { endpoint: "unix:/no/such.sock" });
  await fails(
    socket.client.getBackendInfo({}),
    "UNAVAILABLE",
    /there is no such socket$/,
  );
});

Deno.test("an address where packets vanish is given up in time", async () => {
  using nobody = await startFullListener();
  await using backend = clientOf(nobody.port, { connectTimeoutMs: 400 });
  const startMs = performance.now();
  await fails(
    backend.client.getBackendInfo({}),
    "UNAVAILABLE",
    /no connection within 0.4 s$/,
  );
  assert.ok(performance.now() - startMs < 2000);
});

Deno.test("a server that takes its time is waited for, up to the deadline", async () => {
  await using serving = await serveHere();
  await using proxy = startChaosProxy(serving.port);
  proxy.set({ delayMs: 300 });
  await using patient = clientOf(proxy.port, { connectTimeoutMs: 100 });
  await patient.client.getBackendInfo({});
  proxy.set({ silent: true });
  await using bounded = clientOf(proxy.port, { timeoutMs: 200 });
  await fails(
    bounded.client.getBackendInfo({}),
    "DEADLINE_EXCEEDED",
    /no answer within 0.2 s$/,
  );
});

Deno.test("what starts or reaches a tool server is waited for longer than others", async () => {
  await using serving = await serveHere();
  await using proxy = startChaosProxy(serving.port);
  proxy.set({ delayMs: 400 });
  await using bounded = clientOf(proxy.port, { timeoutMs: 300 });
  const { client } = bounded;
  const target = { server: "nothing" };
  await fails(client.listAgents({}), "DEADLINE_EXCEEDED");
  await fails(client.inspectMcpServer({ target }), "NOT_FOUND");
  await fails(client.trustMcpTools({ target }), "NOT_FOUND");
  await fails(client.beginMcpLogin({ target }), "INVALID_ARGUMENT");
});

Deno.test("what answers in place of a server is told apart", async () => {
  const html = { "content-type": "text/html; charset=utf-8" };
  const cases = [
    [200, html, "UNAVAILABLE", /no Stigmer server \(text\/html, HTTP 200\)$/],
    [404, html, "UNAVAILABLE", /no Stigmer server \(text\/html, HTTP 404\)$/],
    [
      404,
      { "content-type": "" },
      "UNAVAILABLE",
      /no Stigmer server \(HTTP 404\)$/,
    ],
    [401, html, "UNAUTHENTICATED", /wants a login \(HTTP 401\)$/],
    [403, html, "PERMISSION_DENIED", /refuses \(HTTP 403\)$/],
    [413, html, "RESOURCE_EXHAUSTED", /too large for it \(HTTP 413\)$/],
    [502, html, "UNAVAILABLE", /proxy before it .* \(HTTP 502\)$/],
    [
      302,
      { location: "https://login.test/x" },
      "UNAVAILABLE",
      /"https:\/\/login\.test"$/,
    ],
  ] as const;
  for (const [status, headers, code, text] of cases) {
    await using other = serveOther(() =>
      new Response("<html>stg_secret</html>", {
        status,
        headers: { ...headers },
      })
    );
    await using backend = clientOf(other.port, { token: "stg_mine" });
    const error = await fails(backend.client.listAgents({}), code, text);
    assert.ok(error.hints.length > 0);
    assert.doesNotMatch(`${error.message}${error.hints}`, /stg_/);
  }
});

Deno.test("a redirect is not followed, and takes no token along", async () => {
  await using other = serveOther(() => new Response());
  await using first = serveOther(() =>
    new Response(null, {
      status: 307,
      headers: { location: `http://127.0.0.1:${other.port}/` },
    })
  );
  await using backend = clientOf(first.port, { token: "stg_mine" });
  await fails(backend.client.listAgents({}), "UNAVAILABLE", /sends callers on/);
  assert.equal(first.seen[0]?.get("authorization"), "Bearer stg_mine");
  assert.deepEqual(other.seen, []);
});

Deno.test("a proxy before the server that recovers is tried again", async () => {
  let status = 502;
  await using other = serveOther(() => {
    const answer = new Response("bad", { status });
    status = 404;
    return answer;
  });
  await using backend = clientOf(other.port);
  await fails(backend.client.listAgents({}), "UNAVAILABLE", /HTTP 404/);
  assert.equal(other.seen.length, 2);
});

Deno.test("a token goes in plain text to this machine alone", async () => {
  const open = (endpoint: string, allowInsecure = false) =>
    openBackend({ cloud: { endpoint, token: "stg_x", allowInsecure } });
  const error = await fails(
    open("http://stigmer.example.com"),
    "INVALID_ARGUMENT",
    /plain text$/,
  );
  assert.doesNotMatch(error.message, /stg_x/);
  for (
    const backend of await Promise.all([
      open("http://stigmer.example.com", true),
      open("https://stigmer.example.com"),
      open("http://localhost:1"),
      open("http://[::1]:1"),
      open("unix:/run/x.sock"),
    ])
  ) await backend.close();
});

Deno.test("calls end with their backend as they do in process", async () => {
  await using serving = await serveHere();
  await using proxy = startChaosProxy(serving.port);
  proxy.set({ silent: true });
  const backend = clientOf(proxy.port);
  const asking = fails(backend.client.getBackendInfo({}), "CANCELLED");
  await backend.close();
  const error = await asking;
  await backend.close();
  const late = await fails(backend.client.getBackendInfo({}), "CANCELLED");
  assert.equal(error.message, "The call was cancelled");
  assert.equal(late.message, error.message);
  await serving.local.close();
  const local = await fails(
    serving.local.client.getBackendInfo({}),
    "CANCELLED",
  );
  assert.equal(local.message, error.message);
});

Deno.test("a call that its caller leaves ends as it does in process", async () => {
  await using serving = await serveHere();
  for (const backend of [serving.local, clientOf(serving.port)]) {
    for (const reason of [undefined, new Error("mine"), "text"]) {
      const error = await fails(
        backend.client.getBackendInfo({}, {
          signal: AbortSignal.abort(reason),
        }),
        "CANCELLED",
      );
      assert.equal(error.message, "The call was cancelled");
    }
    await backend.close();
  }
});

Deno.test("a large request goes out packed, and a small one as it is", async () => {
  await using other = serveOther(() =>
    new Response(new Uint8Array(), {
      headers: { "content-type": "application/proto" },
    })
  );
  await using backend = clientOf(other.port);
  const make = (text: string) =>
    backend.client.createEnvironment({
      environment: {
        metadata: { name: "e" },
        spec: { variables: { TEXT: text } },
      },
    });
  await make("small");
  await make("large ".repeat(20_000));
  const encodings = other.seen.map((it) => it.get("content-encoding"));
  assert.deepEqual(encodings, [null, "gzip"]);
  const length = Number(other.seen[1]?.get("content-length"));
  assert.ok(length > 0 && length < 10_000);
});

Deno.test("what is packed on the way comes whole at both ends", async () => {
  await using serving = await serveHere();
  await using backend = clientOf(serving.port);
  const TEXT = "a line of text, again and again\n".repeat(2000);
  const variables = Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [`TEXT_${i}`, TEXT]),
  );
  await backend.client.createEnvironment({
    environment: { metadata: { name: "e" }, spec: { variables } },
  });
  const { environment } = await backend.client.getEnvironment({ name: "e" });
  assert.deepEqual(environment?.spec?.variables, variables);
});

Deno.test("an answer that a proxy packs on the way is read", async () => {
  const packed = await new Response(
    new Blob([new Uint8Array(0)]).stream()
      .pipeThrough(new CompressionStream("gzip")),
  ).bytes();
  await using other = serveOther(() =>
    new Response(packed, {
      headers: {
        "content-type": "application/proto",
        "content-encoding": "gzip",
      },
    })
  );
  await using backend = clientOf(other.port);
  assert.deepEqual((await backend.client.listAgents({})).agents, []);
  assert.match(other.seen[0]?.get("accept-encoding") ?? "", /gzip/);
});

Deno.test("a deadline may have parts of a millisecond, and counts once", async () => {
  await using serving = await serveHere();
  await using proxy = startChaosProxy(serving.port);
  await using backend = clientOf(proxy.port);
  const { client } = backend;
  const timeoutMs = 5000.25;
  await client.getBackendInfo({}, { timeoutMs });
  const environment = { metadata: { name: "e" } };
  await client.createEnvironment({ environment }, { timeoutMs });
  await client.updateEnvironment({ environment }, { timeoutMs });
  assert.equal(proxy.connectionCount(), 1);
});

Deno.test("what a server says of the protocol is no lost connection", async () => {
  await using other = serveOther(() =>
    Response.json(
      { code: "invalid_argument", message: "protocol error: odd" },
      { status: 400 },
    )
  );
  await using backend = clientOf(other.port);
  await fails(
    backend.client.listAgents({}),
    "INVALID_ARGUMENT",
    /^protocol error: odd$/,
  );
  assert.equal(other.seen.length, 1);
});
