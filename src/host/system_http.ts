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
  const make = (): Deno.HttpClient =>
    Deno.createHttpClient({
      ...(caCerts === undefined ? {} : { caCerts: [...caCerts] }),
      ...(unixPath === undefined
        ? {}
        : { proxy: { transport: "unix", path: unixPath } }),
      ...(direct === undefined
        ? {}
        : { proxy: { transport: "tcp", ...direct } }),
    });
  const hasOneWay = direct !== undefined || unixPath !== undefined;
  const client = hasOneWay ? withoutExceptions(make) : make();
  return {
    fetch: (request) => fetch(request, { client }),
    reach: (url, signal) => reach(url, { ...options, signal }),
    close: () => client.close(),
  };
};

const EXCEPTIONS = ["NO_PROXY", "no_proxy"];

/**
 * Makes a client while the variables are away by which Deno would lead some
 * hosts past the way that the client has: it reads them when it makes one.
 */
function withoutExceptions(make: () => Deno.HttpClient): Deno.HttpClient {
  const before = EXCEPTIONS.map((name) => [name, ownVariable(name)] as const);
  const there = before.filter(([, text]) => text !== undefined);
  try {
    for (const [name] of there) Deno.env.delete(name);
    return make();
  } finally {
    for (const [name, text = ""] of there) Deno.env.set(name, text);
  }
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  "http:": 80,
  "https:": 443,
  "socks5:": 1080,
  "socks5h:": 1080,
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
  const { protocol } = new URL(url);
  const proxy = direct === undefined ? proxyOf(protocol) : "";
  const isDirect = proxy === "" || variable("NO_PROXY") !== "";
  // Which way `fetch` takes it alone knows: one that is there will do.
  const ways = [proxy, isDirect ? url : ""].filter((it) => it !== "");
  try {
    await Promise.any(ways.map((it) => connectTo(it, signal)));
  } catch (error) {
    // Why the first way leads nowhere says more than that none does.
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

async function connectTo(url: string, signal: AbortSignal): Promise<void> {
  const { protocol, hostname, port } = new URL(url);
  const connection = await Deno.connect({
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? DEFAULT_PORTS[protocol] ?? 443 : Number(port),
    signal,
  });
  connection.close();
}

/** The proxy that `fetch` may go by, as its variables have it; or none. */
function proxyOf(protocol: string): string {
  const own = protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const text = variable(own) || variable("ALL_PROXY");
  return text === "" || /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? text
    : `http://${text}`;
}

function variable(name: string): string {
  return ownVariable(name.toLowerCase()) || ownVariable(name) || "";
}

function ownVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined; // Who may not read it has none.
  }
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
