/**
 * The transport of tool servers by streamable HTTP, with what the SDK's own
 * leaves to those who use it: a session is ended, a cancellation arrives
 * before the connection goes, and a stream that breaks off is told of.
 *
 * @module
 */

import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import type { Clock, Network } from "../host/host.ts";
import { DEADLINE_MS_MAX } from "../model/limits.ts";
import { fetchWithinOrigin } from "./http_fetch.ts";
import { within } from "./within.ts";

/** What a call is answered with here whose stream ended without an answer. */
export const STREAM_ENDED_CODE = -32098;
/** What JSON-RPC says of a message that cannot be read. */
const PARSE_ERROR_CODE = -32700;
/** How long a notification may take to arrive before the connection goes. */
const NOTICE_MS_MAX = 1000;
/** How long the end of a session may take. */
const SESSION_END_MS_MAX = 1000;
/** How a stream that broke off is taken up again, where the server can. */
const RECONNECTION = {
  initialReconnectionDelay: 500,
  maxReconnectionDelay: 10_000,
  reconnectionDelayGrowFactor: 2,
  maxRetries: 4,
} as const;

/** How soon a stream is taken up again at the earliest. */
const RECONNECT_MS_MIN = 100;

/** A transport with what is to be known of it besides its messages. */
export interface HttpLink {
  readonly transport: Transport;
  /** Whether the server has forgotten the session. */
  readonly hasExpired: boolean;
  /** Ends the session; resolves also where the server does not answer. */
  end(): Promise<void>;
}

/** How a server is reached. */
export interface HttpLinkOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly network: Pick<Network, "fetch">;
  /** Makes its requests, as with a token; default within its origin. */
  readonly fetch?: ReturnType<typeof fetchWithinOrigin>;
  /** Hides what is secret in each message that comes. */
  readonly conceal?: (message: JSONRPCMessage) => JSONRPCMessage;
  /** Waits for what its requests have begun and must not break off. */
  readonly settled?: () => Promise<unknown>;
}

/** Makes the transport to a server. */
export async function openHttpLink(
  { url, headers, clock, network, ...more }: HttpLinkOptions,
): Promise<HttpLink> {
  const { StreamableHTTPClientTransport } = await import(
    "@modelcontextprotocol/client"
  );
  const timers = new Set<() => void>();
  const notices = new Set<Promise<unknown>>();
  const fetching = more.fetch ?? fetchWithinOrigin(network);
  let hasExpired = false;
  const transport = new StreamableHTTPClientTransport(url, {
    requestInit: { headers: { ...headers } },
    async fetch(address, init) {
      const response = await fetching(address, init);
      hasExpired ||= response.status === 404 && isOfSession(init);
      return response;
    },
    reconnectionOptions: RECONNECTION,
    reconnectionScheduler(reconnect, delayMs) {
      const stop = clock.timer(reconnectDelayMs(delayMs), () => {
        timers.delete(stop);
        reconnect();
      });
      timers.add(stop);
      return stop;
    },
  });
  concealIn(transport, more.conceal);
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    const sending = send(message, {
      ...options,
      onRequestStreamEnd: () => tellEnd(transport, message),
    });
    if (!isRequest(message)) {
      const noted = sending.catch(() => {}).finally(() =>
        notices.delete(noted)
      );
      notices.add(noted);
    }
    return sending;
  };
  return {
    transport,
    get hasExpired() {
      return hasExpired;
    },
    async end() {
      const begun = [...notices, more.settled?.()];
      await within(clock, Promise.all(begun), NOTICE_MS_MAX);
      for (const stop of timers) stop();
      if (hasExpired || transport.sessionId === undefined) return;
      const ending = transport.terminateSession().catch(() => {});
      await within(clock, ending, SESSION_END_MS_MAX);
    },
  };
}

/**
 * How long to wait before a stream is taken up again: as long as its server
 * says, but for one that would be asked without a pause, or never.
 */
export function reconnectDelayMs(askedMs: number): number {
  return Math.min(Math.max(askedMs, RECONNECT_MS_MIN), DEADLINE_MS_MAX);
}

/** Hands on what comes with what is secret in it hidden, whoever reads it. */
function concealIn(
  transport: Transport,
  conceal: HttpLinkOptions["conceal"],
): void {
  if (conceal === undefined) return;
  type Reader = NonNullable<Transport["onmessage"]>;
  let reader: Reader | undefined;
  const read: Reader = (message, extra) => {
    const shown = concealed(message, conceal);
    if (shown !== undefined) reader?.(shown, extra);
  };
  Object.defineProperty(transport, "onmessage", {
    get: () => reader === undefined ? undefined : read,
    set: (next: Reader | undefined) => void (reader = next),
  });
}

/** What may be seen of a message; of one that cannot be looked through, none. */
function concealed(
  message: JSONRPCMessage,
  conceal: (message: JSONRPCMessage) => JSONRPCMessage,
): JSONRPCMessage | undefined {
  try {
    return conceal(message);
  } catch (error) {
    // The stack is full: it is nested more deeply than can be gone into.
    if (!(error instanceof RangeError)) throw error;
    if (!("id" in message) || message.id === undefined) return undefined;
    const about = "it sent JSON that is nested too deeply";
    return "method" in message
      ? undefined
      : failed(message.id, { code: PARSE_ERROR_CODE, message: about });
  }
}

function failed(
  id: string | number,
  error: { readonly code: number; readonly message: string },
): JSONRPCMessage {
  return { jsonrpc: "2.0", id, error };
}

function isOfSession(init: RequestInit | undefined): boolean {
  return new Headers(init?.headers).has("mcp-session-id");
}

type Outgoing = JSONRPCMessage | readonly JSONRPCMessage[];

function isRequest(message: Outgoing): boolean {
  return "id" in message && "method" in message;
}

/** Whoever waits for an answer is told that none comes; others do not mind. */
function tellEnd(transport: Transport, message: Outgoing): void {
  if (!("id" in message) || message.id === undefined) return;
  transport.onmessage?.(failed(message.id, {
    code: STREAM_ENDED_CODE,
    message: "its answer broke off",
  }));
}
