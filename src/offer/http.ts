/**
 * Serves clients over streamable HTTP: those that begin with a handshake and
 * have a session, and those of 2026 and later that have none.
 *
 * @module
 */

import type { Host, ServeHttpOptions } from "../host/host.ts";
import type { Line } from "./call.ts";
import { MCP_PATH, openDoor } from "./http_door.ts";
import { createHttpSessions } from "./http_sessions.ts";
import type { Offer } from "./server.ts";

/** Bytes of one request at the most. */
export const REQUEST_SIZE_BYTES_MAX: number = 32 * 1024 * 1024;
/** How long responses under way may take once it ends. */
const END_MS_MAX = 5000;

/** Where it is served, and to whom. */
export interface HttpOptions {
  readonly host: Pick<Host, "clock" | "network" | "random">;
  readonly address: ServeHttpOptions["address"];
  /** What clients must send; needed beyond this machine. */
  readonly token?: string;
  /** Ends it: what calls began is cancelled, but for what waits for a person. */
  readonly signal: AbortSignal;
  readonly onListening: (url: string) => void;
  readonly onError: (error: Error) => void;
}

/** Serves until the signal is aborted. */
export async function serveHttp(
  offer: Offer,
  options: HttpOptions,
): Promise<void> {
  const { address, host, onError, signal, token } = options;
  const { clock, network } = host;
  const door = openDoor({
    address,
    ...(token === undefined ? {} : { token }),
  });
  const mcp = await import("@modelcontextprotocol/server");
  const size = { maxRequestBodySize: REQUEST_SIZE_BYTES_MAX };
  const sessions = createHttpSessions(offer, {
    host,
    bodyBytesMax: REQUEST_SIZE_BYTES_MAX,
  });
  const lines = new Set<Line>();
  const sessionless = mcp.createMcpHandler(async () => {
    const { line, server } = await offer.newServer({ era: "modern" });
    lines.add(line);
    server.onclose = () => void lines.delete(line);
    return server;
  }, { legacy: "reject", onerror: onError, ...size });
  const unsubscribe = offer.changes.subscribe(() =>
    sessionless.notify.toolsChanged()
  );
  const end = new AbortController();
  const server = network.serveHttp(
    { address, signal: end.signal },
    async (request, { completed }) => {
      const refused = door.refuse(request);
      if (refused !== undefined) return refused;
      return await mcp.isLegacyRequest(request, undefined, size)
        ? await sessions.answer(request, completed)
        : await sessionless.fetch(request);
    },
  );
  options.onListening(
    address.kind === "unix"
      ? `unix:${server.address}, ${MCP_PATH}`
      : `http://${server.address}${MCP_PATH}`,
  );
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  if (signal.aborted) resolve();
  await stopped;
  unsubscribe();
  for (const line of lines) line.isClosing = true;
  await Promise.all([sessions.close(), sessionless.close()]);
  await offer.settled();
  const stop = clock.timer(END_MS_MAX, () => end.abort());
  await server.shutdown();
  stop();
}
