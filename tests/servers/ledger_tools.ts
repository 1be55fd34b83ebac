/**
 * A tool server over HTTP on loopback that outlives who calls it, and keeps a
 * ledger of all that was done: one tool only reads, one may be called twice,
 * one may not.
 *
 * @module
 */

import { IDEMPOTENCY_META } from "../../src/mcp/connection.ts";

/** A call that was carried out. */
export interface LedgerEntry {
  /** `look`, `put` or `book`. */
  readonly tool: string;
  /** Its argument `text`. */
  readonly text: string;
  readonly idempotencyKey: string;
}

/** A running server. */
export interface LedgerTools extends AsyncDisposable {
  /** Of its endpoint. */
  readonly url: string;
  readonly ledger: readonly LedgerEntry[];
}

const TOOLS = [
  { name: "look", annotations: { readOnlyHint: true } },
  { name: "put", annotations: { idempotentHint: true } },
  { name: "book", annotations: {} },
].map((tool) => ({
  ...tool,
  description: `Does ${tool.name}`,
  inputSchema: { type: "object", properties: { text: { type: "string" } } },
}));

/**
 * Starts it.
 *
 * @param before Waited for before a call is answered; it stands in the ledger.
 */
export function startLedgerTools(
  before: (entry: LedgerEntry) => Promise<void> | void = () => {},
): LedgerTools {
  const ledger: LedgerEntry[] = [];
  const closed = Promise.withResolvers<void>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      if (request.method !== "POST") return new Response("", { status: 405 });
      const { id, method, params } = await request.json();
      if (id === undefined) return new Response(null, { status: 202 });
      const answer = (result: unknown): Response =>
        Response.json({ jsonrpc: "2.0", id, result });
      if (method === "initialize") {
        return answer({
          protocolVersion: params.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: "ledger", version: "1.0.0" },
        });
      }
      if (method === "tools/list") return answer({ tools: TOOLS });
      if (method !== "tools/call") return answer({});
      const entry: LedgerEntry = {
        tool: String(params.name),
        text: String(params.arguments?.text),
        idempotencyKey: String(params._meta?.[IDEMPOTENCY_META]),
      };
      ledger.push(entry);
      // What nobody lets go on would keep the server from its end.
      await Promise.race([before(entry), closed.promise]);
      const text = `${entry.tool} did ${entry.text}`;
      return answer({ content: [{ type: "text", text }] });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/mcp`,
    ledger,
    [Symbol.asyncDispose]: () => {
      closed.resolve();
      return server.shutdown();
    },
  };
}
