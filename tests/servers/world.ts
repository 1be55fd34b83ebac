/**
 * A world that a test serves by itself: the real machine, but for the network,
 * in which named hosts are answered on the loopback and all others are not
 * there. Definitions keep the addresses that they are written with. Nothing in
 * it runs containers, whatever there is on the machine.
 *
 * @module
 */

import type { Host } from "../../src/host/host.ts";
import { systemHost } from "../../src/host/system.ts";

/**
 * Answers a request to a host; `url` is the address as it was asked for, and
 * the signal is aborted at the end of the world.
 */
export type Answer = (
  request: Request,
  url: URL,
  signal: AbortSignal,
) => Response | Promise<Response>;

/** What there is in a world. */
export interface WorldOptions {
  /** Who answers, by the name of the host. */
  readonly hosts: Readonly<Record<string, Answer>>;
  /** Contents by their whole addresses; they come before hosts. */
  readonly files?: Readonly<Record<string, string>>;
  /** Paths of programs, in the place of those of the machine. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Environment variables over those of this process. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** An open world; `await using` ends it. */
export interface World extends AsyncDisposable {
  readonly host: Host;
}

/** Programs that are not there. */
const MISSING: readonly string[] = ["docker", "podman"];
/** Tells the server which address was asked for. */
const ADDRESS_HEADER = "x-world-address";
const TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  yaml: "application/yaml",
};

/** Opens a world on a port of the loopback. */
export function openWorld(options: WorldOptions): World {
  const end = new AbortController();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => answerIn(options, request, end.signal),
  );
  const base = `http://127.0.0.1:${server.addr.port}`;
  const machine = systemHost();
  const { variables = {}, programs = {} } = options;
  return {
    host: {
      ...machine,
      env: {
        get: (name) =>
          Object.hasOwn(variables, name)
            ? variables[name]
            : machine.env.get(name),
      },
      processes: {
        ...machine.processes,
        find: (command) =>
          Object.hasOwn(programs, command)
            ? programs[command]
            : MISSING.includes(command)
            ? undefined
            : machine.processes.find(command),
      },
      network: {
        ...machine.network,
        fetch: (request) => machine.network.fetch(redirected(request, base)),
        openSocket(url, socket) {
          const { pathname, search } = new URL(url);
          const moved = new URL(`${pathname}${search}`, base);
          moved.protocol = "ws:";
          return machine.network.openSocket(moved.href, {
            ...socket,
            headers: { ...socket.headers, [ADDRESS_HEADER]: url },
          });
        },
      },
    },
    async [Symbol.asyncDispose]() {
      end.abort("The world has ended");
      await server.shutdown();
    },
  };
}

/** The same request to the server of the world; the loopback is left alone. */
function redirected(request: Request, base: string): Request {
  const url = new URL(request.url);
  if (url.hostname === "127.0.0.1" || url.hostname === "localhost") {
    return request;
  }
  const moved = new Request(
    new URL(`${url.pathname}${url.search}`, base),
    request,
  );
  moved.headers.set(ADDRESS_HEADER, request.url);
  return moved;
}

async function answerIn(
  options: WorldOptions,
  request: Request,
  signal: AbortSignal,
): Promise<Response> {
  const asked = new URL(request.headers.get(ADDRESS_HEADER) ?? request.url);
  // A redirect leads to another path of the host that was asked.
  const { pathname, search } = new URL(request.url);
  const url = new URL(`${pathname}${search}`, asked);
  const { files = {}, hosts } = options;
  const content = Object.hasOwn(files, url.href) ? files[url.href] : undefined;
  if (content !== undefined) {
    const type = TYPES[url.pathname.split(".").at(-1) ?? ""] ?? "text/plain";
    return new Response(content, { headers: { "content-type": type } });
  }
  const answer = Object.hasOwn(hosts, url.hostname)
    ? hosts[url.hostname]
    : undefined;
  if (answer !== undefined) {
    return await answer(request, url, signal);
  }
  return new Response(`No host "${url.hostname}" is served here`, {
    status: 502,
  });
}
