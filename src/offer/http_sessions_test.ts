import { strictEqual } from "node:assert/strict";
import { Server } from "@modelcontextprotocol/server";
import { type FakeHost, fakeHost } from "../host/fake.ts";
import { GREETING } from "../../tests/servers/offered_tools.ts";
import { until } from "../../tests/until.ts";
import {
  createHttpSessions,
  type HttpSessions,
  SESSION_IDLE_MS_MAX,
  SESSIONS_MAX,
} from "./http_sessions.ts";

const MINUTE_MS = 60_000;
const HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};

/** Sessions of servers that have no tools. */
interface Scene {
  readonly host: FakeHost;
  readonly sessions: HttpSessions;
  /** How many servers want to be told of changes. */
  subscribers(): number;
  /** Shakes hands; gives the id of the session, or the status of a refusal. */
  greet(completed?: Promise<void>): Promise<string | number>;
  /** Says something in a session; gives the status. */
  ping(id: string, completed?: Promise<void>): Promise<number>;
}

function createScene(): Scene {
  const host = fakeHost();
  let subscribers = 0;
  const sessions = createHttpSessions({
    newServer: () =>
      Promise.resolve({
        server: new Server({ name: "t", version: "1" }, {
          capabilities: { tools: {} },
        }),
        line: { era: "legacy", isClosing: false, canElicit: () => false },
      }),
    changes: {
      subscribe() {
        subscribers += 1;
        return () => void (subscribers -= 1);
      },
    },
    idleGlobs: () => Promise.resolve([]),
    settled: () => Promise.resolve(),
  }, { host, bodyBytesMax: 1024 });
  const post = async (
    message: object,
    { completed = Promise.resolve(), headers = {} }: {
      readonly completed?: Promise<void> | undefined;
      readonly headers?: Readonly<Record<string, string>>;
    },
  ): Promise<Response> => {
    const response = await sessions.answer(
      new Request("http://localhost/mcp", {
        method: "POST",
        headers: { ...HEADERS, ...headers },
        body: JSON.stringify({ jsonrpc: "2.0", ...message }),
      }),
      completed,
    );
    await response.body?.cancel();
    return response;
  };
  return {
    host,
    sessions,
    subscribers: () => subscribers,
    async greet(completed) {
      const { headers, status } = await post(GREETING, { completed });
      return headers.get("mcp-session-id") ?? status;
    },
    async ping(id, completed) {
      const headers = { "mcp-session-id": id };
      const { status } = await post({ id: 2, method: "ping" }, {
        completed,
        headers,
      });
      return status;
    },
  };
}

Deno.test("a session that nobody used for an hour ends, one with a request under way does not", async () => {
  const { greet, host, ping, sessions, subscribers } = createScene();
  const under = Promise.withResolvers<void>();
  const [idle, used, busy] = [await greet(), await greet(), await greet()];
  strictEqual(await ping(String(busy), under.promise), 200);
  host.clock.advance(SESSION_IDLE_MS_MAX - MINUTE_MS);
  strictEqual(await ping(String(used)), 200);
  strictEqual(sessions.count, 3);
  host.clock.advance(3 * MINUTE_MS);
  strictEqual(sessions.count, 2);
  strictEqual(await ping(String(idle)), 404);
  strictEqual(await ping(String(used)), 200);
  host.clock.advance(SESSION_IDLE_MS_MAX + 2 * MINUTE_MS);
  strictEqual(sessions.count, 1);
  under.resolve();
  await until(() => {
    host.clock.advance(SESSION_IDLE_MS_MAX);
    return sessions.count === 0;
  });
  strictEqual(subscribers(), 0);
  await sessions.close();
  strictEqual(host.clock.nextTimerAtMs(), undefined);
});

Deno.test("with as many sessions as there may be a new one ends the one that was not used for longest", async () => {
  const { greet, host, ping, sessions, subscribers } = createScene();
  const ids: string[] = [];
  for (let i = 0; i < SESSIONS_MAX; i++) {
    ids.push(String(await greet()));
    host.clock.advance(1);
  }
  const [first = "", second = "", third = ""] = ids;
  strictEqual(await ping(first), 200);
  const under = Promise.withResolvers<void>();
  strictEqual(await ping(second, under.promise), 200);
  strictEqual(typeof await greet(), "string");
  strictEqual(sessions.count, SESSIONS_MAX);
  strictEqual(subscribers(), SESSIONS_MAX);
  strictEqual(await ping(third), 404);
  strictEqual(await ping(first), 200);
  strictEqual(await ping(second), 200);
  under.resolve();
  await sessions.close();
});

Deno.test("sessions that all have a request under way make no room", async () => {
  const { greet, ping, sessions, subscribers } = createScene();
  const under = Promise.withResolvers<void>();
  const ids: string[] = [];
  for (let i = 0; i < SESSIONS_MAX; i++) {
    ids.push(String(await greet(under.promise)));
  }
  strictEqual(await greet(), 503);
  strictEqual(sessions.count, SESSIONS_MAX);
  strictEqual(subscribers(), SESSIONS_MAX);
  strictEqual(await ping(ids[0] ?? ""), 200);
  under.resolve();
  await sessions.close();
  strictEqual(subscribers(), 0);
});

Deno.test("handshakes that come all at once begin no more sessions than there may be", async () => {
  const { greet, sessions, subscribers } = createScene();
  const under = Promise.withResolvers<void>();
  const begun = await Promise.all(
    Array.from({ length: SESSIONS_MAX + 50 }, () => greet(under.promise)),
  );
  strictEqual(begun.filter((it) => it === 503).length, 50);
  strictEqual(sessions.count, SESSIONS_MAX);
  strictEqual(subscribers(), SESSIONS_MAX);
  under.resolve();
  await sessions.close();
});

Deno.test("what is no handshake ends nobody's session and leaves none", async () => {
  const { greet, ping, sessions, subscribers } = createScene();
  const first = String(await greet());
  for (let i = 1; i < SESSIONS_MAX; i++) await greet();
  for (
    const request of [
      new Request("http://localhost/mcp", { headers: HEADERS }),
      new Request("http://localhost/mcp", {
        method: "POST",
        headers: HEADERS,
        body: "no message",
      }),
    ]
  ) {
    const response = await sessions.answer(request, Promise.resolve());
    strictEqual(response.status, 400);
    await response.body?.cancel();
  }
  strictEqual(await ping(first), 200);
  strictEqual(sessions.count, SESSIONS_MAX);
  strictEqual(subscribers(), SESSIONS_MAX);
  await sessions.close();
});
