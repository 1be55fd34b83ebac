import assert from "node:assert/strict";
import { type ClientHttp2Session, connect, constants } from "node:http2";
import { createConnection } from "node:net";
import { certificateOf } from "../../tests/servers/certificate.ts";
import type { Http2Handler, HttpServer } from "./host.ts";
import { systemHost } from "./system.ts";

const LOOPBACK = { kind: "tcp", hostname: "127.0.0.1", port: 0 } as const;
const { serveHttp2 } = systemHost().network;

/** What came of one request. */
interface Answer {
  readonly status: number;
  readonly text: string;
  readonly trailers: Readonly<Record<string, unknown>>;
}

function ask(
  session: ClientHttp2Session,
  { method = "POST", path = "/a", body = "" }: {
    method?: string;
    path?: string;
    body?: string;
  } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":path": path, ":method": method });
    let status = 0;
    let text = "";
    let trailers = {};
    stream.on("response", (it) => status = Number(it[":status"]));
    stream.on("trailers", (it) => trailers = { ...it });
    stream.on("data", (it) => text += it);
    stream.on("end", () => resolve({ status, text, trailers }));
    stream.on("error", reject);
    stream.end(body);
  });
}

/** Runs a server and one connection to it. */
async function served(
  handler: Http2Handler,
  use: (
    session: ClientHttp2Session,
    server: HttpServer,
  ) => Promise<void>,
): Promise<void> {
  const server = await serveHttp2({ address: LOOPBACK }, handler);
  const session = connect(`http://${server.address}`);
  session.on("error", () => {});
  try {
    await use(session, server);
  } finally {
    await closed(session);
    await server.shutdown();
  }
}

function closed(session: ClientHttp2Session): Promise<void> {
  if (session.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    session.once("close", () => resolve());
    session.destroy();
  });
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    yield await Promise.resolve(new TextEncoder().encode(text));
  }
}

const echo: Http2Handler = async ({ path, headers, method, body }) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  const trailers = new Headers();
  return {
    status: 200,
    headers: new Headers({ "content-type": "text/plain" }),
    body: (async function* () {
      yield* pieces(method, " ", path, " ", headers.get("x-a") ?? "-", " ");
      yield* chunks;
      trailers.set("x-end", "there");
    })(),
    trailers,
  };
};

Deno.test("serveHttp2() answers with a body and the trailers that it set", async () => {
  await served(echo, async (session) => {
    const { status, text, trailers } = await ask(session, { body: "hello" });
    assert.equal(status, 200);
    assert.equal(text, "POST /a - hello");
    assert.equal(trailers["x-end"], "there");
  });
});

Deno.test("serveHttp2() takes a body of several windows", async () => {
  await served(echo, async (session) => {
    const { text } = await ask(session, { body: "x".repeat(300_000) });
    assert.equal(text.length, 300_010);
  });
});

Deno.test("serveHttp2() speaks TLS with h2 alone", async () => {
  const tls = await certificateOf("127.0.0.1");
  const server = await serveHttp2({ address: LOOPBACK, tls }, echo);
  const session = connect(`https://${server.address}`, { ca: tls.cert });
  try {
    assert.equal((await ask(session)).text, "POST /a - ");
    using client = Deno.createHttpClient({ caCerts: [tls.cert], http2: false });
    await assert.rejects(fetch(`https://${server.address}/a`, { client }));
    assert.equal((await ask(session)).status, 200);
  } finally {
    await closed(session);
    await server.shutdown();
  }
});

