/**
 * `stigmer server`: listens, and answers the contract over one local backend.
 *
 * @module
 */

import { LOCAL_CALLER } from "../backend/caller.ts";
import type { LocalBackend } from "../backend/local.ts";
import type { Host, HttpServer, ServeHttpOptions } from "../host/host.ts";
import { createRpcHandler } from "./handle.ts";

/** How a server is started. */
export interface StartServerOptions {
  readonly host: Host;
  readonly backend: LocalBackend;
  readonly address: ServeHttpOptions["address"];
  /** Certificate and key (PEM). */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A server that listens. */
export interface Server extends AsyncDisposable {
  readonly http: HttpServer;
}

/** Starts to listen. */
export function startServer(options: StartServerOptions): Server {
  const { host, backend, address, tls } = options;
  const shutdown = new AbortController();
  const handle = createRpcHandler({
    serviceFor: backend.serviceFor,
    shutdown: shutdown.signal,
  });
  const http = host.network.serveHttp(
    { address, ...(tls === undefined ? {} : { tls }) },
    (request) =>
      handle.answerFetch(request, LOCAL_CALLER) ??
        new Response(null, { status: 404 }),
  );
  return {
    http,
    async [Symbol.asyncDispose]() {
      shutdown.abort();
      await http.shutdown();
    },
  };
}
