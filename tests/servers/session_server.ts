/**
 * A tool server by streamable HTTP that keeps sessions, and answers calls as a
 * test wants.
 *
 * @module
 */

import assert from "node:assert/strict";
import { systemHost } from "../../src/host/system.ts";
import { createToolHub, type ToolHub } from "../../src/mcp/hub.ts";
import type { ToolServer } from "../../src/mcp/server.ts";

/** How long a test waits for something to be so. */
export const PATIENCE_MS = 10_000;
type Message = {
  readonly id?: number;
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
};

/** A session of the server. */
export interface Served extends AsyncDisposable {
  readonly server: ToolServer;
  readonly hub: ToolHub;
  /** What it was asked, in order: `POST tools/call s1`. */
  readonly seen: string[];
  /** Forgets all sessions. */
  forget(): void;
  call(options?: {
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
    readonly onProgress?: (line: string) => void;
  }): Promise<string>;
  /** Waits until it was asked that. */
  until(start: string): Promise<void>;
}

/** Says what a call gives; otherwise it is done. */
export type Answer = (
  message: Message,
  reply: (result: unknown) => Record<string, unknown>,
) => Response | undefined;

/** Serves streamable HTTP with sessions; `answer` says what a call gives. */
export function serveSessions(
  answer: Answer,
  resume?: (lastEventId: string) => Response,
): Served {
  const seen: string[] = [];
  const sessions = new Set<string>();
  let count = 0;
  async function handle(request: Request): Promise<Response> {
    const session = request.headers.get("mcp-session-id") ?? "";
    const lastEventId = request.headers.get("last-event-id");
    if (request.method !== "POST") {
      seen.push(`${request.method} ${lastEventId ?? ""} ${session}`);
      if (request.method === "GET" && lastEventId !== null) {
        return resume?.(lastEventId) ?? new Response(null, { status: 405 });
      }
      if (request.method === "DELETE") sessions.delete(session);
      return new Response(null, {
        status: request.method === "DELETE" ? 200 : 405,
      });
    }
    const message: Message = await request.json();
    seen.push(`POST ${message.method} ${session}`);
    const reply = (result: unknown) => ({
      jsonrpc: "2.0",
      id: message.id,
      result,
    });
    if (message.method === "initialize") {
      const id = `s${++count}`;
      sessions.add(id);
      return Response.json(
        reply({
          protocolVersion: message.params?.["protocolVersion"],
          capabilities: { tools: {} },
          serverInfo: { name: "http", version: "1" },
        }),
        { headers: { "mcp-session-id": id } },
      );
    }
    if (!sessions.has(session)) return new Response(null, { status: 404 });
    if (message.id === undefined) return new Response(null, { status: 202 });
    if (message.method === "tools/list") {
      const tools = [{ name: "work", inputSchema: { type: "object" } }];
      return Response.json(reply({ tools }));
    }
    return answer(message, reply) ??
      Response.json(reply({ content: [{ type: "text", text: "done" }] }));
  }
  const listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    handle,
  );
  const hub = createToolHub({ host: systemHost() });
  const url = `http://127.0.0.1:${listener.addr.port}/mcp`;
  const server: ToolServer = {
    name: "web",
    enabledTools: [],
    transport: { kind: "http", url, headers: {} },
  };
  return {
    server,
    hub,
    seen,
    forget: () => sessions.clear(),
    async call({ timeoutMs = PATIENCE_MS, signal, onProgress } = {}) {
      const result = await hub.call({
        server,
        tool: "work",
        arguments: {},
        idempotencyKey: "key",
        timeoutMs,
        ...(onProgress === undefined ? {} : { onProgress }),
      }, {
        variables: {},
        workingDirectory: "/",
        signal: signal ?? new AbortController().signal,
      });
      return result.text;
    },
    async until(start) {
      for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += 10) {
        if (seen.some((it) => it.startsWith(start))) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assert.fail(`it was never asked "${start}", but ${seen.join("; ")}`);
    },
    async [Symbol.asyncDispose]() {
      await hub.close();
      await listener.shutdown();
    },
  };
}

/** A stream of events that stays open, or ends after them. */
export function events(
  texts: readonly string[],
  { ends = true }: { readonly ends?: boolean } = {},
): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const text of texts) {
        controller.enqueue(new TextEncoder().encode(`${text}\n\n`));
      }
      if (ends) controller.close();
    },
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream" },
  });
}