Deno.test("serveHttp2() listens on a unix socket", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/grpc.sock`;
  const peers: string[] = [];
  const server = await serveHttp2(
    { address: { kind: "unix", path } },
    (request, peer) => {
      peers.push(peer.address);
      return echo(request, peer);
    },
  );
  const session = connect("http://localhost", {
    createConnection: () => createConnection(path),
  });
  try {
    assert.equal((await ask(session)).text, "POST /a - ");
    assert.deepEqual(peers, [""]);
    assert.deepEqual([server.address, server.port], [path, 0]);
    if (Deno.build.os !== "windows") {
      assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    }
  } finally {
    await closed(session);
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("serveHttp2() says in the platform's words that another listens there", async () => {
  await served(echo, async (_, { port }) => {
    await assert.rejects(
      serveHttp2({ address: { ...LOOPBACK, port } }, echo),
      Deno.errors.AddrInUse,
    );
  });
});

Deno.test("serveHttp2() tells a handler that its caller broke off", async () => {
  const broken = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  const handler: Http2Handler = (request, { completed }) => {
    request.signal.addEventListener("abort", () => broken.resolve());
    completed.then(() => ended.resolve("through"), () => ended.resolve("cut"));
    return Promise.resolve({
      status: 200,
      body: (async function* () {
        yield* pieces("first");
        await broken.promise;
      })(),
    });
  };
  await served(handler, async (session) => {
    const stream = session.request({ ":path": "/a", ":method": "POST" });
    stream.on("error", () => {});
    await new Promise<void>((resolve) => stream.once("data", () => resolve()));
    stream.close(constants.NGHTTP2_CANCEL);
    await broken.promise;
    assert.equal(await ended.promise, "cut");
  });
});

Deno.test("serveHttp2() breaks a stream off whose handler fails, and goes on", async () => {
  const handler: Http2Handler = (request, peer) =>
    request.path === "/bad"
      ? Promise.reject(new Error("broken"))
      : echo(request, peer);
  await served(handler, async (session) => {
    await assert.rejects(
      ask(session, { path: "/bad" }),
      /NGHTTP2_INTERNAL_ERROR/,
    );
    assert.equal((await ask(session)).status, 200);
  });
});

Deno.test("serveHttp2() leaves out trailers that cannot be sent, and goes on", async () => {
  const handler: Http2Handler = () =>
    Promise.resolve({
      status: 200,
      body: pieces("text"),
      // HTTP/2 has no such header.
      trailers: new Headers({ connection: "close" }),
    });
  await served(handler, async (session) => {
    for (const path of ["/first", "/second"]) {
      assert.deepEqual(await ask(session, { path }), {
        status: 200,
        text: "text",
        trailers: {},
      });
    }
  });
});

Deno.test("serveHttp2() lets a handler answer before it has read the body", async () => {
  const handler: Http2Handler = async ({ body }) => {
    for await (const _ of body) break;
    return { status: 200, body: pieces("enough"), trailers: new Headers() };
  };
  await served(handler, async (session) => {
    const { status, text } = await ask(session, { body: "x".repeat(60_000) });
    assert.deepEqual([status, text], [200, "enough"]);
    assert.equal((await ask(session, { body: "x" })).status, 200);
  });
});

Deno.test("serveHttp2() refuses what has no path", async () => {
  await served(echo, async (session) => {
    const { status } = await ask(session, { method: "OPTIONS", path: "*" });
    assert.equal(status, 400);
  });
});

Deno.test("serveHttp2() lets what is under way end before it shuts down", async () => {
  const goOn = Promise.withResolvers<void>();
  const handler: Http2Handler = () =>
    Promise.resolve({
      status: 200,
      body: (async function* () {
        yield* pieces("first ");
        await goOn.promise;
        yield* pieces("last");
      })(),
    });
  await served(handler, async (session, server) => {
    const stream = session.request({ ":path": "/a", ":method": "POST" });
    let text = "";
    const first = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    stream.on("data", (it) => {
      text += it;
      first.resolve();
    });
    stream.on("end", () => end.resolve());
    stream.end();
    await first.promise;
    const down = server.shutdown();
    goOn.resolve();
    await end.promise;
    await down;
    assert.equal(text, "first last");
  });
});

Deno.test("serveHttp2() does not wait for ever for who takes no answer", async () => {
  const tls = await certificateOf("127.0.0.1");
  const server = await serveHttp2({ address: LOOPBACK, tls }, echo);
  // Never agrees on TLS.
  using connection = await Deno.connect({ port: server.port });
  const plain = await serveHttp2({ address: LOOPBACK }, () =>
    Promise.resolve({
      status: 200,
      body: (async function* () {
        for (;;) yield* pieces("x".repeat(100_000));
      })(),
    }));
  const session = connect(`http://${plain.address}`);
  session.on("error", () => {});
  // Never reads what comes.
  const stream = session.request({ ":path": "/a" });
  stream.on("error", () => {});
  await new Promise<void>((resolve) =>
    stream.once("response", () => resolve())
  );
  stream.pause();
  await Promise.all([server.shutdown(), plain.shutdown()]);
  assert.equal(await connection.read(new Uint8Array(1)), null);
  await closed(session);
});

Deno.test("serveHttp2() ends with its signal, whatever is under way", async () => {
  const stop = new AbortController();
  const server = await serveHttp2(
    { address: LOOPBACK, signal: stop.signal },
    () => new Promise(() => {}),
  );
  const session = connect(`http://${server.address}`);
  session.on("error", () => {});
  const cut = assert.rejects(ask(session));
  await new Promise<void>((resolve) =>
    session.once("connect", () => resolve())
  );
  stop.abort();
  await server.finished;
  await closed(session);
  await cut;
});

/** One frame of HTTP/2. */
function frame(
  type: number,
  { flags = 0, id = 0, payload = [] }: {
    flags?: number;
    id?: number;
    payload?: number[];
  },
): number[] {
  const { length } = payload;
  const head = new Uint8Array(9);
  const view = new DataView(head.buffer);
  view.setUint32(0, (length << 8) | type);
  head[4] = flags;
  view.setUint32(5, id);
  return [...head, ...payload];
}

Deno.test("serveHttp2() ends a connection that opens calls to break them off", async () => {
  let calls = 0;
  const server = await serveHttp2({ address: LOOPBACK }, () => {
    calls++;
    return new Promise(() => {});
  });
  using connection = await Deno.connect({ port: server.port });
  const preface = new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  const flood = async (): Promise<void> => {
    await connection.write(new Uint8Array([...preface, ...frame(4, {})]));
    for (let id = 1; id < 20_000; id += 2) {
      await connection.write(
        new Uint8Array([
          // POST, "/", "http" and an authority; then RST_STREAM, CANCEL.
          ...frame(1, {
            flags: 4,
            id,
            payload: [0x83, 0x84, 0x86, 0x01, 1, 97],
          }),
          ...frame(3, { id, payload: [0, 0, 0, 8] }),
        ]),
      );
    }
  };
  const flooding = flood().catch(() => {});
  const buffer = new Uint8Array(65_536);
  const ended = (async () => {
    while (await connection.read(buffer) !== null);
  })().catch(() => {});
  await ended;
  await flooding;
  assert.ok(calls >= 1000 && calls < 9_000, `${calls} calls`);
  await server.shutdown();
});
