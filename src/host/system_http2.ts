/**
 * HTTP/2 of the real machine where trailers can follow a body, which gRPC
 * needs and the platform's own server does not have.
 *
 * @module
 */

import type {
  Http2Handler,
  Http2Response,
  HttpServer,
  Network,
  ServeHttpOptions,
} from "./host.ts";

type Http2 = typeof import("node:http2");
type IncomingHeaders = import("node:http2").IncomingHttpHeaders;
type Server = import("node:http2").Http2Server;
type Session = import("node:http2").ServerHttp2Session;
type Socket = import("node:net").Socket;
type Stream = import("node:http2").ServerHttp2Stream;

/** Connections at once. */
const SESSIONS_MAX = 1000;
/** Calls that one connection may have under way. */
const STREAMS_MAX = 256;
/** Bytes of the headers of one request. */
const HEADER_BYTES_MAX = 16 * 1024;
/** Calls that one connection may break off within `RESET_WINDOW_MS`. */
const RESETS_MAX = 1000;
const RESET_WINDOW_MS = 10_000;
/** How long a caller may take to agree on TLS. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How long a server that shuts down waits for who does not take its answer. */
const SHUTDOWN_TIMEOUT_MS = 2_000;
/** How often a connection is asked whether the other side is still there. */
const PING_INTERVAL_MS = 20_000;
/** How long the answer to that may take. */
const PING_TIMEOUT_MS = 10_000;

/** Answers HTTP/2 alone. */
export const serveHttp2: Network["serveHttp2"] = async (options, handler) => {
  // Loaded here: it costs 22 ms, and few processes serve gRPC.
  const http2 = await import("node:http2");
  const settings = {
    maxConcurrentStreams: STREAMS_MAX,
    maxHeaderListSize: HEADER_BYTES_MAX,
  };
  const { tls } = options;
  const server = tls === undefined
    ? http2.createServer({ settings })
    : http2.createSecureServer({
      settings,
      ...tls,
      allowHTTP1: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const sessions = new Set<Session>();
  server.on("session", (session) => {
    session.on("error", () => session.destroy());
    if (sessions.size >= SESSIONS_MAX) return refuse(http2, session);
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    keepAlive(session);
    boundResets(http2, session);
  });
  server.on("stream", (stream, headers) => {
    answer(stream, { http2, headers, handler }).catch(() =>
      stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR)
    );
  });
  await listen(server, options.address);
  return serverOf(server, { options, sessions, sockets });
};

/** Listens, and says by the platform's own errors why it cannot. */
function listen(
  server: Server,
  address: ServeHttpOptions["address"],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error & { readonly code?: string }): void =>
      reject(platformError(error));
    server.once("error", refuse);
    const ready = (): void => {
      server.off("error", refuse);
      // Of a connection that could not be taken; the others go on.
      server.on("error", () => {});
      resolve();
    };
    if (address.kind === "unix") server.listen({ path: address.path }, ready);
    else server.listen({ host: address.hostname, port: address.port }, ready);
  });
}

function platformError(error: Error & { readonly code?: string }): Error {
  switch (error.code) {
    case "EADDRINUSE":
      return new Deno.errors.AddrInUse(error.message, { cause: error });
    case "EADDRNOTAVAIL":
      return new Deno.errors.AddrNotAvailable(error.message, { cause: error });
    case "EACCES":
      return new Deno.errors.PermissionDenied(error.message, { cause: error });
    default:
      return error;
  }
}

function serverOf(
  server: Server,
  { options, sessions, sockets }: {
    readonly options: ServeHttpOptions;
    readonly sessions: ReadonlySet<Session>;
    /** Of connections that are none yet, too. */
    readonly sockets: ReadonlySet<Socket>;
  },
): HttpServer {
  const finished = new Promise<void>((resolve) => {
    server.once("close", () => resolve());
  });
  const end = (): void => {
    server.close();
    for (const session of sessions) session.destroy();
    for (const socket of sockets) socket.destroy();
  };
  options.signal?.addEventListener("abort", end, { once: true });
  if (options.signal?.aborted) end();
  return {
    ...placeOf(server, options.address),
    finished,
    shutdown() {
      server.close();
      // Says goodbye, and ends each connection with its last call.
      for (const session of sessions) session.close();
      const timer = setTimeout(end, SHUTDOWN_TIMEOUT_MS);
      return finished.finally(() => clearTimeout(timer));
    },
  };
}

function placeOf(
  server: Server,
  address: ServeHttpOptions["address"],
): Pick<HttpServer, "address" | "port"> {
  const at = server.address();
  if (address.kind === "unix" || at === null || typeof at === "string") {
    return { address: address.kind === "unix" ? address.path : "", port: 0 };
  }
  return { address: placeText(at.address, at.port), port: at.port };
}

