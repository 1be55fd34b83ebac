/**
 * HTTP/2 of the real machine where trailers can follow a body, which gRPC
 * needs and the platform's own server does not have.
 *
 * @module
 */

import { answer } from "./_http2_answer.ts";
import { boundIdle, boundResets, keepAlive, refuse } from "./_http2_bounds.ts";
import { watchHearing } from "./_http2_hearing.ts";
import { placeText } from "./_place_text.ts";
import type { HttpServer, Network, ServeHttpOptions } from "./host.ts";
import { SOCKET_MODE } from "./system_http.ts";

type Server = import("node:http2").Http2Server;
type Session = import("node:http2").ServerHttp2Session;
type Socket = import("node:net").Socket;

/** Connections at once. */
const SESSIONS_MAX = 1000;
/** Calls that one connection may have under way. */
const STREAMS_MAX = 256;
/** Bytes of the headers of one request. */
const HEADER_BYTES_MAX = 16 * 1024;
/** How long a caller may take to agree on TLS. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How long a server that shuts down waits for who does not take its answer. */
const SHUTDOWN_TIMEOUT_MS = 2_000;

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
    boundIdle(session);
    boundResets(http2, session);
  });
  server.on("stream", (stream, headers) => {
    answer(stream, { http2, headers, handler }).catch(() =>
      stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR)
    );
  });
  await listen(server, options.address);
  if (options.address.kind === "unix") {
    Deno.chmodSync(options.address.path, SOCKET_MODE);
  }
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
  const place = placeOf(server, options.address);
  const closed = new Promise<void>((resolve) => {
    server.once("close", () => resolve());
  });
  const hearing = watchHearing(
    server,
    options.address.kind === "unix"
      ? options.address
      : { ...options.address, port: place.port },
  );
  // The place is free for another, and what is under way goes on.
  const lost = hearing.lost.finally(() => server.close());
  const finished = Promise.race([closed, lost]);
  finished.catch(() => {}); // Met by who waits for it, if anybody does.
  const end = (): void => {
    hearing.stop();
    server.close();
    for (const session of sessions) session.destroy();
    for (const socket of sockets) socket.destroy();
  };
  options.signal?.addEventListener("abort", end, { once: true });
  if (options.signal?.aborted) end();
  return {
    ...place,
    finished,
    shutdown() {
      hearing.stop();
      server.close();
      // Says goodbye, and ends each connection with its last call.
      for (const session of sessions) session.close();
      const timer = setTimeout(end, SHUTDOWN_TIMEOUT_MS);
      return closed.finally(() => clearTimeout(timer));
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
