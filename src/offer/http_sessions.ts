/**
 * Clients over HTTP that began with a handshake: each has a session, with a
 * server of its own.
 *
 * There are so many at the most; one that nobody used for long is ended, and
 * the one that was not used for longest makes room for a new one.
 *
 * @module
 */

import type {
  Server,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import type { Host } from "../host/host.ts";
import type { Line } from "./call.ts";
import { createEventStore } from "./event_store.ts";
import { refusal } from "./http_door.ts";
import type { Offer } from "./server.ts";

/** Sessions at once at the most. */
export const SESSIONS_MAX = 100;
/** How long a session is kept that has no request under way. */
export const SESSION_IDLE_MS_MAX: number = 60 * 60 * 1000;
/** How often it is looked for sessions that nobody uses. */
const SWEEP_MS: number = 60 * 1000;
/** When a client whose connection broke off comes back. */
const RETRY_MS = 1000;
const SESSION_HEADER = "mcp-session-id";
const ID_LENGTH = 32;

/** All sessions. */
export interface HttpSessions {
  /** Answers a request of a client that began, or begins, with a handshake. */
  answer(request: Request, completed: Promise<void>): Promise<Response>;
  /** How many there are. */
  readonly count: number;
  /** Ends them all. */
  close(): Promise<void>;
}

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly server: Server;
  readonly line: Line;
  readonly unsubscribe: () => void;
  /** Requests under way. */
  open: number;
  usedAtMs: number;
}

/** Makes room for sessions. */
export function createHttpSessions(
  offer: Offer,
  options: HttpSessionsOptions,
): HttpSessions {
  return new Sessions(offer, options);
}

interface HttpSessionsOptions {
  readonly host: Pick<Host, "clock" | "random">;
  readonly bodyBytesMax: number;
}

class Sessions implements HttpSessions {
  readonly #offer: Offer;
  readonly #options: HttpSessionsOptions;
  readonly #sessions = new Map<string, Session>();
  /** What came without a session, and is no session yet. */
  #beginning = 0;
  #isClosed = false;
  #stopSweep: () => void;

  constructor(offer: Offer, options: HttpSessionsOptions) {
    this.#offer = offer;
    this.#options = options;
    this.#stopSweep = this.#sweepLater();
  }

  get count(): number {
    return this.#sessions.size;
  }

  async answer(request: Request, completed: Promise<void>): Promise<Response> {
    const id = request.headers.get(SESSION_HEADER);
    if (id === null) return await this.#welcome(request, completed);
    const session = this.#sessions.get(id);
    if (session === undefined) {
      return refusal(404, "Session not found: begin a new one");
    }
    this.#use(session, completed);
    return await session.transport.handleRequest(request);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopSweep();
    const ids = [...this.#sessions.keys()];
    await Promise.all(ids.map((id) => this.#remove(id)));
  }

  /** Answers what comes without a session: a handshake begins one. */
  async #welcome(
    request: Request,
    completed: Promise<void>,
  ): Promise<Response> {
    if (this.#beginning >= SESSIONS_MAX) return tooMany();
    this.#beginning += 1;
    let session: Session | undefined;
    try {
      session = await this.#begin();
      this.#use(session, completed);
      const response = await session.transport.handleRequest(request);
      const wasHandshake = session.transport.sessionId !== undefined;
      return wasHandshake && !this.#has(session) ? tooMany() : response;
    } finally {
      this.#beginning -= 1;
      if (session !== undefined && !this.#has(session)) await end(session);
    }
  }

  async #begin(): Promise<Session> {
    const { WebStandardStreamableHTTPServerTransport: HttpTransport } =
      await import("@modelcontextprotocol/server");
    const { host: { clock, random }, bodyBytesMax } = this.#options;
    const { line, server } = await this.#offer.newServer({ era: "legacy" });
    const session: Session = {
      line,
      server,
      transport: new HttpTransport({
        sessionIdGenerator: () => random.bytes(ID_LENGTH).toHex(),
        maxRequestBodySize: bodyBytesMax,
        eventStore: createEventStore(),
        retryInterval: RETRY_MS,
        // Only now is it known to be a handshake: nothing else may end the
        // session of another.
        onsessioninitialized: (id) => {
          if (this.#makeRoom()) this.#sessions.set(id, session);
        },
        onsessionclosed: (id) => this.#remove(id),
      }),
      unsubscribe: this.#offer.changes.subscribe(() => {
        void server.sendToolListChanged().catch(() => {});
      }),
      open: 0,
      usedAtMs: clock.monotonic(),
    };
    await server.connect(session.transport);
    return session;
  }

  #has({ transport: { sessionId } }: Session): boolean {
    return sessionId !== undefined && this.#sessions.has(sessionId);
  }

  #makeRoom(): boolean {
    if (this.#isClosed) return false;
    if (this.#sessions.size < SESSIONS_MAX) return true;
    const [oldest] = [...this.#sessions].filter(([, it]) => it.open === 0)
      .toSorted(([, a], [, b]) => a.usedAtMs - b.usedAtMs);
    if (oldest === undefined) return false;
    void this.#remove(oldest[0]);
    return true;
  }

  #use(session: Session, completed: Promise<void>): void {
    session.open += 1;
    void completed.catch(() => {}).finally(() => {
      session.open -= 1;
      session.usedAtMs = this.#options.host.clock.monotonic();
    });
  }

  async #remove(id: string): Promise<void> {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    if (session !== undefined) await end(session);
  }

  #sweepLater(): () => void {
    const { clock } = this.#options.host;
    return clock.timer(SWEEP_MS, () => {
      const sinceMs = clock.monotonic() - SESSION_IDLE_MS_MAX;
      for (const [id, { open, usedAtMs }] of this.#sessions) {
        if (open === 0 && usedAtMs < sinceMs) void this.#remove(id);
      }
      this.#stopSweep = this.#sweepLater();
    });
  }
}

async function end({ line, server, unsubscribe }: Session): Promise<void> {
  unsubscribe();
  line.isClosing = true;
  await server.close();
}

function tooMany(): Response {
  return refusal(503, "There are too many sessions, try again later");
}