/** Address and port as a URL has them. */
function placeText(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Answers one call. */
async function answer(
  stream: Stream,
  { http2, headers, handler }: {
    readonly http2: Http2;
    readonly headers: IncomingHeaders;
    readonly handler: Http2Handler;
  },
): Promise<void> {
  const gone = new AbortController();
  const through = new Promise<void>((resolve, reject) => {
    // What breaks here is told by "close".
    stream.on("error", () => {});
    stream.once("close", () => {
      gone.abort(new Deno.errors.ConnectionReset("The caller has gone"));
      if (stream.rstCode === 0 && !stream.aborted) resolve();
      else reject(new Deno.errors.ConnectionReset("The caller has gone"));
    });
  });
  // Who does not look whether a response went through need not.
  through.catch(() => {});
  const { remoteAddress, remotePort } = stream.session?.socket ?? {};
  const path = headers[":path"];
  if (path === undefined || !path.startsWith("/")) {
    return respond(stream, { http2, response: { status: 400 } });
  }
  const response = await handler({
    method: headers[":method"] ?? "",
    path,
    headers: webHeaders(headers),
    body: bodyOf(stream),
    signal: gone.signal,
  }, {
    address: remoteAddress === undefined
      ? ""
      : placeText(remoteAddress, remotePort ?? 0),
    completed: through,
  });
  await respond(stream, { http2, response });
}

/** What comes; who stops to read it may still answer. */
function bodyOf(stream: Stream): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => stream.iterator({ destroyOnReturn: false }),
  };
}

function webHeaders(headers: IncomingHeaders): Headers {
  const web = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(":") || value === undefined) continue;
    for (const it of typeof value === "string" ? [value] : value) {
      web.append(name, it);
    }
  }
  return web;
}

/** Writes a response, its body as it comes, and its trailers. */
async function respond(
  stream: Stream,
  { http2, response }: {
    readonly http2: Http2;
    readonly response: Http2Response;
  },
): Promise<void> {
  const body = response.body?.[Symbol.asyncIterator]();
  // What the caller still sends is not waited for.
  const hangUp = (): void => {
    setTimeout(() => {
      if (stream.readableEnded) return;
      stream.close(http2.constants.NGHTTP2_NO_ERROR);
    }, 0);
  };
  try {
    // The first piece goes before the headers: what makes it may set some.
    let piece = await body?.next();
    if (stream.destroyed) return;
    const { trailers } = response;
    const headers = {
      ":status": response.status,
      ...Object.fromEntries(response.headers ?? []),
    };
    if (body === undefined && trailers === undefined) {
      stream.respond(headers, { endStream: true });
      return hangUp();
    }
    stream.respond(headers, { waitForTrailers: true });
    stream.once("wantTrailers", () => {
      stream.sendTrailers(Object.fromEntries(trailers ?? []));
      hangUp();
    });
    while (body !== undefined && piece !== undefined && !piece.done) {
      if (!await write(stream, piece.value)) return;
      piece = await body.next();
    }
    stream.end();
  } finally {
    await body?.return?.();
  }
}

/** Resolves when more may be written; false when nobody reads any more. */
function write(
  stream: Stream,
  bytes: Uint8Array,
): Promise<boolean> {
  if (stream.destroyed) return Promise.resolve(false);
  if (stream.write(bytes)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (): void => {
      stream.off("drain", settle);
      stream.off("close", settle);
      resolve(!stream.destroyed);
    };
    stream.once("drain", settle);
    stream.once("close", settle);
  });
}

/** Ends a connection whose other side is silent. */
function keepAlive(session: Session): void {
  let deadline: ReturnType<typeof setTimeout> | undefined;
  const interval = setInterval(() => {
    if (session.destroyed || deadline !== undefined) return;
    deadline = setTimeout(() => session.destroy(), PING_TIMEOUT_MS);
    session.ping(() => {
      clearTimeout(deadline);
      deadline = undefined;
    });
  }, PING_INTERVAL_MS);
  session.on("close", () => {
    clearInterval(interval);
    clearTimeout(deadline);
  });
}

/** Ends a connection that opens calls to break them off. */
function boundResets(http2: Http2, session: Session): void {
  let windowEndMs = 0;
  let resets = 0;
  session.on("stream", (stream) => {
    stream.once("aborted", () => {
      const nowMs = performance.now();
      if (nowMs > windowEndMs) {
        windowEndMs = nowMs + RESET_WINDOW_MS;
        resets = 0;
      }
      if (++resets > RESETS_MAX) {
        refuse(http2, session);
      }
    });
  });
}

/** Ends a connection that asks for too much. */
function refuse(http2: Http2, session: Session): void {
  session.destroy(undefined, http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
}
