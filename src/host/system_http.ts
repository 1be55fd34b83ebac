/**
 * HTTP of the real machine: servers, and clients with a trust of their own.
 *
 * @module
 */

import { placeText } from "./_place_text.ts";
import type { HttpClientOptions, HttpServer, Network } from "./host.ts";

/** Makes a client of one server. */
export const openHttpClient: Network["openHttpClient"] = (options) => {
  const { caCerts, direct, unixPath } = options;
  const client = Deno.createHttpClient({
    ...(caCerts === undefined ? {} : { caCerts: [...caCerts] }),
    ...(unixPath === undefined
      ? {}
      : { proxy: { transport: "unix", path: unixPath } }),
    ...(direct === undefined ? {} : { proxy: { transport: "tcp", ...direct } }),
  });
  return {
    fetch: (request) => fetch(request, { client }),
    reach: (url, signal) => reach(url, { ...options, signal }),
    close: () => client.close(),
  };
};

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  "http:": 80,
  "https:": 443,
};

/** Connects to where a URL leads, and hangs up. */
async function reach(
  url: string,
  to: Pick<HttpClientOptions, "direct" | "unixPath"> & {
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { direct, unixPath, signal } = to;
  if (unixPath !== undefined) {
    const connection = await Deno.connect({
      transport: "unix",
      path: unixPath,
    });
    return connection.close();
  }
  const { protocol, hostname, port } = new URL(url);
  if (direct === undefined && goesByProxy(protocol)) return;
  const connection = await Deno.connect({
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? DEFAULT_PORTS[protocol] ?? 443 : Number(port),
    signal,
  });
  connection.close();
}

/** Says whether `fetch` may go by a proxy, as its variables have it. */
function goesByProxy(protocol: string): boolean {
  const name = protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  return [name, name.toLowerCase(), "ALL_PROXY", "all_proxy"].some((it) => {
    try {
      return (Deno.env.get(it) ?? "") !== "";
    } catch {
      return false; // Who may not read it has none.
    }
  });
}

/** Its folder is what keeps others out; this is the second lock. */
export const SOCKET_MODE = 0o600;

/** Answers HTTP. */
export const serveHttp: Network["serveHttp"] = (options, handler) => {
  const { address, signal, tls } = options;
  const shared = { onListen() {}, ...(signal === undefined ? {} : { signal }) };
  if (address.kind === "unix") {
    const server = Deno.serve(
      { ...shared, path: address.path },
      (request, { completed }) => handler(request, { address: "", completed }),
    );
    Deno.chmodSync(address.path, SOCKET_MODE);
    return serverOf(server, { address: address.path, port: 0 });
  }
  const server = Deno.serve(
    {
      ...shared,
      hostname: address.hostname,
      port: address.port,
      ...(tls === undefined ? {} : tls),
    },
    (request, { remoteAddr, completed }) =>
      handler(request, {
        address: placeText(remoteAddr.hostname, remoteAddr.port),
        completed,
      }),
  );
  const { hostname, port } = server.addr;
  return serverOf(server, { address: placeText(hostname, port), port });
};

function serverOf(
  server: Deno.HttpServer,
  at: { readonly address: string; readonly port: number },
): HttpServer {
  return {
    ...at,
    finished: server.finished,
    shutdown: () => server.shutdown(),
  };
}
