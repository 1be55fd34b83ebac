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
  { host: { clock, random }, bodyBytesMax }: {
    readonly host: Pick<Host, "clock" | "random">;
    readonly bodyBytesMax: number;
  },
): HttpSessions {
  const sessions = new Map<string, Session>();
  const end = async (session: Session): Promise<void> => {
    session.unsubscribe();
    session.line.isClosing = true;
    await session.server.close();
  };
  const remove = async (id: string): Promise<void> => {
    const session = sessions.get(id);
    sessions.delete(id);
    if (session !== undefined) await end(session);
  };
  const makeRoom = async (): Promise<boolean> => {
    if (sessions.size < SESSIONS_MAX) return true;
    const [oldest] = [...sessions].filter(([, it]) => it.open === 0)
      .toSorted(([, a], [, b]) => a.usedAtMs - b.usedAtMs);
    if (oldest === undefined) return false;
    await remove(oldest[0]);
    return true;
  };
  const begin = async (): Promise<Session> => {
    const { WebStandardStreamableHTTPServerTransport: HttpTransport } =
      await import("@modelcontextprotocol/server");
    const { line, server } = await offer.newServer({ era: "legacy" });
    const session: Session = {
      line,
      server,
      transport: new HttpTransport({
        sessionIdGenerator: () => random.bytes(ID_LENGTH).toHex(),
        maxRequestBodySize: bodyBytesMax,
        eventStore: createEventStore(),
        retryInterval: RETRY_MS,
        onsessioninitialized: (id) => void sessions.set(id, session),
        onsessionclosed: (id) => remove(id),
      }),
      unsubscribe: offer.changes.subscribe(() => {
        void server.sendToolListChanged().catch(() => {});
      }),
      open: 0,
      usedAtMs: clock.monotonic(),
    };
    await server.connect(session.transport);
    return session;
  };
  let stop = (): void => {};
  const sweep = (): void => {
    const sinceMs = clock.monotonic() - SESSION_IDLE_MS_MAX;
    for (const [id, { open, usedAtMs }] of sessions) {
      if (open === 0 && usedAtMs < sinceMs) void remove(id);
    }
    stop = clock.timer(SWEEP_MS, sweep);
  };
  sweep();
  return {
    async answer(request, completed) {
      const id = request.headers.get(SESSION_HEADER);
      const known = id === null ? undefined : sessions.get(id);
      if (id !== null && known === undefined) {
        return refusal(404, "Session not found: begin a new one");
      }
      if (known === undefined && !await makeRoom()) {
        return refusal(503, "There are too many sessions, try again later");
      }
      const session = known ?? await begin();
      session.open += 1;
      void completed.catch(() => {}).finally(() => {
        session.open -= 1;
        session.usedAtMs = clock.monotonic();
      });
      const response = await session.transport.handleRequest(request);
      // What was no handshake begins no session.
      if (session.transport.sessionId === undefined) await end(session);
      return response;
    },
    get count() {
      return sessions.size;
    },
    async close() {
      stop();
      await Promise.all([...sessions.keys()].map(remove));
    },
  };
}
